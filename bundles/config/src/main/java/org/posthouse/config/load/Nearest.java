// SPDX-License-Identifier: Apache-2.0
package org.posthouse.config.load;

import java.util.Collection;
import java.util.Locale;

/** Finds the known key a mistyped one was probably meant to be. */
final class Nearest {
    private Nearest() {}

    /** What to add to a finding: the nearest known key, or the known keys when none is near and they are few. */
    static String hint(String key, Collection<String> known) {
        String best = "";
        int least = Math.max(2, key.length() / 3) + 1;
        for (String candidate : known) {
            int distance = distance(key.toLowerCase(Locale.ROOT), candidate.toLowerCase(Locale.ROOT));
            if (distance < least) {
                least = distance;
                best = candidate;
            }
        }
        if (!best.isEmpty()) {
            return "; did you mean " + best + "?";
        }
        return known.isEmpty() ? "; there are no keys here" : "; known keys: " + String.join(", ", known);
    }

    /** Levenshtein's distance: how many letters must be changed, added or left out. */
    static int distance(String a, String b) {
        int[] previous = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            previous[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int[] row = new int[b.length() + 1];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int change = previous[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                row[j] = Math.min(change, 1 + Math.min(previous[j], row[j - 1]));
            }
            previous = row;
        }
        return previous[b.length()];
    }
}
