// SPDX-License-Identifier: Apache-2.0
package org.posthouse.state;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigInteger;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.posthouse.api.service.Limiter;

final class GcraTest {
    private static final long NOW = 1_800_000_000_000_000_000L;
    private static final Limiter.Rate TEN_A_SECOND = new Limiter.Rate(10, Duration.ofSeconds(1), 5);

    private record Granted(long at, long amount) {}

    /** Whatever is asked when: no window holds more than the rate times its length plus the burst. */
    @Test
    void grantsNoMoreThanRateTimesWindowPlusBurst() {
        for (int seed = 0; seed < 300; seed++) {
            Random random = new Random(seed);
            Limiter.Rate rate = new Limiter.Rate(
                    1 + random.nextInt(50),
                    Duration.ofNanos(1 + random.nextInt(1_000_000_000)),
                    1 + random.nextInt(20));
            check(rate, ask(rate, random), seed);
        }
    }

    private static List<Granted> ask(Limiter.Rate rate, Random random) {
        List<Granted> all = new ArrayList<>();
        long now = NOW;
        long full = 0;
        for (int i = 0; i < 300; i++) {
            now += (long) (rate.per().toNanos() / (double) rate.events() * random.nextDouble() * 3 * random.nextInt(2));
            long amount = 1 + random.nextInt(4);
            Gcra.Outcome outcome = Gcra.take(full, now, rate, amount);
            if (outcome.granted()) {
                full = outcome.full();
                all.add(new Granted(now, amount));
            } else if (amount <= rate.burst()) {
                assertTrue(outcome.pause() > 0);
                assertFalse(
                        Gcra.take(full, now + outcome.pause() - 1, rate, amount).granted());
                assertTrue(Gcra.take(full, now + outcome.pause(), rate, amount).granted());
            }
        }
        return all;
    }

    private static void check(Limiter.Rate rate, List<Granted> all, int seed) {
        for (int from = 0; from < all.size(); from++) {
            long sum = 0;
            for (int to = from; to < all.size(); to++) {
                sum += all.get(to).amount();
                BigInteger window =
                        BigInteger.valueOf(all.get(to).at() - all.get(from).at());
                BigInteger most = window.multiply(BigInteger.valueOf(rate.events()))
                        .divide(BigInteger.valueOf(rate.per().toNanos()))
                        .add(BigInteger.valueOf(rate.burst()));
                assertTrue(most.compareTo(BigInteger.valueOf(sum)) >= 0, "seed " + seed + " " + rate + ": " + sum);
            }
        }
    }

    @Test
    void grantsTheWholeRateToWhoAsksSteadily() {
        long full = 0;
        int granted = 0;
        for (int i = 0; i < 1_000; i++) {
            Gcra.Outcome outcome = Gcra.take(full, NOW + i * 100_000_000L, TEN_A_SECOND, 1);
            full = outcome.granted() ? outcome.full() : full;
            granted += outcome.granted() ? 1 : 0;
        }
        assertEquals(1_000, granted);
    }

    @Test
    void aClockThatWasSetBackWaitsNoLongerThanAnEmptyLimit() {
        long yearAhead = NOW + Duration.ofDays(365).toNanos();
        Gcra.Outcome outcome = Gcra.take(yearAhead, NOW, TEN_A_SECOND, 1);
        assertEquals(new Gcra.Outcome(false, NOW + 500_000_000L, 100_000_000L), outcome);
    }

    @Test
    void moreThanTheBurstIsNeverGranted() {
        assertEquals(
                Duration.ofSeconds(1).toNanos(),
                Gcra.take(0, NOW, TEN_A_SECOND, 6).pause());
        assertFalse(Gcra.take(0, NOW, TEN_A_SECOND, Long.MAX_VALUE).granted());
    }

    @Test
    void largeNumbersDoNotOverflow() {
        Limiter.Rate slow = new Limiter.Rate(1, Duration.ofDays(36_500), Long.MAX_VALUE);
        long full = Long.MIN_VALUE;
        for (int i = 0; i < 3; i++) {
            Gcra.Outcome outcome = Gcra.take(full, NOW, slow, 1);
            full = outcome.granted() ? outcome.full() : full;
            assertTrue(full == Long.MIN_VALUE || full > NOW);
        }
        Limiter.Rate fast = new Limiter.Rate(Long.MAX_VALUE, Duration.ofNanos(1), Long.MAX_VALUE);
        assertTrue(Gcra.take(0, NOW, fast, 1_000_000_000_000L).granted());
    }

    @Test
    void refusesWhatIsNoRate() {
        for (Limiter.Rate rate : List.of(
                new Limiter.Rate(0, Duration.ofSeconds(1), 1),
                new Limiter.Rate(1, Duration.ZERO, 1),
                new Limiter.Rate(1, Duration.ofSeconds(-1), 1),
                new Limiter.Rate(1, Duration.ofSeconds(1), 0))) {
            assertThrows(IllegalArgumentException.class, () -> Gcra.take(0, NOW, rate, 1));
        }
        assertThrows(IllegalArgumentException.class, () -> Gcra.take(0, NOW, TEN_A_SECOND, 0));
    }
}
