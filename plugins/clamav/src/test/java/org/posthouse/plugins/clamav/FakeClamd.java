// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.clamav;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/** Speaks the protocol of clamd, and keeps what was streamed to it. */
final class FakeClamd implements AutoCloseable {
    private final ServerSocketChannel server;
    private final String answer;
    private final boolean early;
    private final List<byte[]> streams = new CopyOnWriteArrayList<>();
    private final AtomicInteger closed = new AtomicInteger();
    private final CountDownLatch end = new CountDownLatch(1);
    private volatile int asked;
    private volatile boolean stays;

    /**
     * Listens.
     *
     * @param answer what it answers to INSTREAM; empty for nothing at all, ever
     * @param early whether it answers and closes behind the first chunk
     */
    FakeClamd(SocketAddress address, String answer, boolean early) throws IOException {
        this.server = address instanceof UnixDomainSocketAddress
                ? ServerSocketChannel.open(StandardProtocolFamily.UNIX)
                : ServerSocketChannel.open();
        this.answer = answer;
        this.early = early;
        server.bind(address);
        Thread.ofPlatform().daemon().start(this::accept);
    }

    static FakeClamd thatSays(String answer) throws IOException {
        return new FakeClamd(new InetSocketAddress("127.0.0.1", 0), answer, false);
    }

    /** It keeps its connections open, whatever it said in them. */
    FakeClamd staying() {
        stays = true;
        return this;
    }

    String place() throws IOException {
        return server.getLocalAddress() instanceof InetSocketAddress address
                ? "127.0.0.1:" + address.getPort()
                : server.getLocalAddress().toString();
    }

    List<byte[]> streams() {
        return streams;
    }

    int asked() {
        return asked;
    }

    /** How many connections it closed. */
    int closed() {
        return closed.get();
    }

    private void accept() {
        while (server.isOpen()) {
            try {
                SocketChannel client = server.accept();
                asked++;
                Thread.ofPlatform().daemon().start(() -> serve(client));
            } catch (IOException e) {
                return;
            }
        }
    }

    private void serve(SocketChannel client) {
        try (client) {
            DataInputStream in = new DataInputStream(Channels.newInputStream(client));
            StringBuilder command = new StringBuilder();
            for (int octet = in.read(); octet > 0; octet = in.read()) {
                command.append((char) octet);
            }
            if (command.toString().equals("zPING")) {
                say(client, answer.isEmpty() ? "" : "PONG");
            } else if (command.toString().equals("zINSTREAM")) {
                stream(in);
                say(client, answer);
            }
            if (stays) {
                end.await();
            } else if (answer.isEmpty()) {
                int last = in.read();
                assert last < 0 : "nothing is sent behind the stream";
            }
        } catch (InterruptedException | IOException e) {
            // The client went away, or nobody is to come any more.
        } finally {
            closed.incrementAndGet();
        }
    }

    private void stream(DataInputStream in) throws IOException {
        ByteArrayOutputStream octets = new ByteArrayOutputStream();
        for (int length = in.readInt(); length > 0; length = in.readInt()) {
            octets.write(in.readNBytes(length));
            if (early) {
                return;
            }
        }
        streams.add(octets.toByteArray());
    }

    private static void say(SocketChannel client, String text) throws IOException {
        if (!text.isEmpty()) {
            client.write(ByteBuffer.wrap((text + "\0").getBytes(StandardCharsets.UTF_8)));
        }
    }

    @Override
    public void close() throws IOException {
        end.countDown();
        server.close();
    }
}
