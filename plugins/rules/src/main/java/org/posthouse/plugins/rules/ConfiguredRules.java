// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.rules;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.posthouse.conditions.RuleException;

/** The rules of the configuration. */
final class ConfiguredRules {
    private ConfiguredRules() {}

    /**
     * Reads them all.
     *
     * @throws IllegalArgumentException when one is none; the message has all findings with number and column
     */
    static List<Rule> parse(String[] texts) {
        List<Rule> rules = new ArrayList<>();
        List<String> findings = new ArrayList<>();
        Map<String, Integer> seen = new HashMap<>();
        for (int number = 1; number <= texts.length; number++) {
            try {
                Rule rule = RuleParser.parse(texts[number - 1]);
                Integer same = seen.putIfAbsent(rule.id(), number);
                if (same != null) {
                    findings.add("rule " + number + " is the same as rule " + same);
                }
                rules.add(rule);
            } catch (RuleException e) {
                findings.add("rule " + number + ", " + e.getMessage());
            }
        }
        if (!findings.isEmpty()) {
            throw new IllegalArgumentException("rules: " + String.join("; ", findings));
        }
        return List.copyOf(rules);
    }
}
