// SPDX-License-Identifier: Apache-2.0
package org.posthouse.itests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.posthouse.testkit.server.Await;
import org.posthouse.testkit.server.SinkServer;
import org.posthouse.testkit.server.SmtpClient;

/** Greylisting on a real server: who comes back is let in, and what was seen outlives restarts, crashes and new versions. */
class GreylistIT {
    private static final Duration SOON = Duration.ofSeconds(20);
    private static final String WAIT = "451 4.7.1 Greylisted, try again in ";

    @TempDir
    Path folder;

    private Daemon daemon;

    @AfterEach
    void stop() {
        daemon.close();
    }

    private void configure(String delay) {
        daemon = Daemon.in(folder)
                .plugin("relay-domains", "domains: [local.test]\nrecipients: [user@local.test]\n")
                .plugin("greylisting", "delay: " + delay + "\nautoAllow: 0\ndomains: [local.test]\n");
    }

    private String rcpt(String sender, String recipient) throws IOException {
        try (SmtpClient client = SmtpClient.greeted(daemon.mx)) {
            client.say("MAIL FROM:<" + sender + ">").expect("250");
            return client.say("RCPT TO:<" + recipient + ">").reply();
        }
    }

    private String rcpt(String sender) throws IOException {
        return rcpt(sender, "user@local.test");
    }

    private void assertReply(String start, String reply) {
        assertTrue(reply.startsWith(start), () -> "wanted " + start + ", got " + reply + "\n" + daemon.log());
    }

    private void awaitPass(String sender) {
        Await.until(
                () -> sender + " passes\n" + daemon.log(),
                SOON,
                () -> rcpt(sender).startsWith("250"));
    }

    @Test
    void whoComesBackIsLetInAndTheMemoryOutlivesCrashAndRestart() throws Exception {
        configure("3s");
        daemon.start();
        try (SinkServer sink = new SinkServer(daemon.next);
                SmtpClient trusted = SmtpClient.greeted(daemon.smtp)) {
            assertReply("250", trusted.deliver("us@src.test", "user@local.test", "Subject: x\r\n\r\nx\r\n"));
            // A callback gets its answer; a notice waits.
            assertReply("250", rcpt(""));
            try (SmtpClient client = SmtpClient.greeted(daemon.mx)) {
                assertReply(WAIT, client.deliver("", "user@local.test", "Subject: notice\r\n\r\nx\r\n"));
            }
            assertReply(WAIT + "3 seconds", rcpt("waiting@src.test"));
            assertReply(WAIT + "3 seconds", rcpt("bert@src.test"));
            assertReply(WAIT, rcpt("Bert@SRC.test", "User@local.test"));
            assertReply("550 5.1.1", rcpt("bert@src.test", "nobody@local.test"));
            assertReply("550 5.7.1", rcpt("bert@src.test", "user@foreign.test"));
            awaitPass("bert@src.test");
            try (SmtpClient client = SmtpClient.greeted(daemon.mx)) {
                assertReply("250", client.deliver("bert@src.test", "user@local.test", "Subject: x\r\n\r\nx\r\n"));
                assertReply("250", client.deliver("", "user@local.test", "Subject: notice\r\n\r\nx\r\n"));
            }
            Await.until(daemon::log, SOON, () -> sink.messages() == 3);
        }
        String list =
                daemon.cli("greylist", "list", "--match", "bert").mustSucceed().output();
        assertTrue(list.contains("127.0.0.0/24") && list.contains("passed"), list);

        daemon.kill9();
        daemon.launch();
        assertReply("250", rcpt("bert@src.test"));
        // Its first attempt was before the crash.
        assertReply("250", rcpt("waiting@src.test"));
        assertReply(WAIT, rcpt("new@src.test"));

        daemon.stop();
        daemon.launch();
        assertReply("250", rcpt("bert@src.test"));
        assertReply("250", rcpt("waiting@src.test"));
        daemon.cli("greylist", "allow", "127.0.0.1", "--for", "1h").mustSucceed();
        assertReply("250", rcpt("another@src.test"));
        daemon.cli("greylist", "forget", "127.0.0.1").mustSucceed();
        assertReply(WAIT, rcpt("bert@src.test"));
        String stats = daemon.cli("greylist", "stats").mustSucceed().output();
        assertTrue(stats.contains("deferred, seen for the first time"), stats);
    }

    @Test
    void aNewVersionUnderLoadKnowsWhatTheOldOneSaw() throws Exception {
        int swaps = Scale.of(5, 50);
        configure("2s");
        Files.createDirectories(daemon.data().resolve("plugins"));
        Jars.drop(Jars.shipped("relay-domains"), daemon);
        Jars.drop(Jars.shipped("greylisting"), daemon, "1.0.0");
        daemon.start();
        assertReply(WAIT, rcpt("known@src.test"));
        awaitPass("known@src.test");
        assertReply(WAIT, rcpt("waiting@src.test"));
        try (Askers askers = new Askers(daemon.mx, Scale.of(20, 200))) {
            for (int swap = 1; swap <= swaps; swap++) {
                String version = "1.0." + swap;
                long before = askers.answers.get();
                Jars.drop(Jars.shipped("greylisting"), daemon, version);
                Await.until(
                        () -> version + "\n" + daemon.log(),
                        SOON,
                        () -> Http.api(daemon, "GET", "/plugins")
                                .body()
                                .contains("\"name\":\"greylisting\",\"version\":\"" + version
                                        + "\",\"state\":\"active\""));
                Await.until("answers by " + version, SOON, () -> askers.answers.get() > before + 100);
            }
            askers.stop();
            assertEquals(List.of(), List.copyOf(askers.wrong));
            System.out.printf("greylist: %d swaps, %d answers, 0 wrong%n", swaps, askers.answers.get());
        }
        assertReply("250", rcpt("waiting@src.test"));
        assertReply(WAIT, rcpt("new@src.test"));
    }

    /** Sessions that ask for a known triplet again and again, and keep every answer that is not the right one. */
    private static final class Askers implements AutoCloseable {
        final AtomicLong answers = new AtomicLong();
        final Queue<String> wrong = new ConcurrentLinkedQueue<>();
        private final AtomicBoolean stopped = new AtomicBoolean();
        private final List<Thread> sessions = new ArrayList<>();

        Askers(int port, int count) {
            for (int i = 0; i < count; i++) {
                sessions.add(Thread.ofVirtual().start(() -> session(port)));
            }
        }

        private void session(int port) {
            try (SmtpClient client = SmtpClient.greeted(port)) {
                while (!stopped.get()) {
                    client.say("MAIL FROM:<known@src.test>").expect("250");
                    client.say("RCPT TO:<user@local.test>").expect("250");
                    client.say("RSET").expect("250");
                    answers.incrementAndGet();
                }
                client.say("QUIT").expect("221");
            } catch (IOException | AssertionError e) {
                wrong.add(String.valueOf(e.getMessage()));
            }
        }

        void stop() {
            stopped.set(true);
            for (Thread session : sessions) {
                try {
                    session.join(Duration.ofSeconds(60));
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    throw new AssertionError(e);
                }
            }
        }

        @Override
        public void close() {
            stop();
        }
    }
}
