// SPDX-License-Identifier: Apache-2.0
package org.posthouse.delivery.notice;

/** Header-like fields with their folding (RFC 5322 2.2.3). */
final class Fields {
    private static final int WIDE = 78;
    /** RFC 5322 2.1.1: the longest line there may be is 998. */
    private static final int WIDEST = 900;

    private final StringBuilder out = new StringBuilder(512);

    /** Adds a field unless its value is empty; folded at spaces where it is long. */
    Fields add(String name, String value) {
        if (value.isEmpty()) {
            return this;
        }
        out.append(name).append(": ");
        int column = name.length() + 2;
        int at = 0;
        while (at < value.length()) {
            int end = wordEnd(value, at);
            boolean space = value.charAt(at) == ' ';
            if (at > 0 && column + end - at > (space ? WIDE : WIDEST)) {
                // Within an overlong word the fold adds a space: better than a line that is cut somewhere else.
                out.append(space ? "\r\n" : "\r\n ");
                column = 0;
            }
            out.append(value, at, end);
            column += end - at;
            at = end;
        }
        out.append("\r\n");
        return this;
    }

    /** Where the word that begins here, with the space before it, ends. */
    private static int wordEnd(String value, int from) {
        int space = value.indexOf(' ', from + 1);
        int end = space < 0 ? value.length() : space;
        return Math.min(end, from + WIDEST);
    }

    Fields line(String text) {
        out.append(text).append("\r\n");
        return this;
    }

    Fields line() {
        return line("");
    }

    @Override
    public String toString() {
        return out.toString();
    }
}
