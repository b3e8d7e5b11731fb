// SPDX-License-Identifier: Apache-2.0
package org.posthouse.state;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.posthouse.api.service.Limiter;
import org.posthouse.api.service.SharedState;
import org.posthouse.pipeline.spi.HookScope;
import org.posthouse.spool.spi.SpoolException;
import org.posthouse.spool.spi.Vault;
import org.posthouse.state.spi.Commons;
import org.posthouse.state.spi.Kept;
import org.posthouse.state.spi.LocalState;

/** State on nodes that tell each other what they set. */
final class AmongNodesTest {
    private static final Duration DAY = Duration.ofDays(1);
    private static final Limiter.Rate RATE = new Limiter.Rate(2, Duration.ofHours(1), 2);

    private final AtomicLong now = new AtomicLong(1_800_000_000_000L);
    private final Map<String, Node> nodes = new LinkedHashMap<>();

    /** A node whose words wait until the test lets them through. */
    private final class Node implements Commons {
        private final String name;
        private final MapVault vault = new MapVault();
        private final AtomicLong skew = new AtomicLong();
        private final List<Vault.Item> said = new ArrayList<>();
        private final List<String> asked = new ArrayList<>();
        private boolean leads;
        private @Nullable LocalState local;
        private StateHouse house;

        Node(String name) {
            this.name = name;
            house = house();
        }

        private StateHouse house() {
            StateHouse made = new StateHouse(
                    new SimpleMeterRegistry(),
                    new Clock(() -> now.get() + skew.get(), () -> now.get() * 1_000_000),
                    1_000_000,
                    1_000_000,
                    1_000,
                    true);
            made.addVault(vault);
            made.addCommons(this);
            return made;
        }

        SharedState.Table<String> table() {
            return new PluginState(house, "plugin").table("t", String.class);
        }

        SharedState.Counters counters() {
            return new PluginState(house, "plugin").counters("c");
        }

        LocalState local() {
            if (local == null) {
                throw new AssertionError("not open");
            }
            return local;
        }

        void restart(boolean well) throws InterruptedException {
            if (well) {
                house.close();
            }
            house = house();
        }

        @Override
        public String self() {
            return name;
        }

        @Override
        public List<String> others() {
            return nodes.keySet().stream().filter(n -> !n.equals(name)).toList();
        }

        @Override
        public void open(LocalState state) {
            local = state;
        }

        @Override
        public void close(LocalState state) {
            local = null;
        }

        @Override
        public boolean leads() {
            return leads;
        }

        @Override
        public Limiter.Grant take(String limit, boolean lendable, Limiter.Rate rate, long amount, Kept kept) {
            asked.add(limit + " " + lendable);
            kept.write(new Kept.Fill(local().now() + 3_600_000_000_000L, 1, 2, 3), 1_000_000);
            return new Limiter.Grant(true, Duration.ZERO);
        }

        @Override
        public void written(List<Vault.Item> items) {
            said.addAll(items);
        }
    }

    @BeforeEach
    void start() {
        for (String name : List.of("a", "b", "c")) {
            nodes.put(name, new Node(name));
        }
    }

    @AfterEach
    void stop() throws InterruptedException {
        for (Node node : nodes.values()) {
            node.house.close();
        }
    }

    private Node node(String name) {
        return Optional.ofNullable(nodes.get(name)).orElseThrow();
    }

    /** What each has said comes to the others, the latest first. */
    private void told() throws SpoolException {
        for (Node from : nodes.values()) {
            from.house.cells().flush(true);
        }
        for (Node from : nodes.values()) {
            for (Node to : nodes.values()) {
                if (to != from) {
                    to.local().merge(from.said.reversed());
                    to.local().merge(from.said);
                }
            }
            from.said.clear();
        }
    }

    @Test
    void whatOneNodeSetsIsThereOnTheOthers() throws SpoolException {
        node("a").table().put("k", "from a", DAY);
        assertEquals(Optional.of("from a"), node("a").table().get("k"));
        assertEquals(Optional.empty(), node("b").table().get("k"));
        told();
        assertEquals(Optional.of("from a"), node("b").table().get("k"));
        assertEquals(Optional.of("from a"), node("c").table().get("k"));
        now.addAndGet(DAY.toMillis());
        assertEquals(Optional.empty(), node("b").table().get("k"));
    }

    @Test
    void whatWasMergedIsNotToldAgain() throws SpoolException {
        node("a").table().put("k", "v", DAY);
        told();
        told();
        node("b").house.cells().flush(true);
        assertEquals(List.of(), node("b").said);
    }

    @Test
    void theLaterOneWinsWhateverTheClocksSay() throws SpoolException {
        node("a").skew.set(600_000);
        node("a").table().put("k", "first", DAY);
        told();
        // Its clock is ten minutes behind, and it has seen what it replaces.
        node("b").table().put("k", "second", DAY);
        told();
        for (Node node : nodes.values()) {
            assertEquals(Optional.of("second"), node.table().get("k"), node.name);
        }
    }

    @Test
    void ofTwoAtOnceAllKeepTheSame() throws SpoolException {
        node("a").table().put("k", "a's", DAY);
        node("b").table().put("k", "b's", DAY);
        told();
        told();
        assertEquals(node("a").table().get("k"), node("b").table().get("k"));
        assertEquals(node("a").table().get("k"), node("c").table().get("k"));
    }

    @Test
    void whatWasRemovedDoesNotComeBack() throws Exception {
        node("a").table().put("k", "v", DAY);
        told();
        List<Vault.Item> old = List.copyOf(node("c").vault.items.values());
        node("c").house.cells().flush(true);
        node("b").table().remove("k");
        told();
        for (Node node : nodes.values()) {
            assertEquals(Optional.empty(), node.table().get("k"), node.name);
        }
        node("a").restart(true);
        node("a").local().merge(old);
        assertEquals(Optional.empty(), node("a").table().get("k"));
        node("a").table().put("k", "anew", DAY);
        told();
        assertEquals(Optional.of("anew"), node("b").table().get("k"));
    }

    @Test
    void aCounterIsTheSumOfAllAndEndsForAllAtOnce() throws SpoolException {
        assertEquals(2, node("a").counters().add("k", 2, Duration.ofHours(1)));
        assertEquals(3, node("b").counters().add("k", 3, Duration.ofHours(1)));
        told();
        assertEquals(5, node("c").counters().get("k"));
        now.addAndGet(1_800_000);
        assertEquals(6, node("c").counters().add("k", 1, Duration.ofHours(1)));
        told();
        assertEquals(7, node("a").counters().add("k", 1, Duration.ofHours(1)));
        now.addAndGet(1_800_000);
        assertEquals(0, node("c").counters().get("k"));
    }

    @Test
    void updateIsAtomicOnANodeAndTheLaterResultStays() throws SpoolException {
        node("a").table().update("k", DAY, old -> "one");
        told();
        assertEquals(Optional.of("one+"), node("b").table().update("k", DAY, old -> old + "+"));
        told();
        assertEquals(Optional.of("one+"), node("a").table().get("k"));
        assertEquals(Optional.empty(), node("a").table().update("k", DAY, old -> null));
        told();
        assertEquals(Optional.empty(), node("c").table().get("k"));
    }

    @Test
    void aWalkFindsWhatIsSharedAndNothingElse() throws SpoolException {
        node("a").table().put("k", "v", DAY);
        node("a").counters().add("n", 1, DAY);
        node("a").table().put("gone", "v", DAY);
        node("a").table().remove("gone");
        node("a").table().remove("never there");
        new PluginLimiter(node("a").house, "plugin").take("l", RATE, 1);
        Scoped.run(
                "plugin", HookScope.Mode.SHADOW, null, () -> node("a").table().put("s", "v", DAY));
        node("a").house.cells().flush(true);
        List<String> found = node("a").local().shared(new byte[0], 100).items().stream()
                .map(Vault.Item::key)
                .sorted()
                .toList();
        assertEquals(List.of("gone", "k", "n"), found);
        assertEquals(
                "a",
                node("a")
                        .local()
                        .stamp(node("a")
                                .local()
                                .shared(new byte[0], 100)
                                .items()
                                .getFirst())
                        .node());
    }

    @Test
    void whatWasThereBeforeTheClusterIsTakenByWhoHasNothing() throws SpoolException {
        StateHouse alone = new StateHouse(
                new SimpleMeterRegistry(), new Clock(now::get, () -> now.get() * 1_000_000), 1_000_000, 10, 1_000);
        MapVault vault = new MapVault();
        alone.addVault(vault);
        new PluginState(alone, "plugin").table("t", String.class).put("k", "old", DAY);
        alone.cells().flush(true);
        assertEquals(1, node("b").local().merge(List.copyOf(vault.items.values())));
        assertEquals(Optional.of("old"), node("b").table().get("k"));
        node("c").table().put("k", "new", DAY);
        assertEquals(0, node("c").local().merge(List.copyOf(vault.items.values())));
    }

    @Test
    void limitsAreAskedOfTheClusterAndNothingIsGrantedWithoutIt() {
        PluginLimiter limiter = new PluginLimiter(node("a").house, "plugin");
        assertTrue(limiter.take("k", RATE, 1).granted());
        assertEquals(List.of("l:plugin:limits/k true"), node("a").asked);
        Kept kept = node("a").local().limit("l:plugin:limits/k", RATE).orElseThrow();
        assertEquals(Optional.of(3L), Optional.ofNullable(kept.read()).map(Kept.Fill::era));
        assertEquals(Optional.empty(), node("a").local().limit("t:plugin:t/k", RATE));
        node("a").house.removeCommons(node("a"));
        assertFalse(limiter.take("k", RATE, 1).granted());
        node("a").house.addCommons(node("a"));
        assertTrue(limiter.take("k", RATE, 1).granted());
    }

    @Test
    void limitsInTheCrowdAreNotLent() {
        node("a").vault.count = new Vault.Count(1_000, 1);
        new PluginLimiter(node("a").house, "plugin").take("made up", RATE, 1);
        assertTrue(
                node("a").asked.getFirst().endsWith(" false"), node("a").asked.getFirst());
        assertEquals(Optional.empty(), node("a").local().limit("l:plugin:limits/another", RATE));
    }

    @Test
    void aNodeKnowsWhetherItEndedWell() throws InterruptedException {
        assertFalse(node("a").local().remembers());
        node("a").restart(true);
        assertTrue(node("a").local().remembers());
        node("a").restart(false);
        assertFalse(node("a").local().remembers());
        node("b").house.close();
        node("b").vault.sick = true;
        node("b").house = node("b").house();
        assertFalse(
                new PluginLimiter(node("b").house, "plugin").take("k", RATE, 1).granted());
        node("b").vault.sick = false;
    }

    @Test
    void jobsRunOnTheNodeThatLeads() {
        AtomicInteger runs = new AtomicInteger();
        AtomicInteger others = new AtomicInteger();
        node("b").leads = true;
        new PluginJobs(node("a").house, "plugin").every("j", Duration.ofMillis(1), others::incrementAndGet);
        new PluginJobs(node("b").house, "plugin").every("j", Duration.ofMillis(1), runs::incrementAndGet);
        Waiting.until(() -> runs.get() > 10);
        assertEquals(0, others.get());
    }
}
