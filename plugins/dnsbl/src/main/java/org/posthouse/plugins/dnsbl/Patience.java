// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.dnsbl;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether a list is worth asking. After some failures in a row it rests, and is asked by one client at a time then, once per
 * rest, until it answers again. So a dead list costs its timeout seldom.
 */
final class Patience {
    /** So many failures in a row are no accident. */
    static final int MOST = 5;

    private static final Logger LOG = LoggerFactory.getLogger(Patience.class);
    private static final long LOG_NANOS = Duration.ofMinutes(30).toNanos();

    private final String zone;
    private final long rest;
    private final LongSupplier nanos;
    private final AtomicInteger failures = new AtomicInteger();
    private final AtomicLong until;
    private final AtomicLong said;
    private volatile String trouble = "";

    /**
     * Of a list.
     *
     * @param rest how long it rests
     * @param nanos a clock such as {@link System#nanoTime()}
     */
    Patience(String zone, Duration rest, LongSupplier nanos) {
        this.zone = zone;
        this.rest = rest.toNanos();
        this.nanos = nanos;
        this.until = new AtomicLong(nanos.getAsLong());
        this.said = new AtomicLong(nanos.getAsLong() - LOG_NANOS);
    }

    /** Whether to ask it now. */
    boolean asks() {
        if (failures.get() < MOST) {
            return true;
        }
        long now = nanos.getAsLong();
        long end = until.get();
        // Who comes first after a rest tries, and the others see it resting again.
        return now - end >= 0 && until.compareAndSet(end, now + rest);
    }

    /** It answered. */
    void answered() {
        if (failures.getAndSet(0) >= MOST) {
            trouble = "";
            LOG.info("DNS list {} answers again", zone);
        }
    }

    /** It did not, or with what is no answer. */
    void failed(String why) {
        if (failures.incrementAndGet() < MOST) {
            return;
        }
        long now = nanos.getAsLong();
        trouble = why;
        until.set(now + rest);
        long before = said.get();
        if (now - before >= LOG_NANOS && said.compareAndSet(before, now)) {
            LOG.warn(
                    "DNS list {} is left out until it answers, and tried again every {}: {}",
                    zone,
                    Duration.ofNanos(rest),
                    why);
        }
    }

    /** Why it rests; empty when it does not. */
    String trouble() {
        return failures.get() < MOST ? "" : zone + ": " + trouble;
    }
}
