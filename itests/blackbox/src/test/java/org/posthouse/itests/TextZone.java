// SPDX-License-Identifier: Apache-2.0
package org.posthouse.itests;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.posthouse.testkit.server.Ports;

/** A name server on loopback that knows text records alone (RFC 1035), and that all other names do not exist. */
final class TextZone implements AutoCloseable {
    private static final int HEADER = 12;
    private static final int TXT = 16;
    private static final int STRING = 255;

    private final Map<String, String> records = new ConcurrentHashMap<>();
    private final DatagramSocket socket;

    TextZone() throws IOException {
        socket = new DatagramSocket(Ports.free(), InetAddress.getLoopbackAddress());
        Thread.ofVirtual().start(this::serve);
    }

    int port() {
        return socket.getLocalPort();
    }

    TextZone put(String name, String text) {
        records.put(name.toLowerCase(Locale.ROOT), text);
        return this;
    }

    private void serve() {
        byte[] buffer = new byte[1500];
        try {
            while (!socket.isClosed()) {
                DatagramPacket packet = new DatagramPacket(buffer, buffer.length);
                socket.receive(packet);
                byte[] answer = answer(Arrays.copyOf(buffer, packet.getLength()));
                socket.send(new DatagramPacket(answer, answer.length, packet.getSocketAddress()));
            }
        } catch (SocketException closed) {
            return;
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private byte[] answer(byte[] query) throws IOException {
        StringBuilder name = new StringBuilder();
        int at = HEADER;
        while (query[at] != 0) {
            name.append(name.isEmpty() ? "" : ".")
                    .append(new String(query, at + 1, query[at], StandardCharsets.US_ASCII));
            at += query[at] + 1;
        }
        int type = (query[at + 1] & 0xff) << 8 | query[at + 2] & 0xff;
        String text = records.get(name.toString().toLowerCase(Locale.ROOT));
        boolean found = text != null && type == TXT;
        ByteArrayOutputStream octets = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(octets);
        out.write(query, 0, 2);
        out.writeShort(0x8400 | (query[2] & 1) << 8 | (text == null ? 3 : 0)); // An authoritative answer.
        out.writeShort(1);
        out.writeShort(found ? 1 : 0);
        out.writeInt(0);
        out.write(query, HEADER, at + 5 - HEADER);
        if (found) {
            ByteArrayOutputStream strings = new ByteArrayOutputStream();
            byte[] all = text.getBytes(StandardCharsets.US_ASCII);
            for (int from = 0; from < all.length; from += STRING) {
                int length = Math.min(STRING, all.length - from);
                strings.write(length);
                strings.write(all, from, length);
            }
            out.writeShort(0xc000 | HEADER);
            out.writeShort(TXT);
            out.writeShort(1);
            out.writeInt(300);
            out.writeShort(strings.size());
            strings.writeTo(out);
        }
        return octets.toByteArray();
    }

    @Override
    public void close() {
        socket.close();
    }
}
