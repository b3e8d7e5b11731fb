// SPDX-License-Identifier: Apache-2.0
package org.posthouse.itests;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.posthouse.testkit.server.Ports;

/** A line to a name server that carries questions about some names late, over UDP alone. */
final class SlowLine implements AutoCloseable {
    final int port = Ports.free();
    private final DatagramSocket front;
    private final InetSocketAddress server;
    private final String label;
    private final Duration delay;
    private final AtomicInteger late = new AtomicInteger();
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

    /**
     * A line to a server on loopback.
     *
     * @param label names with this label are asked for late
     */
    SlowLine(int server, String label, Duration delay) throws IOException {
        this.server = new InetSocketAddress(InetAddress.getLoopbackAddress(), server);
        this.label = (char) label.length() + label;
        this.delay = delay;
        this.front = new DatagramSocket(port, InetAddress.getLoopbackAddress());
        Thread.ofVirtual().start(this::carry);
    }

    /** How many questions were carried late, or wait. */
    int late() {
        return late.get();
    }

    private void carry() {
        byte[] buffer = new byte[4096];
        while (!front.isClosed()) {
            DatagramPacket packet = new DatagramPacket(buffer, buffer.length);
            try {
                front.receive(packet);
            } catch (IOException e) {
                return; // Closed.
            }
            byte[] question = Arrays.copyOf(buffer, packet.getLength());
            SocketAddress asker = packet.getSocketAddress();
            boolean slow = new String(question, StandardCharsets.ISO_8859_1)
                    .toLowerCase(Locale.ROOT)
                    .contains(label);
            if (slow) {
                late.incrementAndGet();
            }
            CompletableFuture.delayedExecutor(slow ? delay.toMillis() : 0, TimeUnit.MILLISECONDS, threads)
                    .execute(() -> ask(question, asker));
        }
    }

    private void ask(byte[] question, SocketAddress asker) {
        try (DatagramSocket back = new DatagramSocket()) {
            back.setSoTimeout(2000);
            back.send(new DatagramPacket(question, question.length, server));
            DatagramPacket answer = new DatagramPacket(new byte[4096], 4096);
            back.receive(answer);
            front.send(new DatagramPacket(answer.getData(), answer.getLength(), asker));
        } catch (IOException e) {
            if (!front.isClosed()) {
                throw new UncheckedIOException(e);
            }
        }
    }

    @Override
    public void close() {
        front.close();
        threads.shutdownNow();
    }
}
