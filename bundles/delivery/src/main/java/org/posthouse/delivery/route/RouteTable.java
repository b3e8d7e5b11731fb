// SPDX-License-Identifier: Apache-2.0
package org.posthouse.delivery.route;

import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.posthouse.mailauth.domain.DomainName;

/** The configured routes, ready to be asked: the most specific wins, then the first one configured. */
final class RouteTable {
    private final Map<String, Rule> exact = new HashMap<>();
    private final Map<String, Rule> below = new HashMap<>();

    RouteTable(Collection<Rule> rules) {
        List<Rule> ordered =
                rules.stream().sorted(Comparator.comparingLong(Rule::order)).toList();
        for (Rule rule : ordered) {
            for (String domain : rule.domains()) {
                if (domain.equals("*")) {
                    below.putIfAbsent("", rule);
                } else if (domain.startsWith("*.")) {
                    below.putIfAbsent(ascii(domain.substring(2)), rule);
                } else {
                    exact.putIfAbsent(ascii(domain), rule);
                }
            }
        }
    }

    /** The rule for a domain: exact, then the longest wildcard, then {@code *}. */
    Optional<Rule> find(String domain) {
        String name = ascii(domain);
        Rule rule = exact.get(name);
        if (rule == null && !name.startsWith("[")) {
            for (int dot = name.indexOf('.'); dot >= 0 && rule == null; dot = name.indexOf('.', dot + 1)) {
                rule = below.get(name.substring(dot + 1));
            }
        }
        return Optional.ofNullable(rule == null ? below.get("") : rule);
    }

    private static String ascii(String domain) {
        boolean plain = domain.chars().allMatch(c -> c < 128);
        // What is no name in DNS may still be written just like this in the configuration.
        return plain ? domain : DomainName.ascii(domain).orElse(domain);
    }
}
