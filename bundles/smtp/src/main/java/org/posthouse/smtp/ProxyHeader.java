// SPDX-License-Identifier: Apache-2.0
package org.posthouse.smtp;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The header of the PROXY protocol, version 1 or 2: who is behind the proxy. Strict: whatever is not a header by the
 * letter is none.
 *
 * @param client the address of the client, null when the proxy speaks for itself (LOCAL, UNKNOWN)
 * @param target the address that the client connected to, null likewise
 */
record ProxyHeader(
        @Nullable InetSocketAddress client, @Nullable InetSocketAddress target) {
    /** The header of a proxy that speaks for itself. */
    private static final ProxyHeader LOCAL = new ProxyHeader(null, null);

    private static final byte[] SIGNATURE = {'\r', '\n', '\r', '\n', 0, '\r', '\n', 'Q', 'U', 'I', 'T', '\n'};
    private static final int V1_LIMIT = 107;
    private static final int V2_LIMIT = 4096;

    /** Reads a header; null when what came is none. */
    static @Nullable ProxyHeader read(Octets in, long deadline) throws IOException {
        int first = in.read(deadline);
        if (first == SIGNATURE[0]) {
            return version2(in, deadline);
        }
        return first == 'P' ? version1(in, deadline) : null;
    }

    private static @Nullable ProxyHeader version1(Octets in, long deadline) throws IOException {
        StringBuilder line = new StringBuilder("P");
        while (line.length() < V1_LIMIT) {
            int octet = in.read(deadline);
            if (octet < 0) {
                return null;
            }
            if (octet == '\n') {
                boolean ended = line.charAt(line.length() - 1) == '\r';
                return ended ? parse(line.substring(0, line.length() - 1)) : null;
            }
            line.append((char) octet);
        }
        return null;
    }

    /** Parses the line of version 1 without CRLF; null when it is none. */
    static @Nullable ProxyHeader parse(String line) {
        String[] words = line.split(" ", -1);
        if (words.length >= 2 && words[0].equals("PROXY") && words[1].equals("UNKNOWN")) {
            return LOCAL;
        }
        if (words.length != 6 || !words[0].equals("PROXY") || !words[1].matches("TCP[46]")) {
            return null;
        }
        int length = words[1].equals("TCP4") ? 4 : 16;
        InetSocketAddress client = socket(words[2], words[4], length);
        InetSocketAddress target = socket(words[3], words[5], length);
        return client == null || target == null ? null : new ProxyHeader(client, target);
    }

    private static @Nullable InetSocketAddress socket(String address, String port, int length) {
        if (!port.matches("0|[1-9][0-9]{0,4}") || Integer.parseInt(port) > 65535) {
            return null;
        }
        try {
            InetAddress parsed = Networks.address(address);
            boolean fits = (address.indexOf(':') >= 0) == (length == 16);
            return fits ? new InetSocketAddress(parsed, Integer.parseInt(port)) : null;
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    private static @Nullable ProxyHeader version2(Octets in, long deadline) throws IOException {
        // A wrong signature ends it at its first octet, not after twelve that may never come.
        for (int i = 1; i < SIGNATURE.length; i++) {
            if (in.read(deadline) != SIGNATURE[i]) {
                return null;
            }
        }
        byte[] head = read(in, 4, deadline);
        int length = head == null ? V2_LIMIT + 1 : (head[2] & 0xFF) << 8 | (head[3] & 0xFF);
        byte[] body = length > V2_LIMIT ? null : read(in, length, deadline);
        if (head == null || body == null) {
            return null;
        }
        return switch (head[0]) {
            case 0x20 -> LOCAL;
            case 0x21 -> addresses(head[1], ByteBuffer.wrap(body));
            default -> null;
        };
    }

    private static @Nullable ProxyHeader addresses(byte family, ByteBuffer body) throws IOException {
        int length = family == 0x11 ? 4 : family == 0x21 ? 16 : 0;
        if (length == 0 || body.remaining() < 2 * length + 4) {
            return family == 0 ? LOCAL : null;
        }
        byte[] client = new byte[length];
        byte[] target = new byte[length];
        body.get(client).get(target);
        int clientPort = body.getShort() & 0xFFFF;
        int targetPort = body.getShort() & 0xFFFF;
        return new ProxyHeader(
                new InetSocketAddress(InetAddress.getByAddress(client), clientPort),
                new InetSocketAddress(InetAddress.getByAddress(target), targetPort));
    }

    private static byte @Nullable [] read(Octets in, int length, long deadline) throws IOException {
        byte[] octets = new byte[length];
        for (int i = 0; i < length; i++) {
            int octet = in.read(deadline);
            if (octet < 0) {
                return null;
            }
            octets[i] = (byte) octet;
        }
        return octets;
    }
}
