// SPDX-License-Identifier: Apache-2.0
package org.posthouse.state;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.posthouse.api.service.SharedState;
import org.posthouse.pipeline.spi.HookScope;
import org.posthouse.spool.spi.Vault;

final class PluginStateTest {
    private static final Duration DAY = Duration.ofDays(1);

    private final AtomicLong now = new AtomicLong(1_800_000_000_000L);
    private final MapVault vault = new MapVault();
    private StateHouse house = house(1_000_000);
    private SharedState state = new PluginState(house, "greylist");

    private StateHouse house(long cache) {
        return new StateHouse(
                new SimpleMeterRegistry(), new Clock(now::get, () -> now.get() * 1_000_000), cache, 10, 1_000_000);
    }

    @BeforeEach
    void open() {
        house.addVault(vault);
    }

    @AfterEach
    void close() throws InterruptedException {
        house.close();
    }

    private void restart() throws InterruptedException {
        house.close();
        house = house(1_000_000);
        house.addVault(vault);
        state = new PluginState(house, "greylist");
    }

    private SharedState.Table<String> texts() {
        return state.table("seen", String.class);
    }

    @Test
    void keepsEveryTypeOfMessageNotes() throws InterruptedException {
        state.table("a", String.class).put("k", "text é", DAY);
        state.table("b", Long.class).put("k", Long.MIN_VALUE, DAY);
        state.table("c", Double.class).put("k", -0.5, DAY);
        state.table("d", Boolean.class).put("k", true, DAY);
        state.table("e", byte[].class).put("k", new byte[] {1, 2}, DAY);
        state.table("f", List.class).put("k", List.of("a", 1L, 2.5, false), DAY);
        restart();
        assertEquals(Optional.of("text é"), state.table("a", String.class).get("k"));
        assertEquals(Optional.of(Long.MIN_VALUE), state.table("b", Long.class).get("k"));
        assertEquals(Optional.of(-0.5), state.table("c", Double.class).get("k"));
        assertEquals(Optional.of(true), state.table("d", Boolean.class).get("k"));
        assertArrayEquals(
                new byte[] {1, 2}, state.table("e", byte[].class).get("k").orElseThrow());
        assertEquals(
                Optional.of(List.of("a", 1L, 2.5, false)),
                state.table("f", List.class).get("k"));
    }

    @Test
    void refusesTypesThatCanNotTravel() {
        assertThrows(IllegalArgumentException.class, () -> state.table("t", Object.class));
        assertThrows(IllegalArgumentException.class, () -> state.table("t", Integer.class));
        var lists = state.table("t", List.class);
        assertThrows(IllegalArgumentException.class, () -> lists.put("k", List.of(1), DAY));
        assertThrows(IllegalArgumentException.class, () -> lists.put("k", List.of(List.of()), DAY));
        assertThrows(IllegalArgumentException.class, () -> texts().put("k", "v", Duration.ZERO));
        assertThrows(IllegalArgumentException.class, () -> state.table("", String.class));
    }

    @Test
    void refusesAtOnceWhatCouldNotBeWritten() throws Exception {
        assertThrows(IllegalArgumentException.class, () -> texts().put("k".repeat(1_025), "v", DAY));
        assertThrows(IllegalArgumentException.class, () -> texts().put("é".repeat(513), "v", DAY));
        assertThrows(IllegalArgumentException.class, () -> texts().put("k", "v".repeat(1 << 20), DAY));
        texts().put("é".repeat(512), "v".repeat((1 << 20) - 8), DAY);
        house.cells().flush(true);
        assertEquals(1, vault.items.size());
    }

    @Test
    void givesOutCopiesOfWhatCouldBeChanged() {
        byte[] octets = {1};
        state.table("o", byte[].class).put("k", octets, DAY);
        octets[0] = 2;
        state.table("o", byte[].class).get("k").orElseThrow()[0] = 3;
        assertEquals(1, state.table("o", byte[].class).get("k").orElseThrow()[0]);
        List<String> list = new ArrayList<>(List.of("a"));
        state.table("l", List.class).put("k", list, DAY);
        list.clear();
        assertEquals(Optional.of(List.of("a")), state.table("l", List.class).get("k"));
    }

    @Test
    void aValueOfAnotherTypeCountsAsNone() {
        state.table("t", Long.class).put("k", 1L, DAY);
        assertEquals(Optional.empty(), texts("t").get("k"));
        assertEquals(Optional.of("new"), texts("t").update("k", DAY, old -> old == null ? "new" : "old"));
    }

    private SharedState.Table<String> texts(String name) {
        return state.table(name, String.class);
    }

    @Test
    void valuesExpire() throws InterruptedException {
        texts().put("k", "v", Duration.ofSeconds(10));
        now.addAndGet(9_999);
        assertEquals(Optional.of("v"), texts().get("k"));
        now.addAndGet(1);
        assertEquals(Optional.empty(), texts().get("k"));
        restart();
        assertEquals(Optional.empty(), texts().get("k"));
    }

    @Test
    void aLifeWithoutEndIsNone() {
        texts().put("k", "v", Duration.ofSeconds(Long.MAX_VALUE));
        assertEquals(Optional.of("v"), texts().get("k"));
    }

    @Test
    void removesAndUpdatesToNothing() throws InterruptedException {
        texts().put("a", "v", DAY);
        texts().put("b", "v", DAY);
        texts().remove("a");
        assertEquals(Optional.empty(), noneOf("b"));
        restart();
        assertEquals(Optional.empty(), texts().get("a"));
        assertEquals(Optional.empty(), texts().get("b"));
        assertTrue(vault.items.isEmpty());
    }

    @SuppressWarnings("NullAway") // null removes, by the contract of update
    private Optional<String> noneOf(String key) {
        return texts().update(key, DAY, old -> null);
    }

    @Test
    void updatesAreAtomicAmongManyThreads() throws InterruptedException {
        SharedState.Table<Long> table = state.table("n", Long.class);
        SharedState.Counters counters = state.counters("n");
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            threads.add(Thread.startVirtualThread(() -> {
                for (int n = 0; n < 2_000; n++) {
                    table.update("k", DAY, old -> old == null ? 1 : old + 1);
                    counters.add("k", 1, DAY);
                }
            }));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertEquals(Optional.of(16_000L), table.get("k"));
        assertEquals(16_000, counters.get("k"));
        restart();
        assertEquals(Optional.of(16_000L), state.table("n", Long.class).get("k"));
        assertEquals(16_000, state.counters("n").get("k"));
    }

    @Test
    void aFunctionThatHangsHoldsUpNobody() throws InterruptedException {
        CountDownLatch called = new CountDownLatch(1);
        CountDownLatch release = new CountDownLatch(1);
        Thread hanging = Thread.startVirtualThread(() -> texts().update("k", DAY, old -> {
            called.countDown();
            try {
                release.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            return old == null ? "late" : old + " and late";
        }));
        called.await();
        texts().put("k", "quick", DAY);
        assertEquals(Optional.of("quick"), texts().get("k"));
        release.countDown();
        hanging.join();
        assertEquals(Optional.of("quick and late"), texts().get("k"));
    }

    @Test
    void countersLiveFromTheirFirstAddition() {
        SharedState.Counters counters = state.counters("c");
        assertEquals(2, counters.add("k", 2, Duration.ofSeconds(10)));
        now.addAndGet(6_000);
        assertEquals(5, counters.add("k", 3, Duration.ofSeconds(10)));
        now.addAndGet(4_000);
        assertEquals(0, counters.get("k"));
        assertEquals(1, counters.add("k", 1, Duration.ofSeconds(10)));
    }

    @Test
    void tablesCountersAndPluginsDoNotMeet() {
        SharedState other = new PluginState(house, "other");
        texts("x").put("k", "v", DAY);
        state.counters("x").add("k", 5, DAY);
        assertEquals(Optional.empty(), other.table("x", String.class).get("k"));
        assertEquals(0, other.counters("x").get("k"));
        assertEquals(Optional.of("v"), texts("x").get("k"));
    }

    @Test
    void shadowSeesATableOfItsOwn() throws InterruptedException {
        texts().put("k", "earnest", DAY);
        SharedState.Table<String> table = texts();
        Scoped.run("greylist", HookScope.Mode.SHADOW, null, () -> {
            assertEquals(Optional.empty(), table.get("k"));
            table.put("k", "shadow", DAY);
            state.counters("c").add("k", 1, DAY);
        });
        assertEquals(Optional.of("earnest"), table.get("k"));
        assertEquals(0, state.counters("c").get("k"));
        restart();
        Scoped.run("greylist", HookScope.Mode.SHADOW, null, () -> {
            assertEquals(Optional.of("shadow"), texts().get("k"));
        });
    }

    @Test
    void aReplayKeepsItsStateForItselfAndLeavesNothing() throws Exception {
        Object[] marks = {new Object(), new Object()};
        HookScope.Answers one = (service, question) -> marks[0];
        HookScope.Answers two = (service, question) -> marks[1];
        Scoped.run("greylist", HookScope.Mode.REPLAY, one, () -> {
            texts().put("k", "replayed", DAY);
        });
        Scoped.run("greylist", HookScope.Mode.REPLAY, one, () -> {
            assertEquals(Optional.of("replayed"), texts().get("k"));
        });
        Scoped.run("greylist", HookScope.Mode.REPLAY, two, () -> {
            assertEquals(Optional.empty(), texts().get("k"));
        });
        assertEquals(Optional.empty(), texts().get("k"));
        house.cells().flush(true);
        assertTrue(vault.items.isEmpty());
    }

    @Test
    void manyEntriesCostNoHeapBeyondTheCache() throws Exception {
        house.close();
        house = house(100_000);
        house.addVault(vault);
        state = new PluginState(house, "greylist");
        for (int i = 0; i < 50_000; i++) {
            texts().put("key" + i, "value" + i, DAY);
        }
        house.cells().flush(true);
        assertEquals(50_000, vault.items.size());
        assertEquals(0, house.cells().unwritten());
        assertTrue(house.cells().held() <= 100_000, "held " + house.cells().held());
        for (int i = 0; i < 50_000; i += 997) {
            assertEquals(Optional.of("value" + i), texts().get("key" + i));
        }
    }

    @Test
    void updatesValuesThatFillTheirPartOfTheCacheAlone() throws Exception {
        house.close();
        house = house(100_000);
        house.addVault(vault);
        state = new PluginState(house, "greylist");
        texts().put("large", "v".repeat(10_000), DAY);
        house.cells().flush(true);
        assertTimeoutPreemptively(
                Duration.ofSeconds(30), () -> texts().update("large", DAY, old -> old == null ? "lost" : old + "!"));
        assertEquals(10_001, texts().get("large").orElseThrow().length());
    }

    @Test
    void whatASickSpoolCanNotTellIsNoAnswerAndNothingIsLost() throws Exception {
        texts().put("known", "v", DAY);
        vault.sick = true;
        assertEquals(Optional.of("v"), texts().get("known"));
        assertThrows(UncheckedIOException.class, () -> texts().get("unknown"));
        texts().put("new", "v", DAY);
        vault.sick = false;
        restart();
        assertEquals(Optional.of("v"), texts().get("new"));
    }

    @Test
    void syncsTablesAndNotCounters() throws Exception {
        state.counters("c").add("k", 1, DAY);
        house.cells().flush(true);
        assertEquals(0, vault.synced.get());
        assertEquals(1, vault.unsynced.get());
        texts().put("k", "v", DAY);
        house.cells().flush(false);
        assertEquals(1, vault.synced.get());
    }

    @Test
    void whatWasChangedIsWrittenSoonByItself() {
        texts().put("k", "v", DAY);
        state.counters("c").add("k", 1, DAY);
        Waiting.until(() -> vault.items.size() == 2);
        Vault.Item item = vault.items.get("t:greylist:seen/k");
        assertEquals(now.get() + DAY.toMillis(), item.expires().toEpochMilli());
    }

    @Test
    void outlivesTheSpoolBehindIt() {
        texts().put("k", "v", DAY);
        house.removeVault(vault);
        assertEquals(1, vault.items.size());
        assertEquals(Optional.of("v"), texts().get("k"));
        assertThrows(UncheckedIOException.class, () -> texts().get("unknown"));
        house.addVault(vault);
        assertEquals(Optional.empty(), texts().get("unknown"));
    }
}
