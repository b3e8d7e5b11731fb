// SPDX-License-Identifier: Apache-2.0
package org.posthouse.conditions;

import java.util.Locale;

/** A text in which {@code *} stands for any characters; compared in any case. */
public record Glob(String pattern) {
    public Glob {
        pattern = pattern.toLowerCase(Locale.ROOT);
    }

    /** Whether the whole text is like the pattern; takes at most the product of their lengths, whatever they hold. */
    public boolean matches(String value) {
        String text = value.toLowerCase(Locale.ROOT);
        int t = 0;
        int p = 0;
        int star = -1;
        int from = 0;
        while (t < text.length()) {
            if (p < pattern.length() && pattern.charAt(p) == '*') {
                star = p++;
                from = t;
            } else if (p < pattern.length() && pattern.charAt(p) == text.charAt(t)) {
                p++;
                t++;
            } else if (star >= 0) {
                // Going back to the last star alone is enough, and bounds the time.
                p = star + 1;
                t = ++from;
            } else {
                return false;
            }
        }
        while (p < pattern.length() && pattern.charAt(p) == '*') {
            p++;
        }
        return p == pattern.length();
    }
}
