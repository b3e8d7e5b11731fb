// SPDX-License-Identifier: Apache-2.0
package org.posthouse.pipeline.spi;

import org.jspecify.annotations.Nullable;
import org.posthouse.api.Reply;

/**
 * What a stage decided after all its hooks were asked.
 *
 * @param action what to do
 * @param reply what to tell the client for REFUSE and DISCONNECT, else null
 * @param hook the hook that decided, or empty
 * @param reason why, for the log alone
 */
public record Decision(Action action, @Nullable Reply reply, String hook, String reason) {
    /** Go on. */
    public static final Decision PROCEED = new Decision(Action.PROCEED, null, "", "");

    /** What to do. */
    public enum Action {
        PROCEED,
        REFUSE,
        DISCONNECT,
        DISCARD,
        HOLD
    }

    /** Whether the client is refused. */
    public boolean refuses() {
        return action == Action.REFUSE || action == Action.DISCONNECT;
    }
}
