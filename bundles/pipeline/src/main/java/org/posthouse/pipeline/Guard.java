// SPDX-License-Identifier: Apache-2.0
package org.posthouse.pipeline;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** What contains one hook at one stage in one generation: its bulkhead, its breaker and its overdue threads. */
public final class Guard {
    private final AtomicInteger running = new AtomicInteger();
    private final AtomicInteger abandoned = new AtomicInteger();
    private volatile @Nullable Breaker breaker;

    /** The breaker keeps what it knows unless its terms change. */
    synchronized void rule(Terms.Breaking terms, BiConsumer<Breaker.State, Breaker.State> turned) {
        Breaker now = breaker;
        if (terms.failures() == 0) {
            breaker = null;
        } else if (now == null || !now.terms().equals(terms)) {
            breaker = new Breaker(terms, turned);
        }
    }

    /** Lets a call in unless so many run or the breaker is open; who is let in leaves, and succeeds or fails. */
    @Nullable
    Failure enter(int most) {
        if (most == 0) {
            running.incrementAndGet();
        } else if (running.getAndUpdate(now -> now < most ? now + 1 : now) >= most) {
            return Failure.FULL;
        }
        Breaker now = breaker;
        if (now != null && !now.permits()) {
            leave();
            return Failure.BREAKER;
        }
        return null;
    }

    /** The hook's code was left, in time or not. */
    void leave() {
        running.decrementAndGet();
    }

    void succeeded(long nanos) {
        Breaker now = breaker;
        if (now != null) {
            now.succeeded(nanos);
        }
    }

    void failed(long nanos) {
        Breaker now = breaker;
        if (now != null) {
            now.failed(nanos);
        }
    }

    void abandoned(int change) {
        abandoned.addAndGet(change);
    }

    /** Overdue threads that still run. */
    int abandoned() {
        return abandoned.get();
    }

    /** How many threads run the hook now, overdue ones among them. */
    int running() {
        return running.get();
    }

    /** The state of the breaker, or null where there is none. */
    Breaker.@Nullable State breaker() {
        Breaker now = breaker;
        return now == null ? null : now.state();
    }
}
