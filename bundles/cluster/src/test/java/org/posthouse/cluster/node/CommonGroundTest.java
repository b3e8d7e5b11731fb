// SPDX-License-Identifier: Apache-2.0
package org.posthouse.cluster.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.posthouse.api.service.Limiter;
import org.posthouse.cluster.sharing.MapState;
import org.posthouse.spool.spi.Vault;
import org.posthouse.testkit.server.Await;

/** Limits, state and jobs among three members in one process, over the Hazelcast that ships. */
@Timeout(180)
class CommonGroundTest {
    private static final Limiter.Rate RATE = new Limiter.Rate(50, Duration.ofSeconds(1), 50);
    private static final String LIMIT = "l:test:limits/k";

    @TempDir
    private Path folder;

    private Trio trio;
    private final Map<String, MapState> states = new LinkedHashMap<>();

    @BeforeEach
    void configure() throws IOException {
        trio = new Trio(folder);
        for (String name : Trio.NAMES) {
            states.put(name, new MapState());
        }
    }

    @AfterEach
    void stop() throws Exception {
        trio.close();
    }

    private void start(String name) throws IOException {
        trio.start(name, "key").commons().open(state(name));
    }

    private MapState state(String name) {
        return states.getOrDefault(name, new MapState());
    }

    private static void await(BooleanSupplier condition, long seconds, String what) {
        Await.until(what, Duration.ofSeconds(seconds), condition::getAsBoolean);
    }

    private void set(String name, String key, long time) {
        Vault.Item item = MapState.item(key, time, name, "from " + name);
        state(name).merge(List.of(item));
        trio.nodes.get(name).commons().written(List.of(item));
    }

    /** Something that was granted between these two moments. */
    private record Granted(long begun, long ended) {}

    /** Takes at these nodes as fast as it goes; tells when each was granted, in the order in which they ended. */
    private List<Granted> take(List<String> asked, long millis) throws InterruptedException {
        ConcurrentLinkedQueue<Granted> granted = new ConcurrentLinkedQueue<>();
        List<Thread> threads = new ArrayList<>();
        long end = System.nanoTime() + millis * 1_000_000;
        for (String name : asked) {
            threads.add(Thread.startVirtualThread(() -> {
                while (System.nanoTime() < end) {
                    long before = System.nanoTime();
                    Limiter.Grant grant = trio.nodes
                            .get(name)
                            .commons()
                            .take(LIMIT, true, RATE, 1, state(name).kept(LIMIT));
                    if (grant.granted()) {
                        granted.add(new Granted(before, System.nanoTime()));
                    } else {
                        LockSupport.parkNanos(5_000_000);
                    }
                }
            }));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        return granted.stream().sorted(Comparator.comparingLong(Granted::ended)).toList();
    }

    /** In every window at most the rate times the window plus the burst: what began and ended in it was granted in it. */
    private static void assertBounded(List<Granted> granted) {
        double each = RATE.per().toNanos() / (double) RATE.events();
        for (Granted first : granted) {
            int count = 0;
            for (Granted last : granted) {
                if (last.begun() >= first.begun()) {
                    count++;
                    double most = RATE.burst() + (last.ended() - first.begun()) / each;
                    assertTrue(count <= most, count + " granted where " + most + " may be");
                }
            }
        }
    }

    @Test
    void limitsHoldInSumAndStateAndJobsAreShared() throws Exception {
        for (String name : Trio.NAMES) {
            start(name);
        }
        await(() -> trio.nodes.values().stream().allMatch(n -> n.report().leased()), 30, "all have the lease");
        await(() -> trio.nodes.get("a").commons().leads(), 30, "the first one leads");
        assertEquals(
                List.of(true, false, false),
                trio.nodes.values().stream().map(n -> n.commons().leads()).toList());

        List<Granted> all = take(List.of("a", "b", "c"), 6_000);
        long most = 6 * RATE.events() + RATE.burst();
        System.out.printf("asked at all: %d of %d%n", all.size(), most);
        assertBounded(all);
        assertTrue(all.size() >= most * 3 / 4, all.size() + " of " + most);
        Thread.sleep(1_500);
        List<Granted> one = take(List.of("b"), 6_000);
        System.out.printf("asked at one: %d of %d%n", one.size(), most);
        assertBounded(one);
        assertTrue(one.size() >= most * 3 / 4, one.size() + " of " + most);

        set("a", "early", 1);
        await(
                () -> state("b").value("early").equals("from a")
                        && state("c").value("early").equals("from a"),
                10,
                "told");
        trio.stop("c");
        set("a", "missed", 2);
        set("b", "early", 3);
        await(() -> state("b").value("missed").equals("from a"), 10, "told to who is there");
        start("c");
        await(
                () -> state("c").value("missed").equals("from a")
                        && state("c").value("early").equals("from b"),
                60,
                "compared with who was away");
    }
}
