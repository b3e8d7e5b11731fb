// SPDX-License-Identifier: Apache-2.0
package org.posthouse.testkit.server;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/** A plain SMTP client that says exactly what it is told. */
public final class SmtpClient implements AutoCloseable {
    private final Socket socket;
    private final InputStream in;
    private final OutputStream out;

    /** Connects to a port of loopback. */
    public SmtpClient(int port) throws IOException {
        this(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), Duration.ofMinutes(2));
    }

    /** Connects to a server, which may take so long to do so, and for each reply. */
    public SmtpClient(InetSocketAddress server, Duration patience) throws IOException {
        socket = new Socket();
        try {
            socket.connect(server, (int) patience.toMillis());
        } catch (IOException e) {
            socket.close();
            throw e;
        }
        socket.setTcpNoDelay(true);
        socket.setSoTimeout((int) patience.toMillis());
        in = new BufferedInputStream(socket.getInputStream());
        out = new BufferedOutputStream(socket.getOutputStream(), 1 << 16);
    }

    /** Connects and says EHLO. */
    public static SmtpClient greeted(int port) throws IOException {
        SmtpClient client = new SmtpClient(port);
        client.expect("220");
        client.say("EHLO client.test").expect("250");
        return client;
    }

    /** Sends a line with CRLF. */
    public SmtpClient say(String line) throws IOException {
        return send((line + "\r\n").getBytes(StandardCharsets.UTF_8)).flush();
    }

    /** Sends octets as they are, at the latest with the next {@link #flush}. */
    public SmtpClient send(byte[] octets) throws IOException {
        out.write(octets);
        return this;
    }

    /** Sends what waits. */
    public SmtpClient flush() throws IOException {
        out.flush();
        return this;
    }

    /** Reads a reply, all its lines. */
    public String reply() throws IOException {
        StringBuilder reply = new StringBuilder();
        while (true) {
            String line = line();
            reply.append(line);
            if (line.length() < 4 || line.charAt(3) != '-') {
                return reply.toString();
            }
            reply.append('\n');
        }
    }

    private String line() throws IOException {
        StringBuilder line = new StringBuilder();
        for (int c = in.read(); c != '\n'; c = in.read()) {
            if (c < 0) {
                throw new EOFException("closed after " + line);
            }
            line.append((char) c);
        }
        return line.toString().stripTrailing();
    }

    /** Reads a reply, which must begin with this. */
    public String expect(String start) throws IOException {
        String reply = reply();
        if (!reply.startsWith(start)) {
            throw new AssertionError("Wanted " + start + ", got " + reply);
        }
        return reply;
    }

    /** One whole transaction; gives back the reply to the final dot. The message has CRLF ends and no dots at line starts. */
    public String deliver(String from, String to, String message) throws IOException {
        say("MAIL FROM:<" + from + ">").expect("250");
        say("RCPT TO:<" + to + ">").expect("250");
        say("DATA").expect("354");
        send(message.getBytes(StandardCharsets.ISO_8859_1))
                .send(".\r\n".getBytes(StandardCharsets.US_ASCII))
                .flush();
        return reply();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
