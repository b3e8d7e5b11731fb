// SPDX-License-Identifier: Apache-2.0
package org.posthouse.smtp;

import java.time.Duration;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;
import org.posthouse.api.service.SharedState;

/** Counters in memory, bounded: when there are too many the oldest are forgotten. */
final class MemoryCounters implements SharedState.Counters {
    private final int most;
    private final LongSupplier clock;
    private final Map<String, Count> counts = new LinkedHashMap<>();

    /** A sum and when it ends, in nanoseconds of the clock. */
    private record Count(long sum, long ends) {}

    MemoryCounters(int most, LongSupplier clock) {
        this.most = most;
        this.clock = clock;
    }

    @Override
    public synchronized long add(String key, long amount, Duration life) {
        long now = clock.getAsLong();
        Count old = counts.get(key);
        boolean lives = old != null && old.ends() - now > 0;
        if (!lives) {
            counts.remove(key);
            makeRoom(now);
        }
        Count sum = old != null && lives
                ? new Count(old.sum() + amount, old.ends())
                : new Count(amount, now + life.toNanos());
        counts.put(key, sum);
        return sum.sum();
    }

    /** In the order of their first addition, so what ended stands in front as long as all live equally long. */
    private void makeRoom(long now) {
        Iterator<Count> all = counts.values().iterator();
        while (all.hasNext()) {
            boolean ended = all.next().ends() - now <= 0;
            if (!ended && counts.size() < most) {
                return;
            }
            all.remove();
        }
    }

    @Override
    public synchronized long get(String key) {
        Count count = counts.get(key);
        return count == null || count.ends() - clock.getAsLong() <= 0 ? 0 : count.sum();
    }
}
