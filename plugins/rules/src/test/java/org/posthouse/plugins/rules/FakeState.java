// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.rules;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.UnaryOperator;
import org.posthouse.api.service.SharedState;

/** Shared state in memory, which can be told to fail. */
final class FakeState implements SharedState {
    final AtomicLong reads = new AtomicLong();
    volatile boolean broken;
    private final Clock clock;
    private final Map<String, Map<String, Kept>> tables = new ConcurrentHashMap<>();

    private record Kept(Object value, Instant until) {}

    FakeState(Clock clock) {
        this.clock = clock;
    }

    private void work() {
        if (broken) {
            throw new IllegalStateException("the spool is sick");
        }
    }

    private Optional<Object> live(Map<String, Kept> map, String key) {
        return Optional.ofNullable(map.get(key))
                .filter(kept -> kept.until().isAfter(clock.instant()))
                .map(Kept::value);
    }

    @Override
    public <V> Table<V> table(String name, Class<V> type) {
        Map<String, Kept> map = tables.computeIfAbsent(name, n -> new ConcurrentHashMap<>());
        return new Table<>() {
            @Override
            public Optional<V> get(String key) {
                work();
                reads.incrementAndGet();
                return live(map, key).map(type::cast);
            }

            @Override
            public void put(String key, V value, Duration life) {
                work();
                map.put(key, new Kept(value, clock.instant().plus(life)));
            }

            @Override
            public synchronized Optional<V> update(String key, Duration life, UnaryOperator<V> change) {
                work();
                V changed = change.apply(get(key).orElse(null));
                if (changed == null) {
                    map.remove(key);
                } else {
                    put(key, changed, life);
                }
                return Optional.ofNullable(changed);
            }

            @Override
            public void remove(String key) {
                work();
                map.remove(key);
            }
        };
    }

    @Override
    public Counters counters(String name) {
        Table<Long> table = table(name, Long.class);
        return new Counters() {
            @Override
            public long add(String key, long amount, Duration life) {
                return table.update(key, life, old -> old == null ? amount : old + amount)
                        .orElse(0L);
            }

            @Override
            public long get(String key) {
                return table.get(key).orElse(0L);
            }
        };
    }
}
