// SPDX-License-Identifier: Apache-2.0
package org.posthouse.cluster.hazelcast;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.posthouse.cluster.protocol.Answer;
import org.posthouse.cluster.protocol.Ballot;
import org.posthouse.cluster.protocol.Clocks;
import org.posthouse.cluster.protocol.Frame;
import org.posthouse.cluster.protocol.HeldMessage;
import org.posthouse.cluster.protocol.Incarnation;
import org.posthouse.cluster.protocol.Membership;
import org.posthouse.cluster.protocol.Message;
import org.posthouse.cluster.protocol.Response;
import org.posthouse.cluster.settings.Finder;
import org.posthouse.cluster.settings.Socket;
import org.posthouse.cluster.transport.KeyRing;
import org.posthouse.cluster.transport.ParcelPeers;
import org.posthouse.cluster.transport.Traffic;
import org.posthouse.spool.spi.MessageId;
import org.posthouse.spool.spi.Progress;
import org.posthouse.spool.spi.State;
import org.posthouse.testkit.server.Await;
import org.posthouse.testkit.server.Ports;

/** Frames between two instances of Hazelcast in this process, over loopback. */
@Timeout(120)
class HazelcastCarriageTest {
    private static final Clocks CLOCKS = new Clocks() {
        @Override
        public long monotonic() {
            return System.nanoTime() / 1_000_000;
        }

        @Override
        public long wall() {
            return System.currentTimeMillis();
        }
    };

    /** A member that answers every frame at once. */
    private static final class Member implements AutoCloseable {
        final Incarnation self;
        final ExecutorService thread = Executors.newSingleThreadExecutor();
        final SimpleMeterRegistry registry = new SimpleMeterRegistry();
        final HazelcastCarriage carriage;
        final ParcelPeers peers;
        final AtomicInteger received = new AtomicInteger();

        Member(String name, String cluster, Socket socket, Socket other) {
            self = new Incarnation(name, 1);
            carriage = new HazelcastCarriage(
                    new Place(cluster, name, socket, socket, List.of(other), new Finder(false)),
                    octets -> arrive(octets));
            peers = new ParcelPeers(
                    new Membership(name, List.of("a", "b"), List.of()),
                    CLOCKS,
                    5_000,
                    KeyRing.of(new byte[32]),
                    thread,
                    carriage,
                    new Traffic(registry));
            peers.serve(() -> self, (frame, answer) -> {
                received.incrementAndGet();
                answer.accept(new Response(self, 0, new Answer.Absent()));
            });
            carriage.start();
        }

        private void arrive(byte[] octets) {
            peers.arrive(octets);
        }

        @Override
        public void close() {
            carriage.close();
            thread.shutdownNow();
        }
    }

    private static Socket socket() {
        return new Socket("127.0.0.1", Ports.free());
    }

    private static Message store(int recipients, int replyOctets) {
        List<Progress> progress = new ArrayList<>();
        for (int i = 0; i < recipients; i++) {
            progress.add(new Progress(
                    i, State.QUEUED, 0, 1, 0, Instant.EPOCH, "x".repeat(replyOctets), "mx.example.net", Instant.EPOCH));
        }
        return new Message.Store(List.of(new HeldMessage(
                new MessageId(1, 2),
                new Ballot(0, new Incarnation("a", 1)),
                false,
                1,
                1,
                List.of(),
                progress,
                Set.of(),
                List.of(),
                0)));
    }

    /** Sends frames and waits for all answers; milliseconds. */
    private static long send(Member from, Incarnation to, int times, Message message) throws Exception {
        CountDownLatch answered = new CountDownLatch(times);
        AtomicInteger wrong = new AtomicInteger();
        long began = System.nanoTime();
        from.thread.execute(() -> {
            for (int i = 1; i <= times; i++) {
                from.peers.send(new Frame(from.self, 0, to, i, message), response -> {
                    if (!(response.answer() instanceof Answer.Absent)) {
                        wrong.incrementAndGet();
                    }
                    answered.countDown();
                });
            }
        });
        while (!answered.await(200, TimeUnit.MILLISECONDS)) {
            from.thread.execute(from.peers::tick);
        }
        assertEquals(0, wrong.get());
        return (System.nanoTime() - began) / 1_000_000;
    }

    @Test
    void carriesLargeFramesAndMany() throws Exception {
        Socket atA = socket();
        Socket atB = socket();
        String cluster = "carriage-" + System.nanoTime();
        try (Member a = new Member("a", cluster, atA, atB);
                Member b = new Member("b", cluster, atB, atA)) {
            Await.until(
                    () -> "they find each other: " + a.carriage.trouble(),
                    Duration.ofSeconds(30),
                    () -> !a.carriage.connected().isEmpty()
                            && !b.carriage.connected().isEmpty());
            assertEquals(Set.of("b"), a.carriage.connected());

            send(a, b.self, 1, store(1, 1_000_000));
            long mega = send(a, b.self, 20, store(1, 1_000_000));
            assertEquals(21, b.received.get());

            for (int i = 0; i < 3; i++) {
                int before = b.received.get();
                long many = send(a, b.self, 10_000, store(2, 40));
                assertEquals(before + 10_000, b.received.get());
                System.out.printf(
                        "20 frames of 1 MB: %d ms; 10,000 frames: %d ms, %d per second, %.0f in a parcel%n",
                        mega,
                        many,
                        10_000_000L / Math.max(1, many),
                        a.registry.get("posthouse.cluster.batch").summary().mean());
            }
        }
    }
}
