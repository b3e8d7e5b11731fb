// SPDX-License-Identifier: Apache-2.0
package org.posthouse.itests;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.posthouse.testkit.server.Await;
import org.posthouse.testkit.server.SmtpClient;

/** A new version that does badly is rolled back by itself, one that does well stays, and one that is none changes nothing. */
class RollbackIT {
    private static final Duration SOON = Duration.ofSeconds(60);

    @TempDir
    Path folder;

    private Daemon daemon;

    @BeforeEach
    void start() throws IOException {
        daemon = Daemon.in(folder)
                .queue("queue: { dispatch: false }")
                .extra("pipeline: { watch: 1m }")
                .plugin("judge", "word: \"\"\n");
        Files.createDirectories(daemon.data().resolve("plugins"));
        Jars.drop(Jars.shipped("relay-domains"), daemon);
        Jars.drop(Jars.judge(), daemon, "1.0.0");
        daemon.start();
        awaitVersion("1.0.0");
    }

    @AfterEach
    void stop() {
        daemon.close();
    }

    @Test
    void aVersionThatFailsIsRolledBack() throws Exception {
        String measure = rolledBack("1.0.1.bad");
        assertTrue(measure.matches("failures \\d+ % of \\d+ answers, limit 5 %"), measure);
    }

    @Test
    void aVersionThatIsSlowIsRolledBack() throws Exception {
        String measure = rolledBack("1.0.1.slow");
        assertTrue(
                measure.matches("mean answer .* ms over \\d+ answers, before it .* ms, limit 5 times as long"),
                measure);
    }

    /** Drops a bad version under load, and gives back the measure that the event names when it is rolled back. */
    private String rolledBack(String version) throws IOException {
        byte[] good = Files.readAllBytes(jar());
        String others = SwapIT.bundles(daemon, "judge");
        String measure;
        try (Asking asking = new Asking(daemon.mx, Scale.of(10, 100))) {
            asking.awaitMore(200);
            assertEquals(Map.of(), asking.deferred(), "a good version defers nobody");
            Jars.drop(Jars.judge(), daemon, version);
            Await.until(
                    () -> version + " is rolled back\n" + daemon.log(),
                    SOON,
                    () -> !told("rolled back").isEmpty());
            measure = told("rolled back");
            awaitVersion("1.0.0");
            asking.awaitMore(200); // Transactions that began before finish with the bad version.
            asking.forgetDeferred();
            asking.awaitMore(500);
            assertEquals(Map.of(), asking.deferred(), "the version before judges alone");
            asking.stop();
            assertEquals(List.of(), asking.wrong(), "dropped sessions and other replies");
        }
        assertEquals(others, SwapIT.bundles(daemon, "judge"), "bundles restarted");
        assertArrayEquals(good, Files.readAllBytes(jar()), "the good jar stands in the folder again");
        assertTrue(mail("even").startsWith("550 5.7.1 refused by 1.0.0"));
        System.out.println("rolled back " + version + ": " + measure);
        return measure;
    }

    @Test
    void aVersionThatDoesWellStays() throws Exception {
        daemon.extra("pipeline: { watch: 3s }").configure();
        Await.until(daemon::log, SOON, () -> daemon.log().contains("changed: [pipeline]"));
        try (Asking asking = new Asking(daemon.mx, 5)) {
            Jars.drop(Jars.judge(), daemon, "1.0.1");
            Await.until(
                    () -> "it is kept\n" + daemon.log(),
                    SOON,
                    () -> !told("kept").isEmpty());
            awaitVersion("1.0.1");
            asking.stop();
            assertEquals(List.of(), asking.wrong());
            assertEquals(Map.of(), asking.deferred());
        }
        assertEquals("", told("rolled back"));
        assertTrue(told("kept").contains(": 0 failures of "), told("kept"));
        assertTrue(mail("odd").startsWith("550 5.7.1 refused by 1.0.1"));
    }

    @Test
    void installsShowsAndRollsBackByCommand() throws Exception {
        Path next = Jars.made(Jars.judge(), folder.resolve("next.jar"), Map.of("Bundle-Version", "1.2.1"));
        Tool installed =
                daemon.cli("plugin", "install", next.toString(), "--yes").mustSucceed();
        assertTrue(installed.output().contains("judge: installed"), installed.output());
        assertTrue(installed.output().contains("edit-headers"), installed.output());
        assertTrue(mail("odd").startsWith("550 5.7.1 refused by 1.2.1"));
        assertArrayEquals(Files.readAllBytes(next), Files.readAllBytes(jar()));

        JsonNode shown =
                daemon.cli("plugin", "show", "judge", "--json").mustSucceed().json();
        assertEquals("1.2.1", shown.path("version").asText(), shown::toString);
        List<String> roles = shown.path("generations").findValuesAsText("role");
        assertTrue(roles.contains("watched") || roles.contains("in force"), shown::toString);
        assertTrue(roles.contains("previous"), shown::toString);

        daemon.cli("plugin", "rollback", "judge").mustSucceed();
        assertTrue(mail("even").startsWith("550 5.7.1 refused by 1.0.0"));
        assertEquals("by command", told("rolled back").replaceAll(",.*", ""));
        daemon.cli("plugin", "rollback", "judge").mustSucceed();
        assertTrue(mail("odd").startsWith("550 5.7.1 refused by 1.2.1"));
    }

    @Test
    void whatIsNoPluginChangesNothingAndSaysWhy() throws Exception {
        byte[] whole = Files.readAllBytes(Jars.judge());
        Path half = Files.write(folder.resolve("half.jar"), Arrays.copyOf(whole, whole.length / 2));
        refused(half, "can not be read");
        Path lonely = Jars.made(
                Jars.judge(),
                folder.resolve("lonely.jar"),
                Map.of("Bundle-Version", "1.4.0", "Require-Capability", "org.example.nowhere;filter:=\"(of=nobody)\""));
        refused(lonely, "org.example.nowhere");
    }

    private void refused(Path jar, String reason) throws IOException {
        JsonNode before = Http.json(daemon, "/plugins");
        byte[] there = Files.readAllBytes(jar());
        Tool refused = daemon.cli("plugin", "install", jar.toString(), "--yes");
        assertNotEquals(0, refused.status(), refused.output());
        assertTrue(refused.output().contains(reason), refused.output());
        assertEquals(before, Http.json(daemon, "/plugins"));
        assertArrayEquals(there, Files.readAllBytes(jar()));
        assertTrue(mail("even").startsWith("550 5.7.1 refused by 1.0.0"));
        System.out.println("refused: " + refused.output().strip().lines().reduce("", (a, b) -> b));
    }

    private Path jar() {
        return daemon.data().resolve("plugins/judge.jar");
    }

    /** The detail of the newest event of the judge with this action; empty when there is none. */
    private String told(String action) {
        String detail = "";
        for (String line : daemon.events().split("\n")) {
            if (line.startsWith("{\"type\":\"plugin\"") && line.endsWith("}")) {
                JsonNode event = Tool.json(line);
                if (event.path("plugin").asText().equals("judge")
                        && event.path("action").asText().equals(action)) {
                    detail = event.path("detail").asText();
                }
            }
        }
        return detail;
    }

    private void awaitVersion(String version) {
        Await.until(() -> version + "\n" + daemon.log(), SOON, () -> {
            for (JsonNode plugin : Http.json(daemon, "/plugins").path("plugins")) {
                if (plugin.path("name").asText().equals("judge")) {
                    return plugin.path("version").asText().equals(version)
                            && plugin.path("state").asText().equals("active");
                }
            }
            return false;
        });
    }

    private String mail(String local) throws IOException {
        try (SmtpClient client = SmtpClient.greeted(daemon.mx)) {
            return client.say("MAIL FROM:<" + local + "@src.test>").reply();
        }
    }
}
