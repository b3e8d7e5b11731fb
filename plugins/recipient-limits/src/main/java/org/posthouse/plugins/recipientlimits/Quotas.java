// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.recipientlimits;

import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;

/** How many recipients a message of somebody may have, as {@code name=number} each. */
final class Quotas {
    private final Map<String, Integer> byName = new HashMap<>();

    /**
     * Reads a list.
     *
     * @param key the key of the configuration, to name it
     * @throws IllegalArgumentException when an entry is not of that form, or a name stands twice
     */
    Quotas(String key, String... entries) {
        for (String entry : entries) {
            int equals = entry.lastIndexOf('=');
            String number = entry.substring(equals + 1).strip();
            if (equals < 1 || !number.matches("\\d{1,9}")) {
                throw new IllegalArgumentException(key + ": expected name=number, not '" + entry + "'");
            }
            String name = entry.substring(0, equals).strip().toLowerCase(Locale.ROOT);
            if (byName.putIfAbsent(name, Integer.parseInt(number)) != null) {
                throw new IllegalArgumentException(key + ": '" + name + "' stands twice");
            }
        }
    }

    /** How many this one may have, if it stands in the list; 0 is any number. */
    OptionalInt of(String name) {
        Integer quota = byName.get(name.toLowerCase(Locale.ROOT));
        return quota == null ? OptionalInt.empty() : OptionalInt.of(quota);
    }
}
