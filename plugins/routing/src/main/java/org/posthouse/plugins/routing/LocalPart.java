// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.routing;

/** The local part of an address: what stands on the wire, and what it means (RFC 5321 4.1.2). */
final class LocalPart {
    private LocalPart() {}

    /** What it means: without quotes and the backslashes in them. */
    static String text(String wire) {
        if (wire.length() < 2 || !wire.startsWith("\"") || !wire.endsWith("\"")) {
            return wire;
        }
        StringBuilder text = new StringBuilder(wire.length());
        for (int i = 1; i < wire.length() - 1; i++) {
            char c = wire.charAt(i);
            if (c == '\\' && i + 1 < wire.length() - 1) {
                c = wire.charAt(++i);
            }
            text.append(c);
        }
        return text.toString();
    }

    /** What stands on the wire: in quotes only where it must. */
    static String wire(String text) {
        if (isDotString(text)) {
            return text;
        }
        return "\"" + text.replace("\\", "\\\\").replace("\"", "\\\"") + "\"";
    }

    private static boolean isDotString(String text) {
        return !text.isEmpty()
                && !text.startsWith(".")
                && !text.endsWith(".")
                && !text.contains("..")
                && text.chars().allMatch(LocalPart::isAtom);
    }

    /** RFC 5321 4.1.2 by RFC 5322 3.2.3, and RFC 6531 3.3. */
    private static boolean isAtom(int c) {
        return c >= 'a' && c <= 'z'
                || c >= 'A' && c <= 'Z'
                || c >= '0' && c <= '9'
                || c > 127
                || ".!#$%&'*+-/=?^_`{|}~".indexOf(c) >= 0;
    }
}
