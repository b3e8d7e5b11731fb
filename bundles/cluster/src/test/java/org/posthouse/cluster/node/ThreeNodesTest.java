// SPDX-License-Identifier: Apache-2.0
package org.posthouse.cluster.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Base64;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.posthouse.cluster.disk.Disks;
import org.posthouse.cluster.settings.ClusterSettings;
import org.posthouse.cluster.settings.Socket;
import org.posthouse.queue.Post;
import org.posthouse.spool.Disk;
import org.posthouse.telemetry.spi.ClusterReport.Condition;
import org.posthouse.telemetry.spi.ClusterReport.Member;
import org.posthouse.testkit.server.Await;
import org.posthouse.testkit.server.Ports;

/** Three members over loopback with the Hazelcast that ships. */
@Timeout(180)
class ThreeNodesTest {
    @TempDir
    private Path folder;

    private final Map<String, Socket> members = new LinkedHashMap<>();
    private final Map<String, ClusterNode> nodes = new HashMap<>();
    private final Map<String, Deque<AutoCloseable>> closing = new HashMap<>();
    private final Map<String, SimpleMeterRegistry> meters = new HashMap<>();

    @BeforeEach
    void configure() throws IOException {
        System.setProperty("hazelcast.logging.type", "slf4j");
        for (String name : List.of("a", "b", "c")) {
            members.put(name, new Socket("127.0.0.1", Ports.free()));
        }
        key("key", 1);
        key("other", 2);
    }

    @AfterEach
    void stop() throws Exception {
        for (String name : List.copyOf(closing.keySet())) {
            stop(name);
        }
    }

    private Path key(String name, int seed) throws IOException {
        byte[] octets = new byte[32];
        new Random(seed).nextBytes(octets);
        return Files.writeString(folder.resolve(name), Base64.getEncoder().encodeToString(octets));
    }

    /** A disk on which this node has lived before: an empty one would ask the others for 10 s. */
    private Disk disk(String name) throws IOException {
        Disk disk = new Disk(folder.resolve("disk-" + name));
        if (disk.records().members().isEmpty()) {
            Disks.lived(disk.spool(), name);
        }
        closing.computeIfAbsent(name, n -> new ArrayDeque<>()).push(disk);
        return disk;
    }

    private void stop(String name) throws Exception {
        for (AutoCloseable one : closing.remove(name)) {
            one.close();
        }
        nodes.remove(name);
    }

    private ClusterNode start(String name, String key) throws IOException {
        ClusterSettings settings = new ClusterSettings(
                "test-" + folder.getFileName(),
                members,
                Set.of(),
                name,
                members.get(name),
                List.of(folder.resolve(key)),
                2,
                true,
                false,
                false);
        SimpleMeterRegistry registry = new SimpleMeterRegistry();
        Disk disk = disk(name);
        ClusterNode node = new ClusterNode(settings, disk.spool(), disk.records(), disk.copies(), registry);
        Post post = new Post(disk.spool(), node.custodian(), (message, recipient) -> {});
        closing.get(name).push(post);
        closing.get(name).push(node);
        nodes.put(name, node);
        meters.put(name, registry);
        node.serve(post.holdings());
        return node;
    }

    private static void await(BooleanSupplier condition, long seconds, String what) {
        Await.until(what, Duration.ofSeconds(seconds), condition::getAsBoolean);
    }

    private Condition seen(String by, String name) {
        return member(by, name).condition();
    }

    private Member member(String by, String name) {
        return nodes.get(by).report().members().stream()
                .filter(m -> m.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private double refused(String by, String reason) {
        return meters.get(by)
                .get("posthouse.cluster.refused")
                .tag("reason", reason)
                .counter()
                .count();
    }

    @Test
    void aMemberThatStopsIsFencedByTheOthersAndComesBackWithANewLife() throws Exception {
        for (String name : List.of("a", "b", "c")) {
            start(name, "key");
        }
        await(
                () -> nodes.values().stream().allMatch(n -> n.report().leased())
                        && seen("a", "c") == Condition.HEARD
                        && seen("b", "c") == Condition.HEARD,
                30,
                "all have the lease");
        assertEquals(
                0, nodes.values().stream().mapToLong(n -> n.traffic().refused()).sum());
        long life = member("c", "c").life();

        stop("c");
        long stopped = System.nanoTime();
        await(() -> seen("a", "c") == Condition.SILENT, 10, "it is missed");
        await(() -> seen("a", "c") == Condition.FENCED && seen("b", "c") == Condition.FENCED, 20, "it is fenced");
        long millis = (System.nanoTime() - stopped) / 1_000_000;
        System.out.printf("fenced by both after %d ms%n", millis);
        assertTrue(millis >= 9_000 && millis <= 16_500, millis + " ms");
        assertTrue(nodes.get("a").report().leased() && nodes.get("b").report().leased());

        start("c", "key");
        await(
                () -> seen("a", "c") == Condition.HEARD
                        && seen("b", "c") == Condition.HEARD
                        && nodes.get("c").report().leased(),
                30,
                "it is back");
        assertTrue(member("a", "c").life() > life, "a new life");
    }

    @Test
    void aMemberWithAnotherKeyIsRefusedAndCountedAndHasNoLease() throws Exception {
        for (String name : List.of("a", "b", "c")) {
            start(name, name.equals("c") ? "other" : "key");
        }
        await(
                () -> nodes.get("a").report().leased()
                        && nodes.get("b").report().leased()
                        && refused("a", "key") > 0
                        && refused("c", "key") > 0,
                30,
                "a and b have the lease, and c is refused");
        assertEquals(Condition.UNKNOWN, seen("a", "c"));
        assertEquals(false, nodes.get("c").report().leased());
    }
}
