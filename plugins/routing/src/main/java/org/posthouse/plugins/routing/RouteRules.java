// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.routing;

import java.util.List;
import java.util.Optional;
import org.posthouse.conditions.Scene;

/** The rules in their order, of which the first that applies decides about a recipient. */
final class RouteRules {
    private final List<RouteRule> rules;

    RouteRules(List<RouteRule> rules) {
        this.rules = List.copyOf(rules);
    }

    boolean none() {
        return rules.isEmpty();
    }

    boolean rewrite() {
        return rules.stream().anyMatch(rule -> rule.action() instanceof RouteAction.Move move && move.rewrites());
    }

    /** The rule that decides, as far as it can be told without the message: behind one that can not, nothing is certain. */
    Optional<RouteRule> early(Scene scene) {
        for (RouteRule rule : rules) {
            if (rule.late()) {
                return Optional.empty();
            }
            if (rule.applies(scene)) {
                return Optional.of(rule);
            }
        }
        return Optional.empty();
    }

    /** The rule that decides, with the message. */
    Optional<RouteRule> of(Scene scene) {
        return rules.stream().filter(rule -> rule.applies(scene)).findFirst();
    }
}
