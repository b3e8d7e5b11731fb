// SPDX-License-Identifier: Apache-2.0
package org.posthouse.pipeline;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

/** The counts of one hook at one stage over all its generations; meters read them, so that counting costs an addition. */
public final class Tally {
    private final LongAdder calls = new LongAdder();
    private final LongAdder nanos = new LongAdder();
    private final LongAdder failures = new LongAdder();
    private final LongAdder full = new LongAdder();
    private final LongAdder broken = new LongAdder();
    private final AtomicInteger abandoned = new AtomicInteger();
    private final Burden burden;
    private final AtomicLong loggedAt = new AtomicLong(Long.MIN_VALUE);
    private final LongAdder unlogged = new LongAdder();

    /** Counts of a hook of a plugin with this burden. */
    public Tally(Burden burden) {
        this.burden = burden;
    }

    void called(long duration) {
        calls.increment();
        nanos.add(duration);
    }

    void failed(Failure kind) {
        switch (kind) {
            case FULL -> full.increment();
            case BREAKER -> broken.increment();
            default -> failures.increment();
        }
    }

    void abandoned(int change) {
        abandoned.addAndGet(change);
        burden.add(change);
    }

    /** The overdue threads of the whole plugin. */
    public Burden burden() {
        return burden;
    }

    /** Whether a log line may be written now: one per second; the others are counted. */
    boolean mayLog(long nowMillis) {
        long last = loggedAt.get();
        if (last != Long.MIN_VALUE && nowMillis - last < 1000 || !loggedAt.compareAndSet(last, nowMillis)) {
            unlogged.increment();
            return false;
        }
        return true;
    }

    /** How many failures were not logged since the last line. */
    long takeUnlogged() {
        return unlogged.sumThenReset();
    }

    /** How often the hook was asked. */
    public long calls() {
        return calls.sum();
    }

    /** How long it took in sum. */
    public long nanos() {
        return nanos.sum();
    }

    /** How often it failed. */
    public long failures() {
        return failures.sum();
    }

    /** How often it was not asked because it was asked as often as it may be. */
    public long full() {
        return full.sum();
    }

    /** How often it was not asked because its breaker was open. */
    public long broken() {
        return broken.sum();
    }

    /** Overdue threads that still run. */
    public int abandoned() {
        return abandoned.get();
    }
}
