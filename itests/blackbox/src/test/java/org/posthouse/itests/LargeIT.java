// SPDX-License-Identifier: Apache-2.0
package org.posthouse.itests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.posthouse.testkit.server.Await;
import org.posthouse.testkit.server.SinkServer;
import org.posthouse.testkit.server.SmtpClient;

/** Large messages and large envelopes, in a heap of 256 MB. */
class LargeIT {
    @TempDir
    Path folder;

    private static final byte[] LINE = ("y".repeat(998) + "\r\n").getBytes(StandardCharsets.US_ASCII);

    @Test
    void oneHugeMessagePassesInBoundedMemory() throws Exception {
        long octets = Scale.of(200, 1000) * 1_000_000L;
        try (Daemon daemon = Daemon.in(folder)
                        .optimized()
                        .environment("POSTHOUSE_HEAP", "256m")
                        .start();
                SinkServer sink = new SinkServer(daemon.next);
                Peak peak = new Peak(daemon);
                SmtpClient client = SmtpClient.greeted(daemon.smtp)) {
            send(client, octets);
            Await.until("delivery", Duration.ofSeconds(300), () -> sink.messages() == 1);
            assertEquals(octets, sink.arrivals().get(0).bodyOctets());
            System.out.printf("large: one message of %d MB, peak PSS %d MB%n", octets / 1_000_000, peak.megabytes());
            assertTrue(peak.megabytes() < 500, "peak PSS " + peak.megabytes() + " MB");
        }
    }

    @Test
    void manyLargeMessagesAtOncePassInBoundedMemory() throws Exception {
        int sessions = Scale.of(20, 100);
        try (Daemon daemon = Daemon.in(folder)
                        .optimized()
                        .environment("POSTHOUSE_HEAP", "256m")
                        .start();
                SinkServer sink = new SinkServer(daemon.next);
                Peak peak = new Peak(daemon)) {
            List<Thread> threads = new ArrayList<>();
            for (int i = 0; i < sessions; i++) {
                threads.add(Thread.ofVirtual().start(() -> {
                    try (SmtpClient client = SmtpClient.greeted(daemon.smtp)) {
                        send(client, 20_000_000);
                    } catch (IOException e) {
                        throw new AssertionError(e);
                    }
                }));
            }
            for (Thread thread : threads) {
                thread.join();
            }
            Await.until(
                    () -> sink.messages() + " of " + sessions,
                    Duration.ofSeconds(300),
                    () -> sink.messages() == sessions);
            assertTrue(sink.arrivals().stream().allMatch(a -> a.bodyOctets() == 20_000_000));
            System.out.printf("large: %d sessions of 20 MB at once, peak PSS %d MB%n", sessions, peak.megabytes());
            assertTrue(peak.megabytes() < 500, "peak PSS " + peak.megabytes() + " MB");
        }
    }

    private static void send(SmtpClient client, long octets) throws IOException {
        client.say("MAIL FROM:<a@src.test>").expect("250");
        client.say("RCPT TO:<b@dst.test>").expect("250");
        client.say("DATA").expect("354");
        client.send("From: <a@src.test>\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        for (long sent = 0; sent < octets; sent += LINE.length) {
            client.send(LINE);
        }
        client.send(".\r\n".getBytes(StandardCharsets.US_ASCII)).flush().expect("250");
    }

    @Test
    void tenThousandRecipientsShareOneBody() throws Exception {
        int recipients = 10_000;
        try (Daemon daemon =
                        Daemon.in(folder).queue("queue: { dispatch: false }").start();
                SmtpClient client = SmtpClient.greeted(daemon.smtp)) {
            client.say("MAIL FROM:<a@src.test>").expect("250");
            for (int i = 0; i < recipients; i++) {
                client.say("RCPT TO:<u" + i + "@d" + i % 500 + ".test>").expect("250");
            }
            client.say("DATA").expect("354");
            client.send("From: <a@src.test>\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            for (int i = 0; i < 1000; i++) {
                client.send(LINE);
            }
            client.send(".\r\n".getBytes(StandardCharsets.US_ASCII)).flush().expect("250");
            try (var bodies = Files.walk(daemon.data().resolve("spool/bodies"))) {
                assertEquals(1, bodies.filter(Files::isRegularFile).count(), "the body is stored once");
            }
            daemon.stop();
            daemon.queue("queue: { retry: \"1s\" }").start();
            try (SinkServer sink = new SinkServer(daemon.next, false)) {
                Await.until(
                        () -> sink.recipients() + " of " + recipients,
                        Duration.ofSeconds(180),
                        () -> sink.recipients() == recipients);
                System.out.printf("large: %d recipients in %d transactions%n", recipients, sink.messages());
            }
        }
    }

    /** The largest PSS seen while it was open. */
    static final class Peak implements AutoCloseable {
        private final AtomicLong octets = new AtomicLong();
        private final Thread watcher;

        Peak(Daemon daemon) {
            watcher = Thread.ofPlatform().daemon().start(() -> {
                while (!Thread.interrupted()) {
                    octets.accumulateAndGet(daemon.pss(), Math::max);
                    java.util.concurrent.locks.LockSupport.parkNanos(300_000_000);
                }
            });
        }

        long megabytes() {
            return octets.get() / 1_000_000;
        }

        @Override
        public void close() {
            watcher.interrupt();
        }
    }
}
