// SPDX-License-Identifier: Apache-2.0
package org.posthouse.telemetry;

/** Writes JSON texts (RFC 8259). */
public final class Json {
    private static final char[] HEX = "0123456789abcdef".toCharArray();

    private Json() {}

    /**
     * Appends a text in quotes.
     *
     * <p>Besides what must be escaped: lone surrogates, which UTF-8 can not carry, and the line separators U+2028 and
     * U+2029 and DEL, at which readers of single lines stumble.
     */
    public static void quote(StringBuilder out, CharSequence text) {
        out.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c >= ' ' && c < 0x7f) {
                if (c == '"' || c == '\\') {
                    out.append('\\');
                }
                out.append(c);
            } else if (Character.isHighSurrogate(c)
                    && i + 1 < text.length()
                    && Character.isLowSurrogate(text.charAt(i + 1))) {
                out.append(c).append(text.charAt(++i));
            } else if (c > 0x9f && !Character.isSurrogate(c) && c != '\u2028' && c != '\u2029') {
                out.append(c);
            } else {
                escape(out, c);
            }
        }
        out.append('"');
    }

    /** Appends a name with its colon, after a comma unless it is the first of its object. */
    public static StringBuilder name(StringBuilder out, String name) {
        if (out.charAt(out.length() - 1) != '{') {
            out.append(',');
        }
        quote(out, name);
        return out.append(':');
    }

    private static void escape(StringBuilder out, char c) {
        switch (c) {
            case '\n' -> out.append("\\n");
            case '\r' -> out.append("\\r");
            case '\t' -> out.append("\\t");
            case '\b' -> out.append("\\b");
            case '\f' -> out.append("\\f");
            default ->
                out.append("\\u")
                        .append(HEX[c >> 12])
                        .append(HEX[(c >> 8) & 15])
                        .append(HEX[(c >> 4) & 15])
                        .append(HEX[c & 15]);
        }
    }
}
