// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.dnsbl;

import java.net.InetAddress;
import java.util.regex.Pattern;

/**
 * Who or what lists are asked about.
 *
 * @param shown as the client is told
 * @param prefix what stands before the zone of a list in the question
 * @param control the prefix of what no list in order lists (RFC 5782 5)
 */
record Subject(String shown, String prefix, String control) {
    /** An address of 16 octets that stands for 127.0.0.1. */
    private static final byte[] MAPPED_LOOPBACK = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, -1, -1, 127, 0, 0, 1};

    private static final Pattern DOMAIN =
            Pattern.compile("(?=.{1,253}$)[\\p{L}\\p{M}\\p{N}_-]+(?:\\.[\\p{L}\\p{M}\\p{N}_-]+)+");

    /** A client, by its address (RFC 5782 2.1 and 2.4). */
    static Subject of(InetAddress client) {
        byte[] octets = client.getAddress();
        String control = octets.length == 4 ? "1.0.0.127" : nibbles(MAPPED_LOOPBACK);
        return new Subject("client [" + client.getHostAddress() + "]", reversed(octets), control);
    }

    /** A domain (RFC 5782 4). */
    static Subject of(String domain) {
        return new Subject("domain " + domain, domain, "invalid");
    }

    /** Whether a text can be asked about as a domain: no address literal, no bare word. */
    static boolean isDomain(String text) {
        return DOMAIN.matcher(text).matches() && !endsInDigits(text);
    }

    private static boolean endsInDigits(String text) {
        int at = text.length();
        while (at > 0 && text.charAt(at - 1) >= '0' && text.charAt(at - 1) <= '9') {
            at--;
        }
        return at < text.length() && at > 0 && text.charAt(at - 1) == '.';
    }

    private static String reversed(byte[] octets) {
        if (octets.length != 4) {
            return nibbles(octets);
        }
        return (octets[3] & 0xFF) + "." + (octets[2] & 0xFF) + "." + (octets[1] & 0xFF) + "." + (octets[0] & 0xFF);
    }

    /** RFC 5782 2.4: each half of an octet in hexadecimal, the last first. */
    private static String nibbles(byte[] octets) {
        StringBuilder name = new StringBuilder(4 * octets.length);
        for (int i = octets.length - 1; i >= 0; i--) {
            name.append(name.isEmpty() ? "" : ".");
            name.append(Character.forDigit(octets[i] & 0xF, 16)).append('.');
            name.append(Character.forDigit(octets[i] >> 4 & 0xF, 16));
        }
        return name.toString();
    }
}
