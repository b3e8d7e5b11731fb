// SPDX-License-Identifier: Apache-2.0
package org.posthouse.delivery.client;

import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * What the header block of a MIME entity says about its body (RFC 2045).
 *
 * @param type {@code type/subtype} in lower case, empty when not said
 * @param boundary of a multipart, else empty
 * @param encoding the Content-Transfer-Encoding in lower case, empty when not said
 */
record PartHeader(String type, String boundary, String encoding) {
    static PartHeader parse(byte[] block, int length) {
        String text = new String(block, 0, length, StandardCharsets.ISO_8859_1);
        String type = field(text, "content-type");
        int semicolon = type.indexOf(';');
        String bare =
                (semicolon < 0 ? type : type.substring(0, semicolon)).strip().toLowerCase(Locale.ROOT);
        String encoding = field(text, "content-transfer-encoding").strip().toLowerCase(Locale.ROOT);
        return new PartHeader(bare, bare.startsWith("multipart/") ? boundary(type) : "", encoding);
    }

    boolean multipart() {
        return !boundary.isEmpty();
    }

    boolean text() {
        return type.isEmpty() || type.startsWith("text/");
    }

    private static String field(String block, String name) {
        int at = 0;
        while (at < block.length()) {
            int end = fieldEnd(block, at);
            // Not beyond the line: over a header without colons that would take quadratic time.
            int colon = block.indexOf(':', at, end);
            if (colon > 0 && block.substring(at, colon).strip().equalsIgnoreCase(name)) {
                return block.substring(colon + 1, end).replace("\r\n", "").strip();
            }
            at = end;
        }
        return "";
    }

    /** Where the field that starts here ends, its folded lines included. */
    static int fieldEnd(String block, int start) {
        int at = start;
        while (true) {
            int lineEnd = block.indexOf('\n', at);
            if (lineEnd < 0) {
                return block.length();
            }
            at = lineEnd + 1;
            if (at >= block.length() || (block.charAt(at) != ' ' && block.charAt(at) != '\t')) {
                return at;
            }
        }
    }

    private static String boundary(String type) {
        int at = type.toLowerCase(Locale.ROOT).indexOf("boundary");
        int equals = at < 0 ? -1 : type.indexOf('=', at);
        if (equals < 0) {
            return "";
        }
        String value = type.substring(equals + 1).strip();
        return value.startsWith("\"") ? quoted(value) : value.split("[;\\s]", 2)[0];
    }

    private static String quoted(String value) {
        StringBuilder out = new StringBuilder();
        for (int i = 1; i < value.length() && value.charAt(i) != '"'; i++) {
            if (value.charAt(i) == '\\' && i + 1 < value.length()) {
                i++;
            }
            out.append(value.charAt(i));
        }
        return out.toString();
    }
}
