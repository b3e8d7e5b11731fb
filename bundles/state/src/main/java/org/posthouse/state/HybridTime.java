// SPDX-License-Identifier: Apache-2.0
package org.posthouse.state;

import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.posthouse.state.spi.Stamp;

/** The time of stamps: that of the wall clock, and always above all that was given or seen before. */
final class HybridTime {
    private static final int BITS = 16;

    private final LongSupplier millis;
    private final AtomicLong last = new AtomicLong();

    HybridTime(LongSupplier millis) {
        this.millis = millis;
    }

    /** A time above all that were given or seen, this one included. */
    long after(long other) {
        return last.accumulateAndGet(
                Math.max(millis.getAsLong() << BITS, other + 1), (before, now) -> Math.max(before + 1, now));
    }

    void seen(Stamp stamp) {
        last.accumulateAndGet(stamp.time(), Math::max);
    }
}
