// SPDX-License-Identifier: Apache-2.0
package org.posthouse.smtp;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;

/** A set of IP networks such as {@code 192.0.2.0/24} or {@code ::1}. */
record Networks(List<Network> all) {
    /** Octets up to 255: of 1.2.3.999, which any client may say, Java would ask the resolver of the system. */
    private static final Pattern ADDRESS =
            Pattern.compile("(?:(?:25[0-5]|2[0-4][0-9]|1?[0-9]{1,2})(?:\\.(?!$)|$)){4}|[0-9a-fA-F:.]*:[0-9a-fA-F:.]*");

    Networks {
        all = List.copyOf(all);
    }

    /**
     * Reads networks.
     *
     * @throws IllegalArgumentException when one of them is none
     */
    static Networks of(String... texts) {
        return new Networks(Arrays.stream(texts).map(Network::parse).toList());
    }

    boolean isEmpty() {
        return all.isEmpty();
    }

    boolean contains(InetAddress address) {
        byte[] octets = address.getAddress();
        return all.stream().anyMatch(n -> n.contains(octets));
    }

    /** One network: its first address and how many leading bits count. */
    record Network(InetAddress first, int bits) {
        static Network parse(String text) {
            int slash = text.indexOf('/');
            InetAddress first = address(slash < 0 ? text : text.substring(0, slash));
            int most = first.getAddress().length * 8;
            int bits = slash < 0 ? most : Integer.parseInt(text.substring(slash + 1));
            if (bits < 0 || bits > most) {
                throw new IllegalArgumentException("Not a network: " + text);
            }
            return new Network(first, bits);
        }

        boolean contains(byte[] address) {
            byte[] own = first.getAddress();
            if (own.length != address.length) {
                return false;
            }
            int whole = bits / 8;
            int rest = bits % 8;
            int mask = 0xFF << (8 - rest) & 0xFF;
            return Arrays.equals(own, 0, whole, address, 0, whole)
                    && (rest == 0 || (own[whole] & mask) == (address[whole] & mask));
        }
    }

    /**
     * Reads an IP address; never asks the DNS.
     *
     * @throws IllegalArgumentException when it is none
     */
    static InetAddress address(String text) {
        if (!ADDRESS.matcher(text).matches()) {
            throw new IllegalArgumentException("Not an IP address: " + text);
        }
        try {
            return InetAddress.getByName(text);
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException("Not an IP address: " + text, e);
        }
    }
}
