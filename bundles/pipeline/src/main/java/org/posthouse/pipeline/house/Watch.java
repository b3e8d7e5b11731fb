// SPDX-License-Identifier: Apache-2.0
package org.posthouse.pipeline.house;

import java.time.Instant;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.posthouse.pipeline.Counts;
import org.posthouse.pipeline.Generation;

/**
 * The look at how a new version does, compared with the one before.
 *
 * <p>The first answers of a version say nothing of its time: its classes are being loaded, and its code is interpreted
 * while that of the one before has long been compiled. Used by one thread.
 */
final class Watch {
    /** So few answers say nothing of failures. */
    static final long LEAST_ANSWERS = 20;

    /** So few answers say nothing of time: one that waits for a slow peer would outweigh the others. */
    static final long LEAST_TIMED = 100;

    /** Nobody at the other end of a connection notices less, and a busy machine adds as much by itself. */
    private static final double LEAST_SLOW_MICROS = 5000;

    private final Generation before;
    private final Instant until;
    private Counts.@Nullable Sum warm;

    /**
     * A look.
     *
     * @param before the generation that it replaced, or stands beside
     * @param until when it is kept for good
     */
    Watch(Generation before, Instant until) {
        this.before = before;
        this.until = until;
    }

    /** Begins now; null when the operator wants no watch. */
    static @Nullable Watch begin(Generation before, HookRules.Watching limits) {
        return limits.millis() == 0 ? null : new Watch(before, Instant.now().plusMillis(limits.millis()));
    }

    /** When it ends. */
    Instant until() {
        return until;
    }

    /** What is wrong with the watched generation, with the measure; empty when nothing is, or nothing can be said yet. */
    Optional<String> finding(Generation watched, HookRules.Watching limits) {
        Counts.Sum now = watched.sum();
        long answers = now.answers();
        if (answers >= LEAST_ANSWERS && now.failures() * 100 > limits.failures() * answers) {
            long percent = now.failures() * 100 / answers;
            return Optional.of("failures " + Math.min(percent, 100) + " % of " + answers + " answers, limit "
                    + limits.failures() + " %");
        }
        if (now.calls() < LEAST_TIMED) {
            return Optional.empty();
        }
        if (warm == null) {
            warm = now;
        }
        return slowness(now.minus(warm), before.sum(), limits.slowdown());
    }

    private static Optional<String> slowness(Counts.Sum now, Counts.Sum then, int slowdown) {
        boolean comparable = now.calls() >= LEAST_TIMED && then.calls() >= LEAST_TIMED;
        double limit = Math.max(then.meanMicros() * slowdown, LEAST_SLOW_MICROS);
        if (slowdown > 0 && comparable && now.meanMicros() > limit) {
            return Optional.of(String.format(
                    Locale.ROOT,
                    "mean answer %.2f ms over %d answers, before it %.2f ms, limit %d times as long",
                    now.meanMicros() / 1000,
                    now.calls(),
                    then.meanMicros() / 1000,
                    slowdown));
        }
        return Optional.empty();
    }
}
