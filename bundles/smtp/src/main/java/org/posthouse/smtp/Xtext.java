// SPDX-License-Identifier: Apache-2.0
package org.posthouse.smtp;

/** The encoding of octets in DSN parameters: {@code +} and two upper case hexadecimal digits (RFC 3461 4). */
final class Xtext {
    private Xtext() {}

    /** Decodes; refuses what is not encoded rightly and what would put control characters into notices. */
    static String decode(String text, String keyword) throws SyntaxFault {
        StringBuilder out = new StringBuilder(text.length());
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '+') {
                c = (char) (hex(text, i + 1, keyword) * 16 + hex(text, i + 2, keyword));
                i += 2;
                if (c > '~') {
                    // RFC 3461 4.2 and 4.4: what is encoded is printable ASCII.
                    throw fault(keyword);
                }
            } else if (c == '=') {
                throw fault(keyword);
            }
            if (c < ' ' || c == 127) {
                throw fault(keyword);
            }
            out.append(c);
        }
        return out.toString();
    }

    private static int hex(String text, int at, String keyword) throws SyntaxFault {
        char c = at < text.length() ? text.charAt(at) : ' ';
        if (c >= '0' && c <= '9') {
            return c - '0';
        }
        if (c >= 'A' && c <= 'F') {
            return c - 'A' + 10;
        }
        throw fault(keyword);
    }

    private static SyntaxFault fault(String keyword) {
        return new SyntaxFault(501, "5.5.4", keyword + " is not xtext");
    }
}
