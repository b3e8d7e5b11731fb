// SPDX-License-Identifier: Apache-2.0
package org.posthouse.testkit.service;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import org.posthouse.api.service.Limiter;

/** Limits in memory by the clock of the test: GCRA, where each key has a time at which all that was taken is earned back. */
public final class FakeLimiter implements Limiter {
    private final Clock clock;
    private final Mishap mishap = new Mishap("Limiter");
    private final Map<String, Instant> earned = new HashMap<>();

    public FakeLimiter(Clock clock) {
        this.clock = clock;
    }

    /** Every use throws from now on, or no longer. */
    public FakeLimiter failing(boolean now) {
        mishap.failing(now);
        return this;
    }

    /** Forgets what was taken. */
    public synchronized void clear() {
        earned.clear();
    }

    /** How often it was used. */
    public int uses() {
        return mishap.uses();
    }

    @Override
    public synchronized Grant take(String key, Rate rate, long amount) {
        mishap.use();
        Instant now = clock.instant();
        Duration each = rate.per().dividedBy(rate.events());
        Instant from = earned.getOrDefault(key, now);
        Instant next = (from.isBefore(now) ? now : from).plus(each.multipliedBy(amount));
        Instant most = now.plus(each.multipliedBy(rate.burst()));
        if (next.isAfter(most)) {
            return new Grant(false, Duration.between(most, next));
        }
        earned.put(key, next);
        return new Grant(true, Duration.ZERO);
    }
}
