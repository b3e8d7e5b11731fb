// SPDX-License-Identifier: Apache-2.0
package org.posthouse.testkit.service;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.posthouse.api.service.SharedState;

/** Shared state in memory, whose entries expire by the clock of the test. */
public final class FakeState implements SharedState {
    private final Clock clock;
    private final Mishap mishap = new Mishap("SharedState");
    private final Map<String, FakeTable<?>> tables = new ConcurrentHashMap<>();
    private final Map<String, FakeCounters> counters = new ConcurrentHashMap<>();

    public FakeState(Clock clock) {
        this.clock = clock;
    }

    /** Every use throws from now on, or no longer. */
    public FakeState failing(boolean now) {
        mishap.failing(now);
        return this;
    }

    /** Forgets all entries. */
    public void clear() {
        tables.values().forEach(table -> table.entries.clear());
        counters.values().forEach(counter -> counter.sums.clear());
    }

    /** How often it was used. */
    public int uses() {
        return mishap.uses();
    }

    @Override
    public <V> Table<V> table(String name, Class<V> type) {
        FakeTable<?> table = tables.computeIfAbsent(name, n -> new FakeTable<>(type));
        if (table.type != type) {
            throw new IllegalArgumentException("table " + name + " holds " + table.type.getName());
        }
        @SuppressWarnings("unchecked")
        Table<V> typed = (Table<V>) table;
        return typed;
    }

    @Override
    public Counters counters(String name) {
        return counters.computeIfAbsent(name, n -> new FakeCounters());
    }

    /** A value and when it ends. */
    private record Entry<V>(V value, Instant end) {}

    private <V> @Nullable V live(@Nullable Entry<V> entry) {
        return entry == null || !clock.instant().isBefore(entry.end()) ? null : entry.value();
    }

    private final class FakeTable<V> implements Table<V> {
        private final Class<V> type;
        private final Map<String, Entry<V>> entries = new ConcurrentHashMap<>();

        FakeTable(Class<V> type) {
            this.type = type;
        }

        @Override
        public Optional<V> get(String key) {
            mishap.use();
            return Optional.ofNullable(live(entries.get(key)));
        }

        @Override
        public void put(String key, V value, Duration life) {
            mishap.use();
            entries.put(key, new Entry<>(type.cast(value), clock.instant().plus(life)));
        }

        @Override
        public Optional<V> update(String key, Duration life, UnaryOperator<V> change) {
            mishap.use();
            Entry<V> after = entries.compute(key, (k, before) -> changed(before, life, change));
            return Optional.ofNullable(live(after));
        }

        /** The contract of {@link Table#update} has null for no value, on both sides. */
        @SuppressWarnings("NullAway")
        private @Nullable Entry<V> changed(@Nullable Entry<V> before, Duration life, UnaryOperator<V> change) {
            V next = change.apply(live(before));
            return next == null ? null : new Entry<>(next, clock.instant().plus(life));
        }

        @Override
        public void remove(String key) {
            mishap.use();
            entries.remove(key);
        }
    }

    private final class FakeCounters implements Counters {
        private final Map<String, Entry<Long>> sums = new ConcurrentHashMap<>();

        @Override
        public long add(String key, long amount, Duration life) {
            mishap.use();
            Entry<Long> after = sums.compute(key, (k, before) -> {
                Long sum = live(before);
                return sum == null || before == null
                        ? new Entry<>(amount, clock.instant().plus(life))
                        : new Entry<>(sum + amount, before.end());
            });
            return after.value();
        }

        @Override
        public long get(String key) {
            mishap.use();
            Long sum = live(sums.get(key));
            return sum == null ? 0 : sum;
        }
    }
}
