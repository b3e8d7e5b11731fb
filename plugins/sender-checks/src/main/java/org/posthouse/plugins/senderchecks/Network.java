// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.senderchecks;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.regex.Pattern;

/** A network such as {@code 192.0.2.0/24}. */
final class Network {
    private static final Pattern IPV4 = Pattern.compile("(?:(?:25[0-5]|2[0-4]\\d|1?\\d?\\d)(?:\\.(?!$)|$)){4}");

    private static final Pattern IPV6 = Pattern.compile("[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*");

    private final byte[] base;
    private final int bits;

    private Network(byte[] base, int bits) {
        this.base = base;
        this.bits = bits;
    }

    /**
     * Reads a network or a single address; never asks DNS.
     *
     * @throws IllegalArgumentException when it is none
     */
    static Network of(String text) {
        int slash = text.indexOf('/');
        byte[] address = literal(slash < 0 ? text : text.substring(0, slash)).getAddress();
        int most = address.length * 8;
        String length = slash < 0 ? String.valueOf(most) : text.substring(slash + 1);
        int bits = length.matches("\\d{1,3}") ? Integer.parseInt(length) : -1;
        if (bits < 0 || bits > most) {
            throw new IllegalArgumentException(text + " is no network");
        }
        return new Network(masked(address, bits), bits);
    }

    /** The address that a text is; never asks DNS. */
    static InetAddress literal(String text) {
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

    private static byte[] masked(byte[] address, int bits) {
        byte[] masked = address.clone();
        for (int i = 0; i < masked.length; i++) {
            int left = Math.clamp(bits - i * 8L, 0, 8);
            masked[i] &= (byte) (0xFF00 >> left);
        }
        return masked;
    }

    boolean contains(InetAddress address) {
        byte[] other = address.getAddress();
        return other.length == base.length && Arrays.equals(masked(other, bits), base);
    }
}
