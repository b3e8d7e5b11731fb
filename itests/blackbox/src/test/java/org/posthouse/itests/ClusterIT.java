// SPDX-License-Identifier: Apache-2.0
package org.posthouse.itests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.posthouse.testkit.server.Await;
import org.posthouse.testkit.server.Ports;
import org.posthouse.testkit.server.SmtpClient;

/** Servers as members of a cluster: two that store mail and a witness, each a process of its own. */
class ClusterIT {
    private static final Duration SOON = Duration.ofSeconds(90);

    @TempDir
    Path folder;

    private final List<Daemon> daemons = new ArrayList<>();

    @AfterEach
    void stop() {
        daemons.forEach(Daemon::close);
    }

    private static String section(String self, Path key, int a, int b, int w) {
        return """
                cluster:
                  name: test
                  self: %s
                  members: { a: "127.0.0.1:%d", b: "127.0.0.1:%d", w: "127.0.0.1:%d" }
                  witnesses: [w]
                  keys: ["%s"]
                """.formatted(self, a, b, w, key);
    }

    private Path key(String name) throws IOException {
        byte[] octets = new byte[32];
        new SecureRandom().nextBytes(octets);
        return Files.writeString(folder.resolve(name), Base64.getEncoder().encodeToString(octets));
    }

    private static String condition(Daemon by, String name) throws IOException {
        return member(by, name).get("condition").asText();
    }

    private static HttpResponse<String> ready(Daemon daemon) throws IOException {
        return Http.send("GET", "http://127.0.0.1:" + daemon.metrics + "/ready");
    }

    private static boolean leased(Daemon daemon) throws IOException {
        return Http.json(daemon, "/cluster").get("leased").asBoolean();
    }

    private static JsonNode member(Daemon by, String name) throws IOException {
        for (JsonNode member : Http.json(by, "/cluster").get("members")) {
            if (member.get("name").asText().equals(name)) {
                return member;
            }
        }
        throw new AssertionError("no member " + name);
    }

    private String logs() {
        StringBuilder all = new StringBuilder();
        daemons.forEach(d -> all.append(d.log()).append("\n----\n"));
        return all.toString();
    }

    @Test
    void membersFindEachOtherFenceOneThatDiesAndRefuseItWithAnotherKey() throws Exception {
        Path key = key("key");
        int portA = Ports.free();
        int portB = Ports.free();
        int portW = Ports.free();
        for (String name : List.of("a", "b", "w")) {
            Daemon daemon = Daemon.in(folder.resolve(name)).extra(section(name, key, portA, portB, portW));
            daemons.add(daemon);
            daemon.configure();
            daemon.spawn();
        }
        for (Daemon daemon : daemons) {
            Await.until(this::logs, SOON, () -> Daemon.banner(daemon.smtp));
        }
        Daemon a = daemons.get(0);
        Daemon b = daemons.get(1);
        Daemon w = daemons.get(2);
        Await.until(
                this::logs,
                SOON,
                () -> leased(a) && leased(b) && leased(w) && condition(a, "b").equals("heard"));
        assertEquals(200, ready(a).statusCode());
        assertEquals(503, ready(w).statusCode());
        assertTrue(ready(w).body().contains("is a witness and stores no mail"), ready(w).body());
        try (SmtpClient client = SmtpClient.greeted(w.smtp)) {
            client.say("EHLO client.test").expect("250");
            client.say("MAIL FROM:<a@src.test>").expect("421 4.3.2 No mail is taken now, come back soon");
        }
        long life = member(a, "b").get("life").asLong();
        String status = a.cli("cluster", "status").mustSucceed().output();
        assertTrue(status.contains("a (this node)") && status.contains("witness"), status);
        String metrics = Http.get("http://127.0.0.1:" + a.metrics + "/metrics");
        assertTrue(metrics.contains("posthouse_cluster_lease 1"), metrics);

        b.kill9();
        long killed = System.nanoTime();
        // It comes back with a key of its own while the others still wait for it.
        b.extra(section("b", key("other"), portA, portB, portW)).configure();
        b.spawn();
        Await.until(this::logs, SOON, () -> condition(a, "b").equals("fenced"));
        System.out.printf("fenced %d ms after kill -9%n", (System.nanoTime() - killed) / 1_000_000);
        assertTrue(a.log().contains("b@" + life + " is fenced"), a.log());
        assertTrue(leased(a) && leased(w));
        Await.until(
                this::logs,
                SOON,
                () -> a.log().contains("a parcel of b@") && b.log().contains("a parcel of "));
        assertTrue(a.log().contains("is refused: it has the key "), a.log());
        assertTrue(a.log().contains(": compare cluster.keys"), a.log());
        assertFalse(leased(b));

        b.kill9();
        b.extra(section("b", key, portA, portB, portW)).configure();
        b.spawn();
        Await.until(this::logs, SOON, () -> condition(a, "b").equals("heard") && leased(b));
        assertTrue(member(a, "b").get("life").asLong() > life, status);
    }

    @Test
    void aServerThatIsAloneHasNothingOfIt() throws Exception {
        Daemon alone = Daemon.in(folder.resolve("alone")).start();
        daemons.add(alone);
        assertEquals(404, Http.api(alone, "GET", "/cluster").statusCode());
        assertEquals(1, alone.cli("cluster", "status").status());
        assertFalse(
                Files.readString(Path.of("/proc/" + alone.javaPid() + "/maps")).contains("hazelcast"));
        try (var open = Files.list(Path.of("/proc/" + alone.javaPid() + "/fd"))) {
            assertEquals(List.of(), open.filter(ClusterIT::ofTheCluster).toList());
        }
    }

    private static boolean ofTheCluster(Path descriptor) {
        try {
            String file = Files.readSymbolicLink(descriptor).toString();
            return file.contains("hazelcast") || file.contains("org.posthouse.cluster");
        } catch (NoSuchFileException closedMeanwhile) {
            return false;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void aSectionThatIsWrongIsRefusedWithItsKey() {
        Daemon daemon = Daemon.in(folder.resolve("wrong")).extra("cluster: { self: a, member: { a: \"10.0.0.1:1\" } }");
        daemon.configure();
        Tool check = daemon.cli("config", "check");
        assertEquals(78, check.status());
        assertTrue(check.output().contains("cluster.members: is missing"), check.output());
        assertTrue(check.output().contains("cluster.keys: is missing"), check.output());
        assertTrue(check.output().contains("posthouse.yaml:"), check.output());
    }
}
