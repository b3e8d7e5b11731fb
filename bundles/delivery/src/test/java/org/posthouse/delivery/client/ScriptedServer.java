// SPDX-License-Identifier: Apache-2.0
package org.posthouse.delivery.client;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * An SMTP server that plays its side of one transcript per connection.
 *
 * <p>{@code S:} is sent (a bar stands for a line end), {@code C:} is expected (a trailing {@code *} stands for anything), {@code quiet} expects that
 * nothing more was sent yet, {@code skip N} reads so many octets, {@code close} closes.
 */
public final class ScriptedServer implements AutoCloseable {
    private final ServerSocket server;
    private final List<CompletableFuture<Void>> plays = new ArrayList<>();

    public ScriptedServer(String... transcripts) throws IOException {
        this.server = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
        for (String transcript : transcripts) {
            plays.add(new CompletableFuture<>());
        }
        Thread.ofVirtual().start(() -> {
            for (int i = 0; i < transcripts.length; i++) {
                play(transcripts[i], plays.get(i));
            }
        });
    }

    public int port() {
        return server.getLocalPort();
    }

    /** Fails unless every transcript was played to its end. */
    public void finish() throws Exception {
        for (CompletableFuture<Void> play : plays) {
            play.get(10, TimeUnit.SECONDS);
        }
    }

    private void play(String transcript, CompletableFuture<Void> done) {
        try (Socket socket = server.accept()) {
            socket.setSoTimeout(10_000);
            InputStream in = new BufferedInputStream(socket.getInputStream());
            for (String line : transcript.strip().split("\n")) {
                step(line.stripLeading(), in, socket.getOutputStream());
                if (line.strip().equals("close")) {
                    break;
                }
            }
            done.complete(null);
        } catch (IOException | RuntimeException | AssertionError e) {
            done.completeExceptionally(e);
        }
    }

    private static void step(String line, InputStream in, OutputStream out) throws IOException {
        if (line.startsWith("S: ")) {
            out.write((line.substring(3).replace("|", "\r\n") + "\r\n").getBytes(StandardCharsets.ISO_8859_1));
            out.flush();
        } else if (line.startsWith("C:")) {
            expect(line.substring(Math.min(3, line.length())), read(in));
        } else if (line.equals("quiet")) {
            if (in.available() > 0) {
                throw new AssertionError("More was sent than asked for");
            }
        } else if (line.startsWith("skip ")) {
            in.readNBytes(Integer.parseInt(line.substring(5).strip()));
        } else if (!line.strip().equals("close")) {
            throw new AssertionError("Not a line of a transcript: " + line);
        }
    }

    private static void expect(String wanted, String said) {
        boolean fits =
                wanted.endsWith("*") ? said.startsWith(wanted.substring(0, wanted.length() - 1)) : said.equals(wanted);
        if (!fits) {
            throw new AssertionError("Wanted <" + wanted + "> but the client said <" + said + ">");
        }
    }

    private static String read(InputStream in) throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        int c;
        while ((c = in.read()) != '\n') {
            if (c < 0) {
                throw new IOException("The client went away after <" + line + ">");
            }
            line.write(c);
        }
        String text = line.toString(StandardCharsets.UTF_8);
        if (!text.endsWith("\r")) {
            throw new AssertionError("Line without CR: " + text);
        }
        return text.substring(0, text.length() - 1);
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
