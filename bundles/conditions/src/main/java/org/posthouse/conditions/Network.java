// SPDX-License-Identifier: Apache-2.0
package org.posthouse.conditions;

import java.math.BigInteger;
import java.net.InetAddress;
import java.net.UnknownHostException;
import org.jspecify.annotations.Nullable;

/** A network such as {@code 192.0.2.0/24} or a single address. */
public record Network(int bits, int prefix, BigInteger base) {
    /**
     * Reads a network; never asks DNS.
     *
     * @throws IllegalArgumentException when it is none
     */
    public static Network of(String text) {
        int slash = text.indexOf('/');
        byte[] address = literal(slash < 0 ? text : text.substring(0, slash));
        int bits = address.length * 8;
        int prefix = slash < 0 ? bits : length(text.substring(slash + 1), bits);
        BigInteger number = new BigInteger(1, address);
        if (number.getLowestSetBit() >= 0 && number.getLowestSetBit() < bits - prefix) {
            throw new IllegalArgumentException(text + " has bits set behind its prefix");
        }
        return new Network(bits, prefix, number.shiftRight(bits - prefix));
    }

    private static byte[] literal(String text) {
        boolean four = text.matches("\\d{1,3}(\\.\\d{1,3}){3}");
        boolean six = text.matches("[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*");
        if (four || six) {
            try {
                return InetAddress.getByName(text).getAddress();
            } catch (UnknownHostException e) {
                throw new IllegalArgumentException(text + " is no address", e);
            }
        }
        throw new IllegalArgumentException(text + " is no address");
    }

    private static int length(String text, int bits) {
        int length = text.matches("\\d{1,3}") ? Integer.parseInt(text) : -1;
        if (length < 0 || length > bits) {
            throw new IllegalArgumentException("/" + text + " is no length of a prefix");
        }
        return length;
    }

    /** Whether the address is in it; never for no address. */
    public boolean has(@Nullable InetAddress address) {
        if (address == null || address.getAddress().length * 8 != bits) {
            return false;
        }
        return new BigInteger(1, address.getAddress()).shiftRight(bits - prefix).equals(base);
    }
}
