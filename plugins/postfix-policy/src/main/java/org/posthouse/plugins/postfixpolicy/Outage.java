// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.postfixpolicy;

import java.time.Duration;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What is known of a daemon that fails: it is left alone for a moment, and the log hears of it once a minute. */
final class Outage {
    private static final Logger LOG = LoggerFactory.getLogger(Outage.class);

    private final String name;
    private final long pauseNanos;
    private final LongSupplier clock;
    private final Seldom seldom;
    private boolean said;
    private boolean resting;
    private String reason = "";
    private long failed;

    /**
     * An outage that may come.
     *
     * @param name of the daemon, for the log
     * @param pause how long it is left alone after it could not be reached
     * @param clock nanoseconds
     */
    Outage(String name, Duration pause, LongSupplier clock) {
        this.name = name;
        this.pauseNanos = pause.toNanos();
        this.clock = clock;
        this.seldom = new Seldom(clock);
    }

    /** Whether it could not be reached a moment ago. */
    synchronized boolean resting() {
        resting &= clock.getAsLong() - failed < pauseNanos;
        return resting;
    }

    /** Why it could not be reached when that was tried last. */
    synchronized String reason() {
        return reason;
    }

    /** It could not be reached: nobody else need wait for that now. */
    synchronized void unreachable(String why) {
        resting = true;
        reason = why;
        failed = clock.getAsLong();
    }

    /** It gave no answer. */
    synchronized void failed(String why) {
        int times = seldom.times();
        if (times > 0) {
            LOG.warn("{} gives no answer ({} times since this was said last): {}", name, times, why);
            said = true;
        }
    }

    /** It answered. */
    synchronized void over() {
        resting = false;
        if (said) {
            said = false;
            LOG.info("{} answers again", name);
        }
    }
}
