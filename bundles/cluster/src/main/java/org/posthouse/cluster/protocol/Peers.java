// SPDX-License-Identifier: Apache-2.0
package org.posthouse.cluster.protocol;

import java.util.function.Consumer;

/** The way to the other members. */
public interface Peers {
    /**
     * Sends a frame. The answer comes at most once and never before this returns; {@link Answer.Unknown} when none
     * came in time. Frames may be lost, doubled, late and out of order.
     */
    void send(Frame frame, Consumer<Response> answer);
}
