// SPDX-License-Identifier: Apache-2.0
package org.posthouse.outside.daemon;

import java.time.Duration;
import java.util.function.LongSupplier;
import org.slf4j.Logger;

/** What is known of a daemon that fails: it is left alone for a moment, and the log hears of it once a minute. */
public final class Outage {
    private final Logger log;
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
     * @param log of the plugin that asks it
     * @param name of the daemon, for the log
     * @param pause how long it is left alone after it could not be reached
     * @param clock nanoseconds
     */
    public Outage(Logger log, String name, Duration pause, LongSupplier clock) {
        this.log = log;
        this.name = name;
        this.pauseNanos = pause.toNanos();
        this.clock = clock;
        this.seldom = new Seldom(clock);
    }

    /** Whether it could not be reached a moment ago. */
    public synchronized boolean resting() {
        resting &= clock.getAsLong() - failed < pauseNanos;
        return resting;
    }

    /** Why it could not be reached when that was tried last. */
    public synchronized String reason() {
        return reason;
    }

    /** It could not be reached: nobody else need wait for that now. */
    public synchronized void unreachable(String why) {
        resting = true;
        reason = why;
        failed = clock.getAsLong();
    }

    /** It gave no answer. */
    public synchronized void failed(String why) {
        int times = seldom.times();
        if (times > 0) {
            log.warn("{} gives no answer ({} times since this was said last): {}", name, times, why);
            said = true;
        }
    }

    /** It answered. */
    public synchronized void over() {
        resting = false;
        if (said) {
            said = false;
            log.info("{} answers again", name);
        }
    }
}
