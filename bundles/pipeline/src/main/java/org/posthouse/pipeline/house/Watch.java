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
 * @param before the generation that it replaced, or stands beside
 * @param until when it is kept for good
 */
record Watch(Generation before, Instant until) {
    /** So few answers say nothing of failures. */
    static final long LEAST_ANSWERS = 20;

    /** So few answers say nothing of time: one that waits for a slow peer would outweigh the others. */
    static final long LEAST_TIMED = 100;

    private static final double LEAST_SLOW_MICROS = 1000;

    /** Begins now; null when the operator wants no watch. */
    static @Nullable Watch begin(Generation before, HookRules.Watching limits) {
        return limits.millis() == 0 ? null : new Watch(before, Instant.now().plusMillis(limits.millis()));
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
        Counts.Sum then = before.sum();
        boolean comparable = now.calls() >= LEAST_TIMED && then.calls() >= LEAST_TIMED;
        double limit = Math.max(then.meanMicros() * limits.slowdown(), LEAST_SLOW_MICROS);
        if (limits.slowdown() > 0 && comparable && now.meanMicros() > limit) {
            return Optional.of(String.format(
                    Locale.ROOT,
                    "mean answer %.2f ms over %d answers, before it %.2f ms, limit %d times as long",
                    now.meanMicros() / 1000,
                    now.calls(),
                    then.meanMicros() / 1000,
                    limits.slowdown()));
        }
        return Optional.empty();
    }
}
