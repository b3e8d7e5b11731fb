// SPDX-License-Identifier: Apache-2.0
package org.posthouse.itests;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.util.Base64;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/**
 * A client that tries to get one message in, and tells how far it came.
 *
 * @param name who it is, for the reader
 * @param listener where it knocks
 * @param sender its reverse-path; {@code *} is another address each time
 * @param recipient its forward-path
 * @param password what it says as anna after STARTTLS; empty for no AUTH
 */
record Probe(String name, Listener listener, String sender, String recipient, String password) {
    private static final AtomicInteger NUMBERS = new AtomicInteger();

    /** The listeners of a daemon. */
    enum Listener {
        FEEDER,
        MX,
        SUBMISSION;

        int port(Daemon daemon) {
            return switch (this) {
                case FEEDER -> daemon.smtp;
                case MX -> daemon.mx;
                case SUBMISSION -> daemon.submission;
            };
        }
    }

    /** Where hooks are asked. */
    enum Step {
        CONNECT,
        AUTH,
        MAIL,
        RCPT,
        DATA
    }

    /**
     * What it came to.
     *
     * @param asked the steps at which hooks were asked
     * @param reply the first reply that refused, or the last one
     */
    record Outcome(Set<Step> asked, String reply) {
        boolean accepted() {
            return reply.startsWith("250");
        }

        boolean deferred() {
            return reply.startsWith("451 ") || reply.startsWith("454 ") || reply.startsWith("421 ");
        }

        /** Without what differs each time: the id of a message, the seconds to wait. */
        String verdict() {
            return accepted() ? "250" : reply.replaceAll("in \\d+ seconds", "in a while");
        }
    }

    Outcome play(Daemon daemon) throws IOException {
        // Each from an address of its own: failures at AUTH are remembered by address.
        int number = NUMBERS.incrementAndGet();
        String from = "127." + (1 + number / 62_500) + "." + (number / 250 % 250) + "." + (1 + number % 250);
        EnumSet<Step> asked = EnumSet.of(Step.CONNECT);
        try (Line line = new Line(from, listener.port(daemon))) {
            String reply = line.reply();
            if (!reply.startsWith("220")) {
                return new Outcome(asked, reply);
            }
            line.ask("EHLO client.test");
            if (listener == Listener.SUBMISSION) {
                line.ask("STARTTLS");
                line.secure();
                line.ask("EHLO client.test");
            }
            if (!password.isEmpty()) {
                asked.add(Step.AUTH);
                String told = "\0anna@local.test\0" + password;
                reply = line.ask(
                        "AUTH PLAIN " + Base64.getEncoder().encodeToString(told.getBytes(StandardCharsets.US_ASCII)));
                if (!reply.startsWith("235")) {
                    return new Outcome(asked, reply);
                }
            }
            return transaction(line, asked, number);
        }
    }

    private Outcome transaction(Line line, EnumSet<Step> asked, int number) throws IOException {
        String reply = line.ask("MAIL FROM:<" + sender.replace("*", "s" + number) + ">");
        if (reply.startsWith("530")) {
            return new Outcome(asked, reply); // The listener wants AUTH before it asks anybody.
        }
        asked.add(Step.MAIL);
        if (!reply.startsWith("250")) {
            return new Outcome(asked, reply);
        }
        asked.add(Step.RCPT);
        reply = line.ask("RCPT TO:<" + recipient + ">");
        if (!reply.startsWith("250")) {
            return new Outcome(asked, reply);
        }
        asked.add(Step.DATA);
        line.ask("DATA");
        return new Outcome(
                asked, line.ask("From: " + sender.replace("*", "s" + number) + "\r\nSubject: probe\r\n\r\nx\r\n."));
    }

    /** A connection that can be secured. */
    private static final class Line implements AutoCloseable {
        private final String host = "127.0.0.1";
        private Socket socket;
        private BufferedReader in;
        private OutputStream out;

        Line(String from, int port) throws IOException {
            socket = new Socket();
            socket.bind(new InetSocketAddress(InetAddress.getByName(from), 0));
            socket.setSoTimeout(120_000);
            socket.connect(new InetSocketAddress(host, port));
            in = new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.ISO_8859_1));
            out = socket.getOutputStream();
        }

        void secure() throws IOException {
            try {
                SSLContext context = SSLContext.getInstance("TLS");
                context.init(null, new TrustManager[] {new Trusting()}, new SecureRandom());
                socket = context.getSocketFactory().createSocket(socket, host, socket.getPort(), true);
            } catch (GeneralSecurityException e) {
                throw new IOException(e);
            }
            in = new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.ISO_8859_1));
            out = socket.getOutputStream();
        }

        String ask(String line) throws IOException {
            out.write((line + "\r\n").getBytes(StandardCharsets.US_ASCII));
            out.flush();
            return reply();
        }

        /** The last line of a reply. */
        String reply() throws IOException {
            String line = in.readLine();
            while (line != null && line.length() > 3 && line.charAt(3) == '-') {
                line = in.readLine();
            }
            return line == null ? "closed" : line;
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }

    /** The certificate of a daemon in a test is its own. */
    private static final class Trusting extends X509ExtendedTrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String kind, @Nullable Socket socket) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String kind, @Nullable Socket socket) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String kind, @Nullable SSLEngine engine) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String kind, @Nullable SSLEngine engine) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String kind) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String kind) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
