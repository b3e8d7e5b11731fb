// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.dnsbl;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;

/** Networks that no list is asked about: the private ones, which mean something else to everybody, and configured ones. */
final class Networks {
    /** RFC 1122 3.2.1.3, 1918, 3927, 4193, 4291 2.5, 6598; multicast. */
    private static final String[] PRIVATE = {
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "224.0.0.0/3",
        "::/127",
        "fc00::/7",
        "fe80::/9",
        "ff00::/8"
    };

    /** Octets up to 255: of 1.2.3.999 Java would ask the resolver of the system. */
    private static final Pattern ADDRESS =
            Pattern.compile("(?:(?:25[0-5]|2[0-4][0-9]|1?[0-9]{1,2})(?:\\.(?!$)|$)){4}|[0-9a-fA-F:.]*:[0-9a-fA-F:.]*");

    private record Network(byte[] address, int bits) {
        boolean contains(byte[] other) {
            return other.length == address.length && Arrays.equals(masked(other, bits), masked(address, bits));
        }
    }

    private final List<Network> all = new ArrayList<>();

    /**
     * The private networks, and these.
     *
     * @throws IllegalArgumentException when one of them is none
     */
    Networks(String... more) {
        for (String text : PRIVATE) {
            all.add(parse(text));
        }
        for (String text : more) {
            all.add(parse(text));
        }
    }

    private static Network parse(String text) {
        int slash = text.indexOf('/');
        byte[] address = literal(slash < 0 ? text : text.substring(0, slash)).getAddress();
        int most = address.length * 8;
        int bits = slash < 0 ? most : Integer.parseInt(text.substring(slash + 1));
        if (bits < 0 || bits > most) {
            throw new IllegalArgumentException("Not a network: " + text);
        }
        return new Network(address, bits);
    }

    /**
     * Reads an IP address; never asks DNS.
     *
     * @throws IllegalArgumentException when it is none
     */
    static InetAddress literal(String text) {
        if (!ADDRESS.matcher(text).matches()) {
            throw new IllegalArgumentException("Not an address: " + text);
        }
        try {
            return InetAddress.getByName(text);
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException("Not an address: " + text, e);
        }
    }

    boolean contain(InetAddress address) {
        byte[] octets = address.getAddress();
        return all.stream().anyMatch(network -> network.contains(octets));
    }

    private static byte[] masked(byte[] address, int bits) {
        byte[] masked = address.clone();
        for (int i = 0; i < masked.length; i++) {
            int left = Math.clamp(bits - i * 8L, 0, 8);
            masked[i] &= (byte) (0xFF00 >> left);
        }
        return masked;
    }
}
