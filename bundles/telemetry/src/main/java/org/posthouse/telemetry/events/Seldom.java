// SPDX-License-Identifier: Apache-2.0
package org.posthouse.telemetry.events;

import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/** Does something at most once a minute. For one thread. */
final class Seldom {
    private static final long MINUTE = TimeUnit.MINUTES.toNanos(1);

    private final LongSupplier clock;
    private long last;
    private boolean ran;

    Seldom() {
        this(System::nanoTime);
    }

    Seldom(LongSupplier clock) {
        this.clock = clock;
    }

    void run(Runnable action) {
        long now = clock.getAsLong();
        if (!ran || now - last >= MINUTE) {
            ran = true;
            last = now;
            action.run();
        }
    }
}
