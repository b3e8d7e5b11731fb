// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.greylisting;

import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import org.posthouse.api.Address;

/** Addresses, whole domains ({@code example.org}) and domains with all below them ({@code *.example.org}). */
final class AddressList {
    static final AddressList NONE = new AddressList("");

    private final Set<String> addresses = new HashSet<>();
    private final Set<String> domains = new HashSet<>();
    private final Set<String> parents = new HashSet<>();

    /**
     * A list.
     *
     * @param key the key of the configuration, to name it
     * @throws IllegalArgumentException when an entry is none of these
     */
    AddressList(String key, String... entries) {
        for (String entry : entries) {
            String text = entry.strip().toLowerCase(Locale.ROOT);
            int at = text.lastIndexOf('@');
            String domain = text.startsWith("*.") ? text.substring(2) : text.substring(at + 1);
            // RFC 5321 4.1.2: only a local part in quotes has blanks.
            boolean local =
                    at < 1 || text.startsWith("\"") || text.substring(0, at).matches("[^\\s@]+");
            if (!local || !domain.matches("[^\\s@*]+") || text.chars().anyMatch(Character::isISOControl)) {
                throw new IllegalArgumentException(
                        key + ": '" + entry + "' is no address, no domain and no domain with '*.' before it");
            }
            if (at > 0) {
                addresses.add(text);
            } else {
                (text.startsWith("*.") ? parents : domains).add(domain);
            }
        }
    }

    boolean isEmpty() {
        return addresses.isEmpty() && domains.isEmpty() && parents.isEmpty();
    }

    boolean has(Address address) {
        String domain = address.domain();
        if (domains.contains(domain) || addresses.contains(address.toString().toLowerCase(Locale.ROOT))) {
            return true;
        }
        for (int dot = domain.indexOf('.'); dot >= 0 && !parents.isEmpty(); dot = domain.indexOf('.', dot + 1)) {
            if (parents.contains(domain.substring(dot + 1))) {
                return true;
            }
        }
        return parents.contains(domain);
    }
}
