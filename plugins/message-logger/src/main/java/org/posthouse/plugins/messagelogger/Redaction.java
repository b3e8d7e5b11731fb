// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.messagelogger;

/** Hides who it was and leaves where it was: {@code ***} for the local part of every address in a text. */
final class Redaction {
    private static final String HIDDEN = "***";
    // What ends a local part that is not quoted, seen from the @ (RFC 5322 3.2.3), and = of name=value.
    private static final String BOUNDS = "<>,;:()[]\"=@";

    private Redaction() {}

    static String of(String text) {
        StringBuilder out = new StringBuilder(text.length());
        int from = 0;
        for (int at = text.indexOf('@'); at >= 0; at = text.indexOf('@', at + 1)) {
            int start = start(text, from, at);
            if (start < at) {
                out.append(text, from, start).append(HIDDEN);
                from = at;
            }
        }
        return out.append(text, from, text.length()).toString();
    }

    /** Where the local part begins that ends before {@code at}; not before {@code from}. */
    private static int start(String text, int from, int at) {
        int start = at;
        if (start > from && text.charAt(start - 1) == '"') {
            start--;
            while (start > from && !opens(text, start - 1, from)) {
                start--;
            }
            return Math.max(from, start - 1);
        }
        while (start > from
                && !Character.isWhitespace(text.charAt(start - 1))
                && BOUNDS.indexOf(text.charAt(start - 1)) < 0) {
            start--;
        }
        return start;
    }

    /** Whether the character is a quote that no backslash hides. */
    private static boolean opens(String text, int index, int from) {
        return text.charAt(index) == '"' && (index == from || text.charAt(index - 1) != '\\');
    }
}
