// SPDX-License-Identifier: Apache-2.0
package org.posthouse.outside.daemon;

import java.time.Duration;
import java.util.function.LongSupplier;

/** Says when something that happens often is to be written to the log: the first time, and once a minute at most. */
public final class Seldom {
    private static final Duration BETWEEN_LINES = Duration.ofMinutes(1);

    private final LongSupplier clock;
    private boolean ever;
    private long told;
    private int times;

    /** A count by this clock, in nanoseconds. */
    public Seldom(LongSupplier clock) {
        this.clock = clock;
    }

    /** It happened: how often since it was written last when it is to be written now, else 0. */
    public synchronized int times() {
        times++;
        long now = clock.getAsLong();
        if (ever && now - told < BETWEEN_LINES.toNanos()) {
            return 0;
        }
        int since = times;
        ever = true;
        told = now;
        times = 0;
        return since;
    }
}
