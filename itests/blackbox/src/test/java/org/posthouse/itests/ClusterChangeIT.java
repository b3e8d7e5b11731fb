// SPDX-License-Identifier: Apache-2.0
package org.posthouse.itests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.posthouse.testkit.server.Await;
import org.posthouse.testkit.server.SmtpClient;

/** What is changed on three servers at once: a plugin that goes from one to all, and files that are in force on all or none. */
class ClusterChangeIT {
    private static final Duration SOON = Duration.ofSeconds(60);

    @TempDir
    Path folder;

    private ThreeServers servers;

    @BeforeEach
    void start() throws IOException {
        servers = new ThreeServers(folder, ClusterChangeIT::equip);
        servers.start();
    }

    private static void equip(String name, Daemon daemon) {
        daemon.queue("queue: { dispatch: false }\npipeline: { watch: 5s }").plugin("judge", "word: \"\"\n");
        try {
            Files.createDirectories(daemon.data().resolve("plugins"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Jars.drop(Jars.shipped("relay-domains"), daemon);
        Jars.drop(Jars.judge(), daemon, "1.0.0");
    }

    @AfterEach
    void stop() {
        servers.close();
    }

    @Test
    void pluginsAndFilesChangeOnAllOrOnNone() throws Exception {
        awaitVersions("1.0.0");
        aGoodVersionGoesFromOneToAll();
        aBadVersionStopsAtTheFirst();
        aVerbIsDoneOnAll();
        filesAreInForceOnAllOrOnNone();
        differencesAreSeenAndHealed();
        withOneServerKilledNothingBegins();
    }

    private void aGoodVersionGoesFromOneToAll() throws IOException {
        Tool done = install("a", "1.0.1").mustSucceed();
        String watched = "its watch ended well";
        assertTrue(done.output().contains("a: watched"), done.output());
        assertTrue(done.output().indexOf(watched) < done.output().indexOf("b: serves"), done.output());
        assertTrue(done.output().indexOf("b: serves") < done.output().indexOf("c: serves"), done.output());
        assertTrue(done.output().contains("judge 1.0.1: install done"), done.output());
        assertEquals(Set.of("1.0.1"), versions());
        assertTrue(servers.get("a").events().contains("\"action\":\"rollout\""));
    }

    private void aBadVersionStopsAtTheFirst() throws Exception {
        Tool refused;
        try (Asking asking = new Asking(servers.get("b").mx, Scale.of(5, 20))) {
            refused = install("a", "1.0.2.bad", "--first", "b");
            asking.stop();
            assertEquals(List.of(), asking.wrong(), "dropped sessions and other replies");
        }
        assertEquals(1, refused.status(), refused.output());
        assertTrue(refused.output().contains("b: rolled back: failures"), refused.output());
        assertTrue(refused.output().contains("judge 1.0.2.bad: install undone"), refused.output());
        assertEquals(Set.of("1.0.1"), versions());
        assertFalse(refused.output().contains("a: serves"), refused.output());
        assertFalse(refused.output().contains("c: serves"), refused.output());
    }

    private void aVerbIsDoneOnAll() throws IOException {
        servers.get("c").cli("plugin", "disable", "judge", "--everywhere").mustSucceed();
        for (Daemon daemon : servers.all()) {
            assertEquals("disabled", judge(daemon).path("state").asText());
        }
        servers.get("c").cli("plugin", "enable", "judge", "--everywhere").mustSucceed();
    }

    private void filesAreInForceOnAllOrOnNone() throws IOException {
        String before = text("b");
        refused(
                apply("domans: [local.test, other.test]\n"),
                "Nothing was changed on any node",
                "c: " + file("c") + ":1: relay-domains.domans: unknown key; did you mean domains?");
        refused(
                apply("domains: [\"*.test\"]\n"),
                "The old files are in force again on all nodes",
                "c: plugin relay-domains: the generation");
        refused(
                servers.get("a")
                        .cli(
                                "cluster",
                                "config",
                                "apply",
                                servers.get("a").configuration().toString()),
                "what differs from node to node");
        assertEquals(before, text("b"));
        assertEquals(Set.of("550"), recipient("user@other.test"));
        apply("domains: [local.test, other.test]\n").mustSucceed();
        assertEquals(Set.of("250"), recipient("user@other.test"));
        assertEquals("domains: [local.test, other.test]\n", text("c"));
        Path common = write("default.yaml", "pipeline: { drain: 7m }\n");
        servers.get("b").cli("cluster", "config", "apply", common.toString()).mustSucceed();
        assertTrue(servers.get("c").cli("config", "show").mustSucceed().output().contains("drain: 7m"));
    }

    private void differencesAreSeenAndHealed() throws IOException {
        Daemon a = servers.get("a");
        a.cli("cluster", "config", "diff").mustSucceed();
        servers.get("b").plugin("relay-domains", "domains: [local.test]\n");
        Await.until(servers::logs, SOON, () -> recipient("user@other.test").equals(Set.of("250", "550")));
        Tool diff = a.cli("cluster", "config", "diff");
        assertEquals(1, diff.status(), diff.output());
        assertTrue(diff.output().contains("b     differs  plugins/relay-domains.yaml"), diff.output());
        String status = a.cli("cluster", "status").mustSucceed().output();
        assertTrue(status.lines().anyMatch(line -> line.startsWith("b ") && line.endsWith("differs")), status);
        assertTrue(status.lines().anyMatch(line -> line.startsWith("c ") && line.endsWith("same")), status);
        a.cli("cluster", "config", "apply", file("a").toString()).mustSucceed();
        a.cli("cluster", "config", "diff").mustSucceed();
        assertEquals(Set.of("250"), recipient("user@other.test"));
    }

    private void withOneServerKilledNothingBegins() throws IOException {
        servers.get("c").kill9();
        Await.until(
                servers::logs,
                SOON,
                () -> !Http.json(servers.get("a"), "/cluster")
                        .path("members")
                        .get(2)
                        .path("condition")
                        .asText()
                        .equals("heard"));
        refused(apply("domains: [local.test]\n"), "Nothing was changed on any node", "c: ");
        refused(install("a", "1.0.3"), "Nothing was begun", "c: Node c does not answer");
        assertEquals("1.0.1", judge(servers.get("a")).path("version").asText());
        assertEquals("1.0.1", judge(servers.get("b")).path("version").asText());
        assertTrue(text("a").contains("other.test"), text("a"));
    }

    private Tool install(String node, String version, String... more) throws IOException {
        Path jar =
                Jars.made(Jars.judge(), folder.resolve("judge-" + version + ".jar"), Map.of("Bundle-Version", version));
        List<String> words = new ArrayList<>(List.of("plugin", "install", jar.toString(), "--yes", "--everywhere"));
        words.addAll(List.of(more));
        return servers.get(node).cli(words.toArray(String[]::new));
    }

    private Tool apply(String text) throws IOException {
        return servers.get("a")
                .cli(
                        "cluster",
                        "config",
                        "apply",
                        write("relay-domains.yaml", text).toString());
    }

    private Path write(String name, String text) throws IOException {
        return Files.writeString(folder.resolve(name), text);
    }

    private Path file(String node) {
        return servers.get(node).folder.resolve("plugins/relay-domains.yaml");
    }

    private String text(String node) throws IOException {
        return Files.readString(file(node));
    }

    private static void refused(Tool tool, String... words) {
        assertEquals(1, tool.status(), tool.output());
        for (String word : words) {
            assertTrue(tool.output().contains(word), word + " in " + tool.output());
        }
    }

    /** The codes with which the servers answer a recipient. */
    private Set<String> recipient(String address) throws IOException {
        Set<String> codes = new TreeSet<>();
        for (Daemon daemon : servers.all()) {
            try (SmtpClient client = SmtpClient.greeted(daemon.mx)) {
                client.say("MAIL FROM:<someone@src.test>").expect("250");
                codes.add(client.say("RCPT TO:<" + address + ">").reply().substring(0, 3));
            }
        }
        return codes;
    }

    private static JsonNode judge(Daemon daemon) throws IOException {
        for (JsonNode plugin : Http.json(daemon, "/plugins").path("plugins")) {
            if (plugin.path("name").asText().equals("judge")) {
                return plugin;
            }
        }
        throw new AssertionError("there is no judge");
    }

    private Set<String> versions() throws IOException {
        Set<String> versions = new TreeSet<>();
        for (Daemon daemon : servers.all()) {
            versions.add(judge(daemon).path("version").asText());
        }
        return versions;
    }

    private void awaitVersions(String version) {
        Await.until(servers::logs, SOON, () -> versions().equals(Set.of(version)));
    }
}
