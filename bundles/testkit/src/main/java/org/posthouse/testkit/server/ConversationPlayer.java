// SPDX-License-Identifier: Apache-2.0
package org.posthouse.testkit.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/**
 * Plays one side of a conversation written as a transcript: {@code C:} is sent with CRLF, {@code R:} is sent as it is with
 * {@code \r \n \0} replaced, {@code S:} is expected (a final {@code …} stands for anything), {@code X} expects the end,
 * {@code T} begins TLS with whatever certificate.
 */
public final class ConversationPlayer implements AutoCloseable {
    private Socket socket;
    private InputStream in;

    /** Connects. */
    public ConversationPlayer(InetSocketAddress address) throws IOException {
        socket = new Socket(address.getAddress(), address.getPort());
        socket.setSoTimeout(20_000);
        in = new BufferedInputStream(socket.getInputStream());
    }

    /** Plays these lines. */
    public void play(String... lines) throws IOException {
        play(List.of(lines));
    }

    /** Plays a transcript against a port of loopback. */
    public static void play(Path transcript, int port) throws IOException {
        try (ConversationPlayer player =
                new ConversationPlayer(new InetSocketAddress(InetAddress.getLoopbackAddress(), port))) {
            player.play(Files.readAllLines(transcript));
        }
    }

    /** Plays these lines. */
    public void play(List<String> lines) throws IOException {
        for (String line : lines) {
            String text = line.length() > 3 ? line.substring(3) : "";
            switch (line.isEmpty() ? '#' : line.charAt(0)) {
                case 'C' -> send(text + "\r\n");
                case 'R' -> send(text.replace("\\r", "\r").replace("\\n", "\n").replace("\\0", "\0"));
                case 'S' -> expect(text);
                case 'X' -> assertNull(line(), "the server should have closed");
                case 'T' -> secure();
                default -> assertTrue(line.isEmpty() || line.startsWith("#"), "no line of a transcript: " + line);
            }
        }
    }

    /** Begins TLS; any certificate will do. */
    public void secure() throws IOException {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, new TrustManager[] {new Trusting()}, null);
            SSLSocket secured = (SSLSocket)
                    context.getSocketFactory().createSocket(socket, "mx.local.test", socket.getPort(), true);
            secured.startHandshake();
            socket = secured;
            in = new BufferedInputStream(secured.getInputStream());
        } catch (GeneralSecurityException e) {
            throw new IOException(e);
        }
    }

    /** Trusts every certificate: a test server signs its own. */
    private static final class Trusting extends X509ExtendedTrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, Socket over) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, Socket over) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine over) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine over) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }

    /** Sends a text as it is, as UTF-8. */
    public void send(String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
    }

    private void expect(String expected) throws IOException {
        String line = line();
        if (line == null) {
            throw new AssertionError("closed instead of " + expected);
        }
        if (expected.endsWith("…")) {
            String start = expected.substring(0, expected.length() - 1);
            assertEquals(start, line.substring(0, Math.min(start.length(), line.length())), line);
        } else {
            assertEquals(expected, line);
        }
    }

    /** The next line without CRLF; null when the server closed. */
    public @Nullable String line() throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        while (true) {
            int octet = read();
            if (octet < 0) {
                return null;
            }
            line.write(octet);
            if (octet == '\n') {
                String text = line.toString(StandardCharsets.ISO_8859_1);
                assertTrue(text.endsWith("\r\n"), "a reply ends with CRLF: " + text);
                return text.substring(0, text.length() - 2);
            }
        }
    }

    private int read() throws IOException {
        try {
            return in.read();
        } catch (SocketException e) {
            // A reset ends the connection as well.
            return -1;
        }
    }

    /** The connection, for what no transcript can say. */
    public Socket socket() {
        return socket;
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
