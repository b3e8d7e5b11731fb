// SPDX-License-Identifier: Apache-2.0
package org.posthouse.outside.network;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.regex.Pattern;

/**
 * A network such as {@code 192.0.2.0/24}, or a single address.
 *
 * @param base its first address
 * @param bits how many leading bits its addresses share
 */
public record Network(InetAddress base, int bits) {
    /** Complete, with octets up to 255: of 1.2.3.999 and of 1.2 Java would make something else. */
    private static final Pattern IPV4 = Pattern.compile("(?:(?:25[0-5]|2[0-4]\\d|1?\\d?\\d)(?:\\.(?!$)|$)){4}");

    private static final Pattern IPV6 = Pattern.compile("[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*");

    /** The network of so many bits that an address is in. */
    public Network {
        byte[] octets = base.getAddress();
        if (bits < 0 || bits > octets.length * 8) {
            throw new IllegalArgumentException("/" + bits + " is no length of a prefix");
        }
        for (int i = 0; i < octets.length; i++) {
            octets[i] &= (byte) mask(bits, i);
        }
        base = address(octets);
    }

    /** The network that an address of a client stands for. */
    public static Network around(InetAddress client, int ipv4Bits, int ipv6Bits) {
        return new Network(client, client instanceof Inet6Address ? ipv6Bits : ipv4Bits);
    }

    /** Who is one client: an IPv4 address, or the network of an IPv6 address, of which a single client has many. */
    public static String client(InetAddress address, int ipv6Bits) {
        return address instanceof Inet6Address ? new Network(address, ipv6Bits).toString() : address.getHostAddress();
    }

    /**
     * Reads a network or a single address; never asks DNS.
     *
     * @throws IllegalArgumentException when it is none
     */
    public static Network of(String text) {
        int slash = text.indexOf('/');
        InetAddress address = literal(slash < 0 ? text : text.substring(0, slash));
        return new Network(address, slash < 0 ? address.getAddress().length * 8 : length(text.substring(slash + 1)));
    }

    /**
     * Reads a network of which the address is the first one.
     *
     * @throws IllegalArgumentException when it is none
     */
    public static Network exactly(String text) {
        Network network = of(text);
        int slash = text.indexOf('/');
        if (!network.base().equals(literal(slash < 0 ? text : text.substring(0, slash)))) {
            throw new IllegalArgumentException(text + " has bits set behind its prefix");
        }
        return network;
    }

    private static int length(String text) {
        if (!text.matches("\\d{1,3}")) {
            throw new IllegalArgumentException("/" + text + " is no length of a prefix");
        }
        return Integer.parseInt(text);
    }

    /**
     * The address that a text is; never asks DNS.
     *
     * @throws IllegalArgumentException when it is none
     */
    public static InetAddress literal(String text) {
        boolean four = IPV4.matcher(text).matches();
        if (!four && !IPV6.matcher(text).matches()) {
            throw new IllegalArgumentException(text + " is no address");
        }
        try {
            // Neither of these is looked up: the one is complete, and what stands in brackets is never a name.
            return InetAddress.getByName(four ? text : "[" + text + "]");
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(text + " is no address", e);
        }
    }

    private static int mask(int bits, int octet) {
        return 0xFF00 >> Math.clamp(bits - octet * 8L, 0, 8) & 0xFF;
    }

    private static InetAddress address(byte[] octets) {
        try {
            return InetAddress.getByAddress(octets);
        } catch (UnknownHostException e) {
            throw new IllegalStateException("An address of 4 or 16 octets is one", e);
        }
    }

    /** Whether the address is of the same family and its leading bits are the same. */
    public boolean contains(InetAddress address) {
        byte[] own = base.getAddress();
        byte[] other = address.getAddress();
        if (own.length != other.length) {
            return false;
        }
        for (int i = 0; i < own.length; i++) {
            if ((other[i] & mask(bits, i)) != (own[i] & 0xFF)) {
                return false;
            }
        }
        return true;
    }

    /** Base and length, such as {@code 192.0.2.0/24}. */
    @Override
    public String toString() {
        return base.getHostAddress() + "/" + bits;
    }
}
