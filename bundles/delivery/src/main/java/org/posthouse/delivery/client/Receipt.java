// SPDX-License-Identifier: Apache-2.0
package org.posthouse.delivery.client;

import java.util.List;
import org.posthouse.api.Reply;

/**
 * How a transaction ended.
 *
 * @param lines one for each recipient, in order
 * @param withdrawn whether the intent was refused: nothing was handed over to those that were accepted
 */
public record Receipt(List<Line> lines, boolean withdrawn) {
    public Receipt {
        lines = List.copyOf(lines);
    }

    /**
     * The reply that decided a recipient.
     *
     * @param reply the reply
     * @param said whether the other side said it; else we came to it ourselves
     * @param notifies whether the other side took over the duty of success notices
     * @param crowded whether it was refused only because there were too many in one transaction (RFC 5321 4.5.3.1.10)
     */
    public record Line(Reply reply, boolean said, boolean notifies, boolean crowded) {}
}
