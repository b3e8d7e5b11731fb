// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.dmarc;

import java.util.HashMap;
import java.util.Map;
import org.posthouse.mailauth.domain.DomainName;

/** Which action is taken for which domain: the one that is configured for it or nearest above it, else that for all. */
final class Actions {
    private final Action general;
    private final Map<String, Action> domains = new HashMap<>();

    /**
     * What the operator wants.
     *
     * @param general for all domains
     * @param overrides such as {@code example.org=enforce}
     * @throws IllegalArgumentException when one can not be read: to leave it out would do what nobody asked for
     */
    Actions(String general, String[] overrides) {
        this.general = action(general, general);
        for (String override : overrides) {
            int equals = override.indexOf('=');
            String domain = DomainName.ascii(
                            override.substring(0, Math.max(0, equals)).strip())
                    .orElseThrow(() -> new IllegalArgumentException("Not domain=action: " + override));
            domains.put(domain, action(override.substring(equals + 1).strip(), override));
        }
    }

    private static Action action(String word, String whole) {
        return Action.of(word)
                .orElseThrow(() -> new IllegalArgumentException(
                        "Not an action, which are enforce, quarantineOnly and report: " + whole));
    }

    Action of(String domain) {
        for (int labels = domains.isEmpty() ? 0 : Labels.count(domain); labels > 0; labels--) {
            Action action = domains.get(Labels.last(domain, labels));
            if (action != null) {
                return action;
            }
        }
        return general;
    }
}
