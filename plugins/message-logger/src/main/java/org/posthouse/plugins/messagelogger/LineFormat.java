// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.messagelogger;

import java.util.Locale;
import java.util.Map;

/**
 * How a line is written. Nothing that a client said can end the line, forge a pair or reach a terminal: what is not plain is
 * quoted, control characters are escaped.
 *
 * @param json one JSON object instead of {@code name=value} pairs
 * @param redact whether local parts of addresses are hidden
 */
record LineFormat(boolean json, boolean redact) {
    private static final int LONGEST = 200;

    /** A text of a bearable length. */
    static String cut(String text) {
        if (text.length() <= LONGEST) {
            return text;
        }
        // No half of a surrogate pair at the end.
        int end = Character.isHighSurrogate(text.charAt(LONGEST - 1)) ? LONGEST - 1 : LONGEST;
        return text.substring(0, end) + "…";
    }

    /** The line about one message. */
    String line(String outcome, Map<String, Object> facts, Map<String, String> headers) {
        StringBuilder line = new StringBuilder(json ? "{" : "");
        pair(line, "message", outcome);
        facts.forEach((name, value) -> pair(line, name, value instanceof String text ? shown(text) : value));
        headers.forEach((name, value) -> pair(line, "header." + name.toLowerCase(Locale.ROOT), shown(value)));
        return line.append(json ? "}" : "").toString();
    }

    private String shown(String text) {
        return cut(redact ? Redaction.of(text) : text);
    }

    private void pair(StringBuilder line, String name, Object value) {
        if (line.length() > 1) {
            line.append(json ? "," : " ");
        }
        if (json) {
            quote(line, name);
            line.append(':');
        } else {
            line.append(name).append('=');
        }
        if (!(value instanceof String text)) {
            line.append(value);
        } else if (json || !plain(text)) {
            quote(line, text);
        } else {
            line.append(text);
        }
    }

    private static boolean plain(String text) {
        return !text.isEmpty() && text.chars().allMatch(c -> c > 32 && c < 127 && c != '"' && c != '\\' && c != '=');
    }

    private static void quote(StringBuilder line, String text) {
        line.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                line.append('\\').append(c);
            } else if (unsafe(c)) {
                line.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
            } else {
                line.append(c);
            }
        }
        line.append('"');
    }

    /** Controls, line ends of Unicode, and marks that turn the direction of the text. */
    private static boolean unsafe(char c) {
        return Character.isISOControl(c)
                || c == '\u2028'
                || c == '\u2029'
                || Character.getType(c) == Character.FORMAT
                || Character.getType(c) == Character.UNASSIGNED;
    }
}
