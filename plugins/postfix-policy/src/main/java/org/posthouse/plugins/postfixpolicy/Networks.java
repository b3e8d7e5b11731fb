// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.postfixpolicy;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Networks, and which of them an address is in. */
final class Networks {
    private record Network(byte[] address, int bits) {
        boolean contains(byte[] other) {
            return other.length == address.length && Arrays.equals(masked(other, bits), masked(address, bits));
        }
    }

    private final List<Network> all = new ArrayList<>();

    Networks(String[] texts) {
        for (String text : texts) {
            int slash = text.indexOf('/');
            byte[] address = literal(slash < 0 ? text : text.substring(0, slash));
            int most = address.length * 8;
            int bits = slash < 0 ? most : Integer.parseInt(text.substring(slash + 1));
            if (bits < 0 || bits > most) {
                throw new IllegalArgumentException("Not a network: " + text);
            }
            all.add(new Network(address, bits));
        }
    }

    private static byte[] literal(String text) {
        if (!text.matches("[0-9a-fA-F:.]+")) {
            throw new IllegalArgumentException("Not an address: " + text);
        }
        try {
            return InetAddress.getByName(text.indexOf(':') < 0 ? text : "[" + text + "]")
                    .getAddress();
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
