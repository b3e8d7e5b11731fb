// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.reputation;

import java.net.InetAddress;
import java.util.Locale;
import org.posthouse.mailauth.domain.DomainName;
import org.posthouse.outside.network.Network;

/**
 * Under which names networks and domains are kept.
 *
 * @param ipv4Bits leading bits of an IPv4 address that are one network
 * @param ipv6Bits leading bits of an IPv6 address that are one network
 */
record Names(int ipv4Bits, int ipv6Bits) {
    private static final int MOST = 255;

    /** The network of an address, such as {@code 192.0.2.0/24}. */
    String network(InetAddress client) {
        return Network.around(client, ipv4Bits, ipv6Bits).toString();
    }

    /** A domain; empty when the text is none that could be kept. */
    static String domain(String text) {
        // With A-labels for U-labels, as results have it.
        String lower = DomainName.ascii(text).orElse(text).toLowerCase(Locale.ROOT);
        boolean fits = lower.length() <= MOST && lower.chars().noneMatch(c -> c <= ' ' || c == '/' || c == 127);
        return fits && !lower.startsWith("[") ? lower : "";
    }

    /** What an operator means: an address stands for its network. */
    String meant(String text) {
        try {
            return network(Network.literal(text));
        } catch (IllegalArgumentException e) {
            return text.toLowerCase(Locale.ROOT);
        }
    }
}
