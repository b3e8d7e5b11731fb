// SPDX-License-Identifier: Apache-2.0
package org.posthouse.itests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;
import org.posthouse.testkit.server.Await;
import org.posthouse.testkit.server.SinkServer;
import org.posthouse.testkit.server.SmtpClient;

/** A plugin is dropped in, changed, replaced, disabled and removed under live sessions, and nobody notices. */
@Isolated("its load is as much as the server takes")
class SwapIT {
    private static final Duration SOON = Duration.ofSeconds(20);

    @TempDir
    Path folder;

    @Test
    void noSessionNoticesAndEveryVerdictIsTheOneInForce() throws Exception {
        int rounds = Scale.of(2, 10);
        Daemon daemon = Daemon.in(folder);
        Files.createDirectories(daemon.data().resolve("plugins"));
        Jars.drop(Jars.shipped("relay-domains"), daemon);
        daemon.start();
        try (SinkServer sink = new SinkServer(daemon.next, false);
                SmtpClient probe = SmtpClient.greeted(daemon.smtp);
                Load load = new Load(daemon.smtp, "swap", Scale.of(50, 200), false)) {
            String others = bundles(daemon, "block-sender");
            for (int round = 0; round < rounds; round++) {
                daemon.plugin("block-sender", "domains: [bad.test]\n");
                Jars.drop(Jars.shipped("block-sender"), daemon);
                awaitVerdict(daemon, probe, "bad.test", "550 5.7.1");
                assertVerdict(probe, "worse.test", "250");

                daemon.plugin("block-sender", "domains: [worse.test]\n");
                awaitVerdict(daemon, probe, "worse.test", "550 5.7.1");
                assertVerdict(probe, "bad.test", "250");

                Jars.drop(Jars.shipped("block-sender"), daemon, "2." + round + ".0");
                String version = "2." + round + ".0";
                Await.until(
                        () -> "version " + version + "\n" + daemon.log(),
                        SOON,
                        () -> daemon.cli("plugin", "list").output().contains(version));
                assertVerdict(probe, "worse.test", "550 5.7.1");

                daemon.cli("plugin", "disable", "block-sender").mustSucceed();
                assertVerdict(probe, "worse.test", "250");
                daemon.cli("plugin", "enable", "block-sender").mustSucceed();
                awaitVerdict(daemon, probe, "worse.test", "550 5.7.1");

                daemon.cli("plugin", "remove", "block-sender").mustSucceed();
                assertVerdict(probe, "worse.test", "250");
                assertTrue(Files.notExists(daemon.data().resolve("plugins/block-sender.jar")));
            }
            long done = load.done();
            Await.until("traffic goes on", SOON, () -> load.done() > done + 100);
            load.stop();
            assertEquals(0, load.dropped.get(), "dropped sessions");
            assertEquals(0, load.refused.get(), "refused transactions: " + load.replies);
            assertEquals(others, bundles(daemon, "block-sender"), "bundles restarted");
            // What was acknowledged was delivered, or is still queued when so many sessions outran the deliveries.
            Await.until(
                    () -> sink.messages() + " of " + load.done(),
                    Duration.ofSeconds(120),
                    () -> queued(daemon) + sink.messages() >= load.done());
            System.out.printf("swap: %d rounds, %d messages, 0 dropped, 0 refused%n", rounds, load.done());
        } finally {
            daemon.close();
        }
    }

    @Test
    void jarDeletedBehindTheServersBackDefersUntilItIsBackOrRemoved() throws Exception {
        Daemon daemon = Daemon.in(folder);
        daemon.plugin("block-sender", "domains: [bad.test]\n");
        Files.createDirectories(daemon.data().resolve("plugins"));
        Jars.drop(Jars.shipped("block-sender"), daemon);
        daemon.start();
        try (SmtpClient probe = SmtpClient.greeted(daemon.smtp)) {
            awaitVerdict(daemon, probe, "bad.test", "550 5.7.1");
            Files.delete(daemon.data().resolve("plugins/block-sender.jar"));
            awaitVerdict(daemon, probe, "good.test", "451 4.3.0");
            assertTrue(daemon.log().contains("posthouse plugin remove block-sender"), daemon.log());
            daemon.stop();
            daemon.launch();
        }
        try (SmtpClient probe = SmtpClient.greeted(daemon.smtp)) {
            assertVerdict(probe, "good.test", "451 4.3.0");
            Jars.drop(Jars.shipped("block-sender"), daemon);
            awaitVerdict(daemon, probe, "good.test", "250");
            assertVerdict(probe, "bad.test", "550 5.7.1");
            Files.delete(daemon.data().resolve("plugins/block-sender.jar"));
            awaitVerdict(daemon, probe, "good.test", "451 4.3.0");
            daemon.cli("plugin", "remove", "block-sender").mustSucceed();
            assertVerdict(probe, "good.test", "250");
        } finally {
            daemon.close();
        }
    }

    @Test
    void badConfigurationKeepsTheGoodOneAndMissingConfigurationDefers() throws Exception {
        Daemon daemon = Daemon.in(folder);
        daemon.plugin("block-sender", "domains: [bad.test]\n");
        daemon.start();
        try (SmtpClient probe = SmtpClient.greeted(daemon.smtp)) {
            awaitVerdict(daemon, probe, "bad.test", "550 5.7.1");
            daemon.plugin("block-sender", "domain: [other.test]\n");
            Await.until(daemon::log, SOON, () -> daemon.log().contains("domains"));
            assertVerdict(probe, "bad.test", "550 5.7.1");
            Files.delete(folder.resolve("plugins/block-sender.yaml"));
            awaitVerdict(daemon, probe, "good.test", "451 4.3.0");
        } finally {
            daemon.close();
        }
    }

    @Test
    void halfWrittenJarChangesNothing() throws Exception {
        Daemon daemon = Daemon.in(folder);
        daemon.plugin("block-sender", "domains: [bad.test]\n");
        daemon.start();
        try (SmtpClient probe = SmtpClient.greeted(daemon.smtp)) {
            awaitVerdict(daemon, probe, "bad.test", "550 5.7.1");
            Path jar = daemon.data().resolve("plugins/block-sender.jar");
            byte[] whole = Files.readAllBytes(jar);
            Files.delete(jar);
            Files.write(jar, java.util.Arrays.copyOf(whole, whole.length / 2));
            Await.until(daemon::log, SOON, () -> daemon.log().contains("block-sender.jar"));
            assertVerdict(probe, "bad.test", "550 5.7.1");
        } finally {
            daemon.close();
        }
    }

    private static void awaitVerdict(Daemon daemon, SmtpClient probe, String domain, String reply) {
        Await.until(
                () -> reply + " for " + domain + "\n" + daemon.log(),
                SOON,
                () -> verdict(probe, domain).startsWith(reply));
    }

    private static void assertVerdict(SmtpClient probe, String domain, String reply) throws IOException {
        String got = verdict(probe, domain);
        assertTrue(got.startsWith(reply), "wanted " + reply + " for " + domain + ", got " + got);
    }

    private static String verdict(SmtpClient probe, String domain) throws IOException {
        probe.say("MAIL FROM:<x@" + domain + ">");
        String reply = probe.reply();
        probe.say("RSET").expect("250");
        return reply;
    }

    private static long queued(Daemon daemon) {
        String counts = daemon.cli("queue", "counts", "--json").mustSucceed().output();
        return Long.parseLong(counts.replaceAll("(?s).*\"messages\"\\s*:\\s*(\\d+).*", "$1"));
    }

    /** How often each bundle but this plugin was started, as the metrics tell. */
    static String bundles(Daemon daemon, String plugin) throws IOException {
        StringBuilder starts = new StringBuilder();
        for (String line :
                Http.get("http://127.0.0.1:" + daemon.metrics + "/metrics").split("\n")) {
            if (line.startsWith("posthouse_bundle_starts_total") && !line.contains(plugin)) {
                starts.append(line).append('\n');
            }
        }
        assertTrue(starts.toString().contains("org.posthouse.smtp"), "bundle starts are counted");
        return starts.toString();
    }
}
