// SPDX-License-Identifier: Apache-2.0
package org.posthouse.state;

import org.posthouse.api.service.Limiter;

/**
 * The generic cell rate algorithm: of a limit nothing is kept but the time at which it would be full again (the
 * theoretical arrival time), in nanoseconds of 64 bits. Over any span of time at most the rate times the span plus the
 * burst is granted, for every span is rounded up.
 */
final class Gcra {
    /** 73 years: what a sum with the time of day can not overflow. */
    private static final long LONGEST = 1L << 61;

    private Gcra() {}

    /**
     * What became of a request.
     *
     * @param granted whether it was granted
     * @param full when the limit is full again, to be kept when it was granted
     * @param pause nanoseconds until it could be granted
     */
    record Outcome(boolean granted, long full, long pause) {}

    /**
     * Asks.
     *
     * @param full when the limit is full again; of a limit that was never asked any time in the past
     * @param now the time by the same clock
     */
    static Outcome take(long full, long now, Limiter.Rate rate, long amount) {
        check(rate, amount);
        long each = each(rate);
        long whole = times(each, rate.burst());
        // A limit can not be emptier than empty: what is further ahead was left by a clock that was set back since, or
        // by another rate.
        long from = Math.clamp(full, now, now + whole);
        if (amount > rate.burst()) {
            return new Outcome(false, from, nanos(rate));
        }
        long next = from + times(each, amount);
        long over = next - now - whole;
        return over <= 0 ? new Outcome(true, next, 0) : new Outcome(false, from, over);
    }

    private static void check(Limiter.Rate rate, long amount) {
        if (rate.events() < 1
                || rate.burst() < 1
                || rate.per().isNegative()
                || rate.per().isZero()
                || amount < 1) {
            throw new IllegalArgumentException(
                    "Events, span, burst and amount must be positive: " + amount + " of " + rate);
        }
    }

    private static long nanos(Limiter.Rate rate) {
        return rate.per().getSeconds() >= LONGEST / 1_000_000_000
                ? LONGEST
                : rate.per().toNanos();
    }

    /** Nanoseconds that one event costs. */
    private static long each(Limiter.Rate rate) {
        return Math.ceilDiv(nanos(rate), rate.events());
    }

    private static long times(long each, long amount) {
        long high = Math.multiplyHigh(each, amount);
        long low = each * amount;
        return high != 0 || low < 0 || low > LONGEST ? LONGEST : low;
    }
}
