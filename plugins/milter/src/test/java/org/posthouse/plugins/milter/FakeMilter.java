// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.milter;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** A milter that says what a test told it, and remembers what it was told. */
final class FakeMilter implements AutoCloseable {
    private final ServerSocket server;
    private final List<String> heard = new CopyOnWriteArrayList<>();
    private final Map<Character, List<byte[]>> answers = new ConcurrentHashMap<>();
    private final Map<Character, List<byte[]>> once = new ConcurrentHashMap<>();
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private final ByteArrayOutputStream body = new ByteArrayOutputStream();
    private volatile byte[] options;

    FakeMilter() throws IOException {
        server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        options(6, Options.ALL_ACTIONS, 0);
        Thread.ofVirtual().start(this::accept);
    }

    String address() {
        return "127.0.0.1:" + server.getLocalPort();
    }

    /** What it agrees to. */
    FakeMilter options(int version, int actions, int steps, Object... stagesAndMacros) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(number(version));
        out.writeBytes(number(actions));
        out.writeBytes(number(steps));
        for (int i = 0; i < stagesAndMacros.length; i += 2) {
            out.writeBytes(number((Integer) stagesAndMacros[i]));
            out.writeBytes(text((String) stagesAndMacros[i + 1]));
        }
        options = out.toByteArray();
        return this;
    }

    /** The packets with which it answers a command from now on; none is silence. */
    FakeMilter answers(char command, byte[]... packets) {
        answers.put(command, List.of(packets));
        return this;
    }

    /** The packets with which it answers a command the next time. */
    FakeMilter once(char command, byte[]... packets) {
        once.put(command, List.of(packets));
        return this;
    }

    /** A packet of parts: numbers, texts, octets. */
    static byte[] packet(char command, Object... parts) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (Object part : parts) {
            switch (part) {
                case Integer number -> out.writeBytes(number(number));
                case String text -> out.writeBytes(text(text));
                case byte[] octets -> out.writeBytes(octets);
                default -> throw new IllegalArgumentException(part.toString());
            }
        }
        ByteArrayOutputStream packet = new ByteArrayOutputStream();
        packet.writeBytes(number(out.size() + 1));
        packet.write(command);
        packet.writeBytes(out.toByteArray());
        return packet.toByteArray();
    }

    private static byte[] number(int value) {
        return new byte[] {(byte) (value >> 24), (byte) (value >> 16), (byte) (value >> 8), (byte) value};
    }

    private static byte[] text(String value) {
        return (value + "\0").getBytes(StandardCharsets.UTF_8);
    }

    /** What it heard so far: the letter of the command and its texts, NUL as a bar; of octets of the body their number. */
    List<String> heard() {
        return List.copyOf(heard);
    }

    /** The same without macros and options. */
    List<String> steps() {
        return heard.stream()
                .filter(line -> !line.startsWith("D") && !line.startsWith("O"))
                .toList();
    }

    /** The octets of all bodies it heard. */
    synchronized String body() {
        return body.toString(StandardCharsets.ISO_8859_1);
    }

    /** How many connections are open. */
    int connections() {
        return open.size();
    }

    /** Closes all connections, as when it is restarted. */
    void restart() throws IOException {
        for (Socket socket : open) {
            socket.close();
        }
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                Socket socket = server.accept();
                Thread.ofVirtual().start(() -> serve(socket));
            } catch (IOException e) {
                return;
            }
        }
    }

    private void serve(Socket socket) {
        open.add(socket);
        try (socket) {
            DataInputStream in = new DataInputStream(socket.getInputStream());
            DataOutputStream out = new DataOutputStream(socket.getOutputStream());
            while (true) {
                byte[] data = new byte[in.readInt() - 1];
                char command = (char) in.readUnsignedByte();
                in.readFully(data);
                hear(command, data);
                if (command == 'Q') {
                    return;
                }
                for (byte[] packet : said(command)) {
                    out.write(packet);
                }
            }
        } catch (IOException e) {
            // The server went away, which it may at any time.
        } finally {
            open.remove(socket);
        }
    }

    private void hear(char command, byte[] data) {
        String text = command == 'O' ? "" : new String(data, StandardCharsets.UTF_8).replace('\0', '|');
        if (command == 'B') {
            synchronized (this) {
                body.writeBytes(data);
            }
            text = String.valueOf(data.length);
        }
        if (command == 'C') {
            int nul = text.indexOf('|');
            text = text.substring(0, nul) + " " + data[nul + 1] + " " + text.substring(nul + 4);
        }
        heard.add(command + text);
    }

    private List<byte[]> said(char command) {
        List<byte[]> next = once.remove(command);
        if (next != null) {
            return next;
        }
        if (command == 'O') {
            return List.of(packet('O', options));
        }
        List<byte[]> usual = command == 'D' || command == 'A' || command == 'K' ? List.of() : List.of(packet('c'));
        return answers.getOrDefault(command, usual);
    }

    /** All packets in a row. */
    static byte[] row(byte[]... packets) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (byte[] packet : packets) {
            out.writeBytes(packet);
        }
        return out.toByteArray();
    }

    /** Which commands it heard, letters in order. */
    String letters() {
        List<String> letters = new ArrayList<>();
        steps().forEach(step -> letters.add(step.substring(0, 1)));
        return String.join("", letters);
    }

    @Override
    public void close() throws IOException {
        server.close();
        restart();
    }
}
