// SPDX-License-Identifier: Apache-2.0
package org.posthouse.state;

import java.time.Instant;
import java.util.function.LongSupplier;

/**
 * The time, in two ways: as the clock of the system says, and running evenly from what it said at the start, so that
 * setting the clock neither opens nor closes a limit.
 */
final class Clock {
    private final LongSupplier wall;
    private final LongSupplier ticks;
    private final long origin;
    private final long began;

    /** The clock of the system. */
    Clock() {
        this(System::currentTimeMillis, System::nanoTime);
    }

    /**
     * A clock.
     *
     * @param wall milliseconds since 1970
     * @param ticks nanoseconds that run evenly
     */
    Clock(LongSupplier wall, LongSupplier ticks) {
        this.wall = wall;
        this.ticks = ticks;
        this.origin = wall.getAsLong() * 1_000_000;
        this.began = ticks.getAsLong();
    }

    /** Milliseconds since 1970 by the clock of the system: for what expires. */
    long millis() {
        return wall.getAsLong();
    }

    /** Nanoseconds since about 1970 that run evenly: for limits. */
    long even() {
        return origin + (ticks.getAsLong() - began);
    }

    static Instant instant(long millis) {
        return Instant.ofEpochMilli(millis);
    }
}
