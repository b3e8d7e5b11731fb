// SPDX-License-Identifier: Apache-2.0
package org.posthouse.itests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.posthouse.testkit.server.Await;
import org.posthouse.testkit.server.Ports;
import org.posthouse.testkit.server.SmtpClient;

/** A wrong configuration is refused whole, with everything that is wrong; a right one is in force without a restart. */
class ConfigIT {
    private static final Duration SOON = Duration.ofSeconds(20);

    @TempDir
    Path folder;

    @Test
    void wrongConfigurationDoesNotStartAndSaysAllThatIsWrong() throws Exception {
        Daemon daemon =
                Daemon.in(folder).extra("spol: { inlineLimit: 64kB }\nspool: { inlineLimt: 64kB, minFree: much }\n");
        daemon.configure();
        Process process = daemon.spawn();
        assertTrue(process.waitFor(60, java.util.concurrent.TimeUnit.SECONDS));
        assertEquals(78, process.exitValue(), daemon.log());
        String log = daemon.log();
        assertTrue(log.contains("posthouse.yaml") && log.contains("spol") && log.contains("inlineLimt"), log);
        assertTrue(log.contains("inlineLimit"), "the nearest known key is named\n" + log);
        assertTrue(log.contains("minFree"), log);
        Tool check = daemon.cli("config", "check");
        assertEquals(78, check.status(), check.output());
    }

    @Test
    void theConfigurationForKubernetesIsOne() throws Exception {
        String page = Files.readString(Path.of("../../docs/kubernetes.md"));
        String begin = "  posthouse.yaml: |\n";
        int from = page.indexOf(begin) + begin.length();
        String yaml = page.substring(from, page.indexOf("\n---", from)).stripIndent();
        Files.writeString(folder.resolve("posthouse.yaml"), yaml + "\n");
        for (String self : List.of("posthouse-0", "posthouse-2")) {
            Tool check = Tool.run(
                    Duration.ofSeconds(60),
                    Map.of("POD_NAME", self),
                    List.of(
                            Daemon.HOME.resolve("bin/posthouse").toString(),
                            "config",
                            "check",
                            "--config-dir",
                            folder.toString()));
            assertEquals(0, check.status(), check.output());
        }
    }

    @Test
    void listenersComeAndGoWithoutRestart() throws Exception {
        try (Daemon daemon = Daemon.in(folder).start();
                SmtpClient before = SmtpClient.greeted(daemon.smtp)) {
            int extra = Ports.free();
            String yaml = Files.readString(daemon.configuration());
            daemon.write(
                    "posthouse.yaml",
                    yaml.replace(
                            "smtp:\n",
                            "smtp:\n  extra: { address: \"127.0.0.1:" + extra
                                    + "\", profile: relay, trusted: [\"127.0.0.0/8\"] }\n"));
            Await.until(() -> "the new listener\n" + daemon.log(), SOON, () -> Daemon.banner(extra));
            before.say("NOOP").expect("250");
            daemon.write("posthouse.yaml", yaml);
            Await.until(() -> "the listener gone\n" + daemon.log(), SOON, () -> {
                try {
                    return !Daemon.banner(extra);
                } catch (java.io.IOException refused) {
                    return true;
                }
            });
            before.say("NOOP").expect("250");
        }
    }

    @Test
    void wrongReloadChangesNothing() throws Exception {
        try (Daemon daemon = Daemon.in(folder).start()) {
            int extra = Ports.free();
            String yaml = Files.readString(daemon.configuration());
            daemon.write(
                    "posthouse.yaml",
                    yaml.replace(
                            "smtp:\n",
                            "smtp:\n  extra: { address: \"127.0.0.1:" + extra
                                    + "\", profile: relay }\n  worse: { address: \"127.0.0.1:1\", profil: relay }\n"));
            Await.until(daemon::log, SOON, () -> daemon.log().contains("profil"));
            assertTrue(Daemon.banner(daemon.smtp));
            assertTrue(Tool.run(SOON, "sh", "-c", "exec 3<>/dev/tcp/127.0.0.1/" + extra)
                            .status()
                    != 0);
        }
    }

    @Test
    void termFinishesOpenTransactionsAndEndsCleanly() throws Exception {
        Daemon daemon = Daemon.in(folder).queue("queue: { dispatch: false }").start();
        try (SmtpClient client = SmtpClient.greeted(daemon.smtp)) {
            client.say("MAIL FROM:<a@src.test>").expect("250");
            client.say("RCPT TO:<b@dst.test>").expect("250");
            client.say("DATA").expect("354");
            ProcessHandle.of(daemon.javaPid()).orElseThrow().destroy();
            Await.until("no new connections", SOON, () -> {
                try {
                    return !Daemon.banner(daemon.smtp);
                } catch (java.io.IOException refused) {
                    return true;
                }
            });
            client.send("Subject: last\r\n\r\nlast\r\n.\r\n".getBytes(java.nio.charset.StandardCharsets.US_ASCII))
                    .flush()
                    .expect("250 2.0.0 queued as ");
        }
        assertEquals(0, daemon.stop(), daemon.log());
    }
}
