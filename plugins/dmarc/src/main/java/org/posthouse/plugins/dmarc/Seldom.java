// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.dmarc;

import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/** Lets something be said once in a while, however often there is reason to. */
final class Seldom {
    private final Clock clock;
    private final long pauseMillis;
    private final AtomicLong next = new AtomicLong(Long.MIN_VALUE);

    Seldom(Clock clock, Duration pause) {
        this.clock = clock;
        this.pauseMillis = pause.toMillis();
    }

    /** Whether it is time again; of many who ask at once one is told so. */
    boolean now() {
        long millis = clock.millis();
        long due = next.get();
        return millis >= due && next.compareAndSet(due, millis + pauseMillis);
    }
}
