// SPDX-License-Identifier: Apache-2.0
package org.posthouse.delivery.notice;

import org.posthouse.api.Reply;
import org.posthouse.queue.spi.NoticeWriter.Action;

/** The fields of RFC 3464 2.3 that follow from a reply. */
final class Status {
    private Status() {}

    /** The Status field: the host's own where it gave one that fits the action, else what is known of the class. */
    static String code(Reply reply, Action action) {
        if (!reply.enhanced().isEmpty()) {
            return reply.enhanced();
        }
        return switch (reply.code() / 100) {
            case 2 -> "2.0.0";
            // RFC 3463 3.5: the problem itself is not known, only that it lasted too long.
            case 4 -> action == Action.FAILED ? "4.4.7" : "4.0.0";
            default -> "5.0.0";
        };
    }

    static String word(Action action) {
        return switch (action) {
            case FAILED -> "failed";
            case DELAYED -> "delayed";
            case DELIVERED -> "delivered";
            case RELAYED -> "relayed";
            case EXPANDED -> "expanded";
        };
    }

    /** The name of the host without address and port. */
    static String hostName(String label) {
        int bracket = label.indexOf('[');
        String name = bracket < 0 ? label : label.substring(0, bracket);
        return name.isEmpty() ? label : name;
    }
}
