// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.rspamd;

/** Texts of rspamd as they may stand in a header field or a reply, whatever they hold. */
final class FieldText {
    /** RFC 5322 2.1.1, with room for the name. */
    private static final int LINE_LIMIT = 900;

    private static final int NAME_LIMIT = 76;
    private static final int REPLY_LIMIT = 200;

    private FieldText() {}

    /** Whether this can be the name of a field (RFC 5322 3.6.8). */
    static boolean isName(String name) {
        return !name.isEmpty()
                && name.length() <= NAME_LIMIT
                && name.chars().allMatch(c -> c > ' ' && c < 127 && c != ':');
    }

    /** A value whose lines are folded with CRLF; what is not printable ASCII is a question mark, a long line is cut. */
    static String value(String text) {
        StringBuilder value = new StringBuilder();
        for (String line : text.split("\r\n|\r|\n")) {
            String clean = printable(line, LINE_LIMIT);
            if (clean.isBlank()) {
                continue;
            }
            if (value.isEmpty()) {
                value.append(clean.strip());
            } else {
                value.append("\r\n")
                        .append(Character.isWhitespace(clean.charAt(0)) ? "" : "\t")
                        .append(clean);
            }
        }
        return value.toString();
    }

    /** A text for a client in one line; the other one when there is none. */
    static String reply(String text, String otherwise) {
        String clean = printable(text.replaceAll("\\s+", " "), REPLY_LIMIT).strip();
        return clean.isEmpty() ? otherwise : clean;
    }

    /** A text of printable ASCII and tabs. */
    static String printable(String text, int limit) {
        String bounded = text.length() > limit ? text.substring(0, limit) : text;
        return bounded.replaceAll("[^\t -~]", "?");
    }
}
