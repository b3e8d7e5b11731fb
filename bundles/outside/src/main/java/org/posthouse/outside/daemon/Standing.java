// SPDX-License-Identifier: Apache-2.0
package org.posthouse.outside.daemon;

import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.slf4j.Logger;

/** How a server stands: whether it is left alone for now, and what the log hears of that. */
public final class Standing {
    private static final long QUIET_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final Logger log;
    private final String name;
    private final LongSupplier clock;
    private final Rest rest;
    private long quietUntil;

    /**
     * A server that is asked.
     *
     * @param log of the plugin that asks it
     * @param name of the server, for the log
     * @param restNanos how long it is left alone
     * @param clock the time, as {@link System#nanoTime()} tells it
     */
    public Standing(Logger log, String name, long restNanos, LongSupplier clock) {
        this.log = log;
        this.name = name;
        this.clock = clock;
        this.rest = new Rest(restNanos, clock);
        this.quietUntil = clock.getAsLong();
    }

    /** Whether it may be asked now. */
    public Rest rest() {
        return rest;
    }

    /** It answered. */
    public void answered() {
        if (rest.answered() == Rest.Turn.ENDS) {
            log.info("{} answers again", name);
        }
    }

    /** It gave no answer. */
    public void failed(Exception why) {
        Rest.Turn turn = rest.failed();
        if (turn == Rest.Turn.BEGINS) {
            log.warn("{} gave no answer several times and is left alone for a while: {}", name, why.toString());
        } else if (mayTell()) {
            log.warn("{} gives no answer: {}", name, why.toString());
        }
    }

    private synchronized boolean mayTell() {
        if (quietUntil - clock.getAsLong() > 0) {
            return false;
        }
        quietUntil = clock.getAsLong() + QUIET_NANOS;
        return true;
    }
}
