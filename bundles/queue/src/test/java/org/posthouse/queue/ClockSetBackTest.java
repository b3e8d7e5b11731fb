// SPDX-License-Identifier: Apache-2.0
package org.posthouse.queue;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.posthouse.queue.House.await;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.posthouse.queue.House.End;
import org.posthouse.queue.House.Script;
import org.posthouse.queue.spi.Lane;
import org.posthouse.queue.spi.Parcel;
import org.posthouse.spool.spi.MessageId;
import org.posthouse.spool.spi.Progress;
import org.posthouse.spool.spi.SpoolException;
import org.posthouse.spool.spi.State;
import org.posthouse.spool.spi.Vault;

/** Mail that began to wait while the wall clock was ahead. */
@Timeout(120)
class ClockSetBackTest {
    private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
    private static final Duration LONGEST = Duration.ofHours(4);
    private static final Duration AHEAD = Duration.ofDays(2);

    /** A vault in heap. */
    private static final class OneVault implements Vault {
        private final Map<String, Item> items = new ConcurrentHashMap<>();

        @Override
        public Optional<Item> get(String table, String key) {
            return Optional.ofNullable(items.get(table + "/" + key));
        }

        @Override
        public void write(List<Entry> entries, boolean synced) {
            entries.forEach(e -> items.put(e.table() + "/" + e.key(), (Item) e));
        }

        @Override
        public List<Item> scan(String table, String after, int most) {
            throw new UnsupportedOperationException("Nobody scans");
        }

        @Override
        public Page walk(byte[] from, int most) {
            throw new UnsupportedOperationException("Nobody walks");
        }

        @Override
        public Count counted(String prefix) {
            throw new UnsupportedOperationException("Nobody counts");
        }
    }

    private static Settings retrying(String schedule) {
        Settings s = House.QUICK;
        return new Settings(RetrySchedule.parse(schedule), s.expire(), 200, 20, 100, s.warnAfter(), 1000, 32L << 20);
    }

    private static Progress record(long sequence, int attempts, Instant due, Instant changed) {
        return new Progress(0, State.DEFERRED, 0, sequence, attempts, due, "", "", changed);
    }

    private static Instant shortened(Progress p, Instant received) {
        return WaitMend.shortened(p, received, NOW, LONGEST);
    }

    @Test
    void aWaitThatBeganInTheFutureBeginsNow() {
        Instant then = NOW.plus(AHEAD);
        Progress p = record(3, 1, then.plusSeconds(60), then);
        assertEquals(NOW.plusSeconds(60), shortened(p, NOW.minusSeconds(5)));
    }

    @Test
    void aWaitThatBeganInThePastStays() {
        assertNull(shortened(record(3, 1, NOW.plusSeconds(60), NOW.minusSeconds(1)), NOW.minusSeconds(5)));
        assertNull(
                shortened(record(3, 1, NOW.plusSeconds(69), NOW.plusSeconds(9)), NOW), "clocks are stepped a little");
    }

    @Test
    void aDelayThatSomebodyChoseStays() {
        Instant tomorrow = NOW.plus(Duration.ofDays(1));
        assertNull(shortened(Progress.initial(0, State.QUEUED, tomorrow), NOW));
        assertNull(shortened(record(1, 0, tomorrow, NOW), NOW), "the hooks said so");
        assertEquals(
                tomorrow,
                shortened(Progress.initial(0, State.QUEUED, tomorrow.plus(AHEAD)), NOW.plus(AHEAD)),
                "as long as it was to be");
    }

    @Test
    void whatWasTriedWaitsNoLongerThanTheScheduleSays() {
        Progress givenBack = record(5, 2, NOW.plus(AHEAD), NOW.minus(Duration.ofHours(1)));
        assertEquals(NOW.plus(LONGEST), shortened(givenBack, NOW.minus(AHEAD)));
    }

    @Test
    void whatWasDeferredWhileTheClockWasAheadIsTriedInTime() {
        try (House house = House.open(new FakeSpool(), retrying("2s"))) {
            house.jump(AHEAD);
            house.script = (parcel, r) -> End.DEFER;
            MessageId id = house.accept("a@one.example");
            await("it was deferred", () -> house.state(id, 0) == State.DEFERRED);
            house.script = House.DELIVER;
            house.jump(AHEAD.negated());
            house.awaitEmpty();
            assertEquals(1, house.deliveries());
        }
    }

    @Test
    void aSiteThatPausedWhileTheClockWasAheadPausesNoLonger() {
        try (House house = House.open(new FakeSpool(), retrying("2s"))) {
            house.script = new Script() {
                @Override
                public boolean before(Lane lane, Parcel parcel) {
                    lane.unreachable(Duration.ofSeconds(3), "connection refused");
                    return false;
                }

                @Override
                public End end(Parcel parcel, int recipient) {
                    return End.DELIVER;
                }
            };
            MessageId id = house.accept("a@dead.example");
            await(
                    "it was given back",
                    () -> !house.carried.isEmpty() && progress(house, id).sequence() > 0);
            house.jump(AHEAD);
            await(
                    "it was given back by the clock that is ahead",
                    () -> progress(house, id).due().isAfter(Instant.now().plus(AHEAD.minusHours(1))));
            house.jump(AHEAD.negated());
            house.script = House.DELIVER;
            house.awaitEmpty();
            assertEquals(1, house.deliveries());
        }
    }

    private static Progress progress(House house, MessageId id) {
        try {
            return house.spool.load(id).orElseThrow().progress().get(0);
        } catch (SpoolException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void aClockThatWasSetBackWhileTheServerWasDownIsFoundOut() {
        OneVault vault = new OneVault();
        FakeSpool spool = new FakeSpool();
        House before = new House(spool, vault, retrying("2s"));
        before.ahead.addAndGet(AHEAD.toMillis());
        before.script = (parcel, r) -> End.DEFER;
        before.start();
        MessageId id = before.accept("a@one.example");
        await("it was deferred", () -> before.state(id, 0) == State.DEFERRED);
        before.close();
        try (House house = new House(spool, vault, retrying("2s"))) {
            house.start();
            house.awaitEmpty();
            assertEquals(1, house.deliveries());
            await("the present is remembered", () -> house.scheduler.clockIsRight());
        }
    }

    @Test
    void theIndexIsReadOnceForEachJump() throws Exception {
        HighWater water = new HighWater(new OneVault());
        assertEquals(Duration.ZERO, water.look(NOW.plus(AHEAD)));
        assertEquals(AHEAD, water.look(NOW));
        assertEquals(Duration.ZERO, water.look(NOW.plusSeconds(1)));
        assertEquals(Duration.ZERO, water.look(NOW), "within the tolerance");
    }

    @Test
    void aJumpIsRememberedUntilTheWaitsAreMended() throws Exception {
        OneVault vault = new OneVault();
        assertEquals(Duration.ZERO, new HighWater(vault).look(NOW.plus(AHEAD)));
        HighWater died = new HighWater(vault);
        assertEquals(AHEAD, died.look(NOW));
        assertEquals(Duration.ZERO, died.look(NOW.plusSeconds(3600)));
        HighWater next = new HighWater(vault);
        assertFalse(next.look(NOW.plusSeconds(3600)).isZero());
        next.mended();
        assertTrue(new HighWater(vault).look(NOW.plusSeconds(3600)).isZero());
    }
}
