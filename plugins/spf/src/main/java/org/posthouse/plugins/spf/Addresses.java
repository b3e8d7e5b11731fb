// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.spf;

import java.net.InetAddress;
import java.util.Locale;
import java.util.StringJoiner;

/** Addresses as text. */
final class Addresses {
    private Addresses() {}

    /** As people read it; IPv6 with its zeros left out (RFC 5952). */
    static String readable(InetAddress address) {
        byte[] octets = address.getAddress();
        if (octets.length == 4) {
            return address.getHostAddress();
        }
        int[] groups = new int[8];
        for (int i = 0; i < 8; i++) {
            groups[i] = (octets[2 * i] & 0xff) << 8 | octets[2 * i + 1] & 0xff;
        }
        int start = -1;
        int length = 1; // RFC 5952 4.2.2: one group alone is not left out.
        for (int i = 0; i < 8; i++) {
            int run = zeros(groups, i);
            if (run > length) {
                start = i;
                length = run;
            }
        }
        return start < 0 ? hex(groups, 0, 8) : hex(groups, 0, start) + "::" + hex(groups, start + length, 8);
    }

    private static int zeros(int[] groups, int from) {
        int end = from;
        while (end < groups.length && groups[end] == 0) {
            end++;
        }
        return end - from;
    }

    private static String hex(int[] groups, int from, int to) {
        StringJoiner text = new StringJoiner(":");
        for (int i = from; i < to; i++) {
            text.add(Integer.toHexString(groups[i]));
        }
        return text.toString();
    }

    /** With dots between its parts (RFC 7208 7.3, macro i): four numbers, or thirty-two digits of IPv6. */
    static String dotted(InetAddress address) {
        byte[] octets = address.getAddress();
        if (octets.length == 4) {
            return address.getHostAddress();
        }
        StringJoiner text = new StringJoiner(".");
        for (byte octet : octets) {
            text.add(digit(octet >> 4)).add(digit(octet));
        }
        return text.toString();
    }

    private static String digit(int nibble) {
        return Integer.toHexString(nibble & 0xf).toLowerCase(Locale.ROOT);
    }

    /** Under which domain its names stand (RFC 7208 7.3, macro v). */
    static String reverse(InetAddress address) {
        return address.getAddress().length == 4 ? "in-addr" : "ip6";
    }
}
