// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.reputation;

import java.net.IDN;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * Under which names networks and domains are kept.
 *
 * @param ipv4Bits leading bits of an IPv4 address that are one network
 * @param ipv6Bits leading bits of an IPv6 address that are one network
 */
record Names(int ipv4Bits, int ipv6Bits) {
    /** Octets up to 255: of 1.2.3.999 Java would ask the resolver of the system. */
    private static final Pattern ADDRESS =
            Pattern.compile("(?:(?:25[0-5]|2[0-4][0-9]|1?[0-9]{1,2})(?:\\.(?!$)|$)){4}|[0-9a-fA-F:.]*:[0-9a-fA-F:.]*");

    private static final int MOST = 255;

    /** The network of an address, such as {@code 192.0.2.0/24}. */
    String network(InetAddress client) {
        byte[] octets = client.getAddress();
        int bits = octets.length == 4 ? ipv4Bits : ipv6Bits;
        for (int i = 0; i < octets.length; i++) {
            int kept = Math.clamp(bits - 8L * i, 0, 8);
            octets[i] &= (byte) (0xFF << (8 - kept));
        }
        try {
            return InetAddress.getByAddress(octets).getHostAddress() + "/" + bits;
        } catch (UnknownHostException e) {
            throw new IllegalStateException(octets.length + " octets are no address", e);
        }
    }

    /** A domain; empty when the text is none that could be kept. */
    static String domain(String text) {
        String lower = ascii(text).toLowerCase(Locale.ROOT);
        boolean fits = lower.length() <= MOST && lower.chars().noneMatch(c -> c <= ' ' || c == '/' || c == 127);
        return fits && !lower.startsWith("[") ? lower : "";
    }

    /** With A-labels for U-labels, as results have it. */
    private static String ascii(String domain) {
        try {
            return IDN.toASCII(domain);
        } catch (IllegalArgumentException e) {
            return domain;
        }
    }

    /** What an operator means: an address stands for its network. */
    String meant(String text) {
        try {
            return ADDRESS.matcher(text).matches()
                    ? network(InetAddress.getByName(text))
                    : text.toLowerCase(Locale.ROOT);
        } catch (UnknownHostException e) {
            return text.toLowerCase(Locale.ROOT);
        }
    }
}
