// SPDX-License-Identifier: Apache-2.0
package org.posthouse.testkit.server;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A next hop: takes every message and keeps header block, start, hash and length of its body, and its recipients. */
public final class SinkServer implements AutoCloseable {
    private static final int MOST_TEXT = 1 << 20;

    private final List<Arrival> arrivals = new CopyOnWriteArrayList<>();
    private final AtomicInteger messages = new AtomicInteger();
    private final AtomicInteger recipients = new AtomicInteger();
    private final AtomicBoolean defers = new AtomicBoolean();
    private final Host host;
    private final ServerSocket server;

    /** Who answers for a next hop. */
    public interface Host {
        /** The reply to a RCPT command; the recipient is taken when it begins with 2. */
        default String recipient(String command) {
            return "250 2.1.5 ok";
        }

        /** Takes what arrived, before the client is told that it was taken. */
        void take(Arrival arrival);
    }

    /**
     * What arrived.
     *
     * @param client the name that the client said it has
     * @param from the whole MAIL command
     * @param recipients the whole RCPT commands
     * @param head the header block with its empty line
     * @param body the first megabyte of the body, octet for octet (ISO 8859-1)
     * @param bodySha256 the hash of the whole body
     * @param bodyOctets its length
     */
    public record Arrival(
            String client,
            String from,
            List<String> recipients,
            String head,
            String body,
            String bodySha256,
            long bodyOctets) {
        public Arrival {
            recipients = List.copyOf(recipients);
        }

        /** The unfolded value of the first field with this name, or empty. */
        public String header(String name) {
            for (String line : head.replace("\r\n ", " ").replace("\r\n\t", " ").split("\r\n")) {
                if (line.regionMatches(true, 0, name + ":", 0, name.length() + 1)) {
                    return line.substring(name.length() + 1).strip();
                }
            }
            return "";
        }
    }

    /**
     * Listens on a port of loopback.
     *
     * @param keep whether arrivals are kept, not only counted
     */
    public SinkServer(int port, boolean keep) throws IOException {
        this(loopback(port), keep, arrival -> {});
    }

    /** Listens on a port of loopback, and shows each arrival instead of keeping it. */
    public SinkServer(int port, Consumer<Arrival> observer) throws IOException {
        this(loopback(port), false, observer::accept);
    }

    /** Listens on an address, with somebody who says what is taken, and keeps nothing. */
    public SinkServer(InetSocketAddress address, Host host) throws IOException {
        this(address, false, host);
    }

    private SinkServer(InetSocketAddress address, boolean keep, Host host) throws IOException {
        this.host = keep ? arrivals::add : host;
        server = new ServerSocket();
        server.setReuseAddress(true);
        server.bind(address, 1000);
        Thread.ofVirtual().start(this::accept);
    }

    private static InetSocketAddress loopback(int port) {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    }

    /** Listens on a port of loopback and keeps what arrives. */
    public SinkServer(int port) throws IOException {
        this(port, true);
    }

    /** Listens on a free port and keeps what arrives. */
    public SinkServer() throws IOException {
        this(Ports.free(), true);
    }

    /** The port. */
    public int port() {
        return server.getLocalPort();
    }

    /** What arrived, in order. */
    public List<Arrival> arrivals() {
        return List.copyOf(arrivals);
    }

    /** How many messages arrived. */
    public int messages() {
        return messages.get();
    }

    /** How many recipients they had in sum. */
    public int recipients() {
        return recipients.get();
    }

    /** From now on RCPT is answered 450, or taken again. */
    public void defer(boolean now) {
        defers.set(now);
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
        try (socket) {
            socket.setTcpNoDelay(true);
            InputStream in = new BufferedInputStream(socket.getInputStream(), 1 << 16);
            OutputStream out = socket.getOutputStream();
            say(out, "220 sink.test ESMTP");
            String client = "";
            String from = "";
            List<String> to = new ArrayList<>();
            for (String line = line(in); line != null; line = line(in)) {
                String verb = line.toUpperCase(java.util.Locale.ROOT);
                if (verb.startsWith("EHLO")) {
                    client = line.substring(4).strip();
                    say(out, "250-sink.test\r\n250-PIPELINING\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250 SIZE 0");
                } else if (verb.startsWith("MAIL")) {
                    from = line;
                    to.clear();
                    say(out, "250 2.1.0 ok");
                } else if (verb.startsWith("RCPT")) {
                    String reply = defers.get() ? "450 4.2.0 later" : host.recipient(line);
                    if (reply.startsWith("2")) {
                        to.add(line);
                    }
                    say(out, reply);
                } else if (verb.startsWith("DATA")) {
                    if (to.isEmpty()) {
                        say(out, "503 5.5.1 no recipients");
                    } else {
                        say(out, "354 go");
                        take(in, client, from, List.copyOf(to));
                        say(out, "250 2.0.0 taken");
                    }
                } else if (verb.startsWith("QUIT")) {
                    say(out, "221 2.0.0 bye");
                    return;
                } else {
                    say(out, "250 2.0.0 ok");
                }
            }
        } catch (IOException e) {
            // The client went away: what it had not finished does not count.
        }
    }

    private static void say(OutputStream out, String reply) throws IOException {
        out.write((reply + "\r\n").getBytes(StandardCharsets.US_ASCII));
    }

    private static @Nullable String line(InputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int c = in.read(); c != '\n'; c = in.read()) {
            if (c < 0) {
                return null;
            }
            line.append((char) c);
        }
        return line.toString().stripTrailing();
    }

    private void take(InputStream in, String client, String from, List<String> to) throws IOException {
        StringBuilder head = new StringBuilder();
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        MessageDigest digest = sha256();
        long octets = 0;
        boolean inHead = true;
        byte[] buffer = new byte[1 << 16];
        int used = 0;
        boolean lineStart = true;
        for (int c = in.read(); ; c = in.read()) {
            if (c < 0) {
                throw new IOException("closed in the middle of a message");
            }
            if (lineStart && c == '.') {
                c = in.read();
                if (c == '\r') {
                    in.read();
                    break;
                }
            }
            lineStart = c == '\n';
            if (inHead) {
                head.append((char) c);
                inHead = c != '\n' || !endsWithEmptyLine(head);
            } else {
                buffer[used++] = (byte) c;
                octets++;
                if (octets <= MOST_TEXT) {
                    text.write(c);
                }
                if (used == buffer.length) {
                    digest.update(buffer);
                    used = 0;
                }
            }
        }
        digest.update(buffer, 0, used);
        host.take(new Arrival(
                client,
                from,
                to,
                head.toString(),
                text.toString(StandardCharsets.ISO_8859_1),
                HexFormat.of().formatHex(digest.digest()),
                octets));
        recipients.addAndGet(to.size());
        messages.incrementAndGet();
    }

    private static boolean endsWithEmptyLine(StringBuilder head) {
        int n = head.length();
        return n == 2 || (n > 3 && head.substring(n - 4).equals("\r\n\r\n"));
    }

    /** The hash that arrivals carry. */
    public static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
