// SPDX-License-Identifier: Apache-2.0
package org.posthouse.telemetry.health;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.posthouse.api.operator.HealthCheck;
import org.posthouse.api.operator.HealthCheck.Finding;
import org.posthouse.api.operator.HealthCheck.Level;

/**
 * Asks one health check of a plugin again and again, on a virtual thread of its own, and knows what it said last.
 *
 * <p>Nobody waits for the check: that it is overdue is seen by whoever looks. So a check that hangs costs a thread and no
 * more, and is not asked a second time before it has answered.
 */
final class CheckWatch {
    /** The longest texts that are taken from a plugin. */
    private static final int LONGEST_NAME = 60;

    private static final int LONGEST_DETAIL = 300;
    private static final Finding NOT_YET = new Finding(Level.OK, "has not answered yet");

    private final String plugin;
    private final Duration pause;
    private final Duration limit;
    private final LongSupplier clock;
    private final Thread thread;
    private volatile String name = "";
    private volatile Finding last = NOT_YET;
    /** When the question that is open was asked; null while none is. */
    private volatile @Nullable Long askedAt;

    private volatile boolean stopped;

    /**
     * A watch that does not ask yet.
     *
     * @param plugin the name of the plugin: the name of the part until the check has said its own
     * @param check whom to ask; held by the asking thread alone, and let go with it
     * @param pause from an answer to the next question
     * @param limit after which an answer is overdue
     * @param clock nanoseconds
     * @param named told once when the name is known
     */
    CheckWatch(String plugin, HealthCheck check, Duration pause, Duration limit, LongSupplier clock, Runnable named) {
        this.plugin = plugin;
        this.pause = pause;
        this.limit = limit;
        this.clock = clock;
        this.thread =
                Thread.ofVirtual().name("posthouse-health-" + plugin).unstarted(() -> askUntilStopped(check, named));
    }

    void start() {
        thread.start();
    }

    /** Ends at once and does not wait for the check, which may hang. */
    void stop() {
        stopped = true;
        thread.interrupt();
    }

    /** The name of the part. */
    String part() {
        String said = name;
        return said.isEmpty() ? plugin : said;
    }

    /** What the check said last, or that it is overdue. */
    Finding finding() {
        Long asked = askedAt;
        long nanos = asked == null ? 0 : clock.getAsLong() - asked;
        return nanos > limit.toNanos()
                ? new Finding(Level.WARN, "the check has not answered for " + nanos / 1_000_000_000 + " s")
                : last;
    }

    private void askUntilStopped(HealthCheck check, Runnable named) {
        while (!stopped) {
            askedAt = clock.getAsLong();
            try {
                if (name.isEmpty()) {
                    name = cut(check.name(), LONGEST_NAME);
                    named.run();
                }
                last = kept(check.check());
            } catch (Throwable e) {
                // Also errors: a plugin whose classes are gone must not end the watch.
                last = new Finding(Level.WARN, cut("the check failed: " + e, LONGEST_DETAIL));
            }
            askedAt = null;
            if (!stopped) {
                LockSupport.parkNanos(pause.toNanos());
            }
        }
    }

    /** The same finding with a detail of a bearable length; a check that answers null has failed. */
    private static Finding kept(@Nullable Finding finding) {
        if (finding == null || finding.level() == null || finding.detail() == null) {
            return new Finding(Level.WARN, "the check answered nothing");
        }
        return new Finding(finding.level(), cut(finding.detail(), LONGEST_DETAIL));
    }

    private static String cut(String text, int most) {
        return text.length() <= most ? text : text.substring(0, most) + "…";
    }
}
