// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.spf;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * An address and how many of its leading bits count.
 *
 * @param address 4 or 16 octets
 */
record Network(byte[] address, int bits) {
    // RFC 7208 5.6: qnum without leading zeros.
    private static final Pattern IP4 =
            Pattern.compile("(QNUM)(\\.(QNUM)){3}".replace("QNUM", "25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9][0-9]|[0-9]"));
    private static final Pattern IP6 = Pattern.compile("(?=[^:]*+:)[0-9A-Fa-f:.]++");
    private static final Pattern LONG_GROUP = Pattern.compile("[0-9A-Fa-f]{5}");

    /**
     * A network of the configuration.
     *
     * @throws IllegalArgumentException when it is none
     */
    static Network of(String text) {
        int slash = text.indexOf('/');
        String literal = slash < 0 ? text : text.substring(0, slash);
        byte[] address = literal(literal);
        int most = address.length * 8;
        int bits = slash < 0 ? most : Integer.parseInt(text.substring(slash + 1));
        if (bits < 0 || bits > most) {
            throw new IllegalArgumentException("Not a network: " + text);
        }
        return new Network(address, bits);
    }

    /**
     * The octets of an address.
     *
     * @throws IllegalArgumentException when it is none
     */
    static byte[] literal(String text) {
        return ip4(text).or(() -> ip6(text)).orElseThrow(() -> new IllegalArgumentException("Not an address: " + text));
    }

    static Optional<byte[]> ip4(String text) {
        return IP4.matcher(text).matches() ? octets(text) : Optional.empty();
    }

    static Optional<byte[]> ip6(String text) {
        boolean written =
                IP6.matcher(text).matches() && !LONG_GROUP.matcher(text).find();
        return written ? octets("[" + text + "]").map(Network::mapped) : Optional.empty();
    }

    /** Of a literal, for which Java asks no DNS. */
    private static Optional<byte[]> octets(String literal) {
        try {
            return Optional.of(InetAddress.getByName(literal).getAddress());
        } catch (UnknownHostException e) {
            return Optional.empty();
        }
    }

    /** Java takes ::ffff:192.0.2.1 for an address of IPv4, which here it is not. */
    private static byte[] mapped(byte[] address) {
        if (address.length == 16) {
            return address;
        }
        byte[] longer = new byte[16];
        longer[10] = (byte) 0xff;
        longer[11] = (byte) 0xff;
        System.arraycopy(address, 0, longer, 12, 4);
        return longer;
    }

    /** Whether the address is of the same family and its leading bits are the same. */
    boolean contains(InetAddress other) {
        byte[] octets = other.getAddress();
        if (octets.length != address.length) {
            return false;
        }
        for (int i = 0; i < octets.length; i++) {
            int mask = 0xff00 >> Math.clamp(bits - i * 8L, 0, 8) & 0xff;
            if (((octets[i] ^ address[i]) & mask) != 0) {
                return false;
            }
        }
        return true;
    }
}
