// SPDX-License-Identifier: Apache-2.0
package org.posthouse.cluster.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.posthouse.telemetry.spi.ClusterReport.Condition;
import org.posthouse.telemetry.spi.ClusterReport.Member;
import org.posthouse.testkit.server.Await;

/** Three members over loopback with the Hazelcast that ships. */
@Timeout(180)
class ThreeNodesTest {
    @TempDir
    private Path folder;

    private Trio trio;

    @BeforeEach
    void configure() throws IOException {
        trio = new Trio(folder);
    }

    @AfterEach
    void stop() throws Exception {
        trio.close();
    }

    private static void await(BooleanSupplier condition, long seconds, String what) {
        Await.until(what, Duration.ofSeconds(seconds), condition::getAsBoolean);
    }

    private Condition seen(String by, String name) {
        return member(by, name).condition();
    }

    private Member member(String by, String name) {
        return trio.nodes.get(by).report().members().stream()
                .filter(m -> m.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private double refused(String by, String reason) {
        return trio.meters
                .get(by)
                .get("posthouse.cluster.refused")
                .tag("reason", reason)
                .counter()
                .count();
    }

    @Test
    void aMemberThatStopsIsFencedByTheOthersAndComesBackWithANewLife() throws Exception {
        for (String name : List.of("a", "b", "c")) {
            trio.start(name, "key");
        }
        await(
                () -> trio.nodes.values().stream().allMatch(n -> n.report().leased())
                        && seen("a", "c") == Condition.HEARD
                        && seen("b", "c") == Condition.HEARD,
                30,
                "all have the lease");
        assertEquals(
                0,
                trio.nodes.values().stream()
                        .mapToLong(n -> n.traffic().refused())
                        .sum());
        long life = member("c", "c").life();

        trio.stop("c");
        long stopped = System.nanoTime();
        await(() -> seen("a", "c") == Condition.SILENT, 10, "it is missed");
        await(() -> seen("a", "c") == Condition.FENCED && seen("b", "c") == Condition.FENCED, 20, "it is fenced");
        long millis = (System.nanoTime() - stopped) / 1_000_000;
        System.out.printf("fenced by both after %d ms%n", millis);
        assertTrue(millis >= 9_000 && millis <= 30_000, millis + " ms");
        assertTrue(trio.nodes.get("a").report().leased()
                && trio.nodes.get("b").report().leased());

        trio.start("c", "key");
        await(
                () -> seen("a", "c") == Condition.HEARD
                        && seen("b", "c") == Condition.HEARD
                        && trio.nodes.get("c").report().leased(),
                30,
                "it is back");
        assertTrue(member("a", "c").life() > life, "a new life");
    }

    @Test
    void aMemberWithAnotherKeyIsRefusedAndCountedAndHasNoLease() throws Exception {
        for (String name : List.of("a", "b", "c")) {
            trio.start(name, name.equals("c") ? "other" : "key");
        }
        await(
                () -> trio.nodes.get("a").report().leased()
                        && trio.nodes.get("b").report().leased()
                        && refused("a", "key") > 0
                        && refused("c", "key") > 0,
                30,
                "a and b have the lease, and c is refused");
        assertEquals(Condition.UNKNOWN, seen("a", "c"));
        assertEquals(false, trio.nodes.get("c").report().leased());
    }
}
