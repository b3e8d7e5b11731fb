// SPDX-License-Identifier: Apache-2.0
package org.posthouse.itests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;
import org.posthouse.testkit.server.Await;
import org.posthouse.testkit.server.SmtpClient;

/** A hook may sleep, throw, overflow the stack, spin for ever or stop its own bundle: only those who asked it are deferred. */
@Isolated("throughputs are compared")
class TroubleIT {
    private static final Duration SOON = Duration.ofSeconds(20);

    @TempDir
    Path folder;

    private Daemon daemon;

    @BeforeEach
    void start() throws IOException {
        daemon = Daemon.in(folder)
                .optimized()
                .queue("queue: { dispatch: false }")
                .extra("hooks: { trouble: { listeners: [mx] } }")
                .plugin("trouble", "sleepMillis: 10000\n");
        Files.createDirectories(daemon.data().resolve("plugins"));
        Jars.drop(Jars.trouble(), daemon);
        daemon.start();
        Await.until(
                () -> "trouble in force\n" + daemon.log(),
                SOON,
                () -> daemon.cli("pipeline").output().contains("trouble"));
    }

    @AfterEach
    void stop() {
        daemon.close();
    }

    @Test
    void sleepingHookDefersWithinItsBudget() throws IOException {
        assertDeferred("sleep");
        assertOthersGoOn();
    }

    @Test
    void throwingHookDefers() throws IOException {
        assertDeferred("throw");
        assertDeferred("overflow");
        assertOthersGoOn();
    }

    @Test
    void fourSpinningHooksFailTheHookAndNobodyElse() throws IOException {
        for (int i = 0; i < 5; i++) {
            assertDeferred("spin");
        }
        // Four threads are abandoned: the hook is failed, and whoever would ask it is deferred at once.
        assertTrue(mail("someone").startsWith("451 4.3.0"));
        assertOthersGoOn();
        daemon.cli("plugin", "disable", "trouble").mustSucceed();
        assertTrue(mail("someone").startsWith("250"));
    }

    @Test
    void hookWhoseBundleIsStoppedIsMissing() throws IOException {
        mail("stop");
        Await.until(
                "deferral of everybody who would ask it",
                SOON,
                () -> mail("someone").startsWith("451 4.3.0"));
        assertOthersGoOn();
        daemon.cli("plugin", "enable", "trouble").mustSucceed();
        assertTrue(mail("someone").startsWith("250"));
    }

    @Test
    void openBreakerSparesTheHookUntilItIsWell() throws IOException {
        rule("breakerCalls: 5, breakerPause: 3s");
        for (int i = 0; i < 5; i++) {
            assertDeferred("throw");
        }
        assertEquals("open", hook().path("breaker").asText());
        long calls = hook().path("calls").asLong();
        assertTrue(mail("someone").startsWith("451 4.3.0"), "the failure verdict without being asked");
        assertEquals(calls, hook().path("calls").asLong());
        assertTrue(daemon.cli("pipeline").output().contains(" open "));
        assertOthersGoOn();
        Await.until(() -> "the breaker closes\n" + daemon.log(), SOON, () -> {
            mail("someone");
            return hook().path("breaker").asText().equals("closed");
        });
        assertTrue(mail("someone").startsWith("250"));
    }

    @Test
    void fullBulkheadDefersAtOnce() throws Exception {
        rule("maxConcurrent: 2, timeout: 30s");
        List<Thread> sleepers = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            sleepers.add(Thread.ofVirtual().start(() -> {
                try {
                    mail("sleep");
                } catch (IOException e) {
                    throw new AssertionError(e);
                }
            }));
        }
        Await.until("both places are taken", SOON, () -> hook().path("running").asInt() == 2);
        assertDeferred("someone");
        assertEquals(2, hook().path("running").asInt());
        assertTrue(daemon.cli("pipeline").output().contains(" 2/2 "));
        assertOthersGoOn();
        for (Thread sleeper : sleepers) {
            sleeper.join();
        }
        assertTrue(mail("someone").startsWith("250"));
    }

    /** Other terms for the hook, in force. */
    private void rule(String terms) {
        daemon.extra("hooks: { trouble: { listeners: [mx], " + terms + " } }").configure();
        Await.until(
                () -> terms + " in force\n" + daemon.log(),
                SOON,
                () -> daemon.log().contains("changed: [hooks"));
    }

    private JsonNode hook() throws IOException {
        for (JsonNode hook : Http.json(daemon, "/pipeline").path("hooks")) {
            if (hook.path("hook").asText().equals("trouble")) {
                return hook;
            }
        }
        throw new AssertionError("no hook trouble");
    }

    @Test
    void othersKeepTheirThroughput() throws Exception {
        int pairs = Scale.of(1, 5);
        for (String trouble : List.of("throw", "sleep", "spin")) {
            List<Double> ratios = new ArrayList<>();
            for (int pair = 0; pair < pairs; pair++) {
                reset();
                double quiet = throughput(null);
                double troubled = throughput(trouble);
                ratios.add(troubled / quiet);
            }
            ratios.sort(null);
            double median = ratios.get(ratios.size() / 2);
            System.out.printf(
                    "trouble: %s, throughput of the others %.2f (median of %d pairs)%n", trouble, median, pairs);
            assertTrue(!Scale.FULL || median >= 0.75, trouble + ": " + ratios);
        }
    }

    /** Threads that were abandoned count against a generation; a new one begins with none. */
    private void reset() {
        daemon.cli("plugin", "disable", "trouble").mustSucceed();
        daemon.cli("plugin", "enable", "trouble").mustSucceed();
    }

    private double throughput(@org.jspecify.annotations.Nullable String trouble) throws Exception {
        AtomicBoolean over = new AtomicBoolean();
        List<Thread> askers = new ArrayList<>();
        for (int i = 0; trouble != null && i < 4; i++) {
            askers.add(Thread.ofVirtual().start(() -> {
                while (!over.get()) {
                    try {
                        assertDeferred(trouble);
                    } catch (IOException e) {
                        throw new AssertionError(e);
                    }
                    LockSupport.parkNanos(600_000_000);
                }
            }));
        }
        try (Load load = new Load(daemon.smtp, "other", 20, false)) {
            long before = load.done();
            long start = System.nanoTime();
            LockSupport.parkNanos(Scale.of(1500, 6000) * 1_000_000L);
            double rate = (load.done() - before) / ((System.nanoTime() - start) / 1e9);
            load.stop();
            assertEquals(0, load.dropped.get());
            return rate;
        } finally {
            over.set(true);
            for (Thread asker : askers) {
                asker.join();
            }
        }
    }

    private void assertDeferred(String local) throws IOException {
        long start = System.nanoTime();
        String reply = mail(local);
        long millis = (System.nanoTime() - start) / 1_000_000;
        assertTrue(reply.startsWith("451 4.3.0"), local + ": " + reply);
        assertTrue(millis < 8000, local + " was answered after " + millis + " ms, its budget is 500 ms, it takes 10 s");
    }

    private String mail(String local) throws IOException {
        try (SmtpClient client = SmtpClient.greeted(daemon.mx)) {
            client.say("MAIL FROM:<" + local + "@src.test>");
            return client.reply();
        }
    }

    private void assertOthersGoOn() throws IOException {
        try (SmtpClient client = SmtpClient.greeted(daemon.smtp)) {
            assertTrue(client.deliver("someone@src.test", "b@dst.test", "Subject: x\r\n\r\nx\r\n")
                    .startsWith("250"));
        }
    }
}
