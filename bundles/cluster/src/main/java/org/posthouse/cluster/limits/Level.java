// SPDX-License-Identifier: Apache-2.0
package org.posthouse.cluster.limits;

import java.math.BigInteger;
import org.posthouse.api.service.Limiter;

/**
 * How empty a part of a limit is: its debt, the nanoseconds until it is full again. A limit is divided into as many units
 * as its burst; each unit holds one event, and fills in the same span. So a part of u units with the debt d of a span s has
 * u·(1 − d/s) events left, and every part of a limit fills in the same time, whatever its size. All is rounded so that
 * never more is left than is true.
 */
final class Level {
    /** 73 years: what a sum with the time of day can not overflow. */
    private static final long LONGEST = 1L << 61;

    private Level() {}

    /** Nanoseconds until an empty limit is full. */
    static long span(Limiter.Rate rate) {
        if (rate.events() < 1
                || rate.burst() < 1
                || rate.per().isNegative()
                || rate.per().isZero()) {
            throw new IllegalArgumentException("Events, span and burst must be positive: " + rate);
        }
        long nanos = rate.per().getSeconds() >= LONGEST / 1_000_000_000
                ? LONGEST
                : rate.per().toNanos();
        long each = Math.ceilDiv(nanos, rate.events());
        return Math.multiplyHigh(each, rate.burst()) != 0 || each * rate.burst() < 0
                ? LONGEST
                : Math.min(LONGEST, each * rate.burst());
    }

    /** What taking so much adds to the debt of a part of so many units. */
    static long cost(long span, long units, long amount) {
        return scaled(span, amount, units);
    }

    /** The debt of a part that gains units with another debt. */
    static long mixed(long units, long debt, long gained, long theirs) {
        if (gained == 0 || units + gained == 0) {
            return debt;
        }
        return theirs >= debt
                ? debt + scaled(theirs - debt, gained, units + gained)
                : theirs + scaled(debt - theirs, units, units + gained);
    }

    /** Value times factor by divisor, rounded up; nothing is negative. */
    static long scaled(long value, long factor, long divisor) {
        long product = value * factor;
        if (Math.multiplyHigh(value, factor) == 0 && product >= 0) {
            return Math.ceilDiv(product, divisor);
        }
        BigInteger[] parts = BigInteger.valueOf(value)
                .multiply(BigInteger.valueOf(factor))
                .divideAndRemainder(BigInteger.valueOf(divisor));
        BigInteger up = parts[1].signum() > 0 ? parts[0].add(BigInteger.ONE) : parts[0];
        return up.bitLength() > 61 ? LONGEST : up.longValue();
    }
}
