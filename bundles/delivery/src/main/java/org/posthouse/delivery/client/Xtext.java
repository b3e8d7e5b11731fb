// SPDX-License-Identifier: Apache-2.0
package org.posthouse.delivery.client;

import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** Values of ENVID and ORCPT as they travel (RFC 3461 4, RFC 6533 3). */
final class Xtext {
    private static final char[] HEX = "0123456789ABCDEF".toCharArray();

    private Xtext() {}

    /** RFC 3461 4: everything but printable ASCII without {@code +} and {@code =} is written as {@code +XX}. */
    static String encode(String value) {
        StringBuilder out = new StringBuilder(value.length());
        for (byte b : value.getBytes(StandardCharsets.UTF_8)) {
            if (b >= '!' && b <= '~' && b != '+' && b != '=') {
                out.append((char) b);
            } else {
                out.append('+').append(HEX[(b >> 4) & 15]).append(HEX[b & 15]);
            }
        }
        return out.toString();
    }

    /** The value of ORCPT: the type as it is, the address encoded as its type demands. */
    static String original(String typed) {
        int semicolon = typed.indexOf(';');
        if (semicolon < 0) {
            return "rfc822;" + encode(typed);
        }
        String type = typed.substring(0, semicolon);
        String address = typed.substring(semicolon + 1);
        boolean utf8 = type.toLowerCase(Locale.ROOT).equals("utf-8");
        return type + ";" + (utf8 ? utf8(address) : encode(address));
    }

    /** RFC 6533 3: utf-8-addr-xtext, which passes any server. */
    private static String utf8(String address) {
        StringBuilder out = new StringBuilder();
        address.codePoints().forEach(c -> {
            if (c >= '!' && c <= '~' && c != '+' && c != '=' && c != '\\') {
                out.append((char) c);
            } else {
                out.append("\\x{")
                        .append(Integer.toHexString(c).toUpperCase(Locale.ROOT))
                        .append('}');
            }
        });
        return out.toString();
    }
}
