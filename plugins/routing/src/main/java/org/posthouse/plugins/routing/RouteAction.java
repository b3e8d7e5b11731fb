// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.routing;

import java.util.List;
import org.posthouse.api.Address;
import org.posthouse.api.Reply;

/** What a rule does with a recipient. None accepts: a rule can not open the relay. */
sealed interface RouteAction {
    /** The word that begins it, for metrics. */
    String word();

    /** The client is refused. */
    record Reject(Reply reply) implements RouteAction {
        @Override
        public String word() {
            return "reject";
        }
    }

    /** The recipient's envelope is held. */
    record Quarantine() implements RouteAction {
        @Override
        public String word() {
            return "quarantine";
        }
    }

    /**
     * Others get it.
     *
     * @param targets who; a local part {@code *} is the one of the recipient
     * @param keeps whether the recipient gets it as well
     * @param rewrites whether the reverse-path is rewritten: forward, not redirect
     */
    record Move(List<Address> targets, boolean keeps, boolean rewrites) implements RouteAction {
        public Move {
            targets = List.copyOf(targets);
        }

        /** Who gets what was sent to this recipient. */
        List<Address> targets(Address recipient) {
            return targets.stream()
                    .map(target ->
                            target.local().equals("*") ? new Address(recipient.local(), target.domain()) : target)
                    .distinct()
                    .toList();
        }

        @Override
        public String word() {
            return rewrites ? "forward" : "redirect";
        }
    }

    /** The recipient is delivered to, whatever the rules behind say. */
    record Deliver() implements RouteAction {
        @Override
        public String word() {
            return "deliver";
        }
    }
}
