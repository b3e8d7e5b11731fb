// SPDX-License-Identifier: Apache-2.0
package org.posthouse.queue;

import java.time.Duration;
import java.time.Instant;
import java.util.function.BooleanSupplier;
import org.posthouse.spool.spi.SpoolException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at the wall clock with each look of the scheduler, and has waits mended when it was set back, until all are. Used
 * by the thread of the scheduler.
 */
final class ClockWatch {
    private static final Logger LOG = LoggerFactory.getLogger(ClockWatch.class);
    /** How long a walk that could not mend everything rests before the next one, at first and at most. */
    private static final Duration FIRST_REST = Duration.ofSeconds(10);

    private static final Duration LONGEST_REST = Duration.ofMinutes(15);

    /** How it stands with the walk that mends. */
    private enum Walk {
        NONE,
        ON,
        COMPLETE,
        INCOMPLETE
    }

    private final Depot depot;
    private final Yard yard;
    private final BooleanSupplier open;
    private final HighWater highWater;
    private final Crew crew = new Crew("wait mend", 1);
    private volatile Walk walk = Walk.NONE;
    private boolean wanted;
    private Duration rest = Duration.ZERO;
    private long ended;

    ClockWatch(Depot depot, Yard yard, BooleanSupplier open) {
        this.depot = depot;
        this.yard = yard;
        this.open = open;
        this.highWater = new HighWater(depot.vault());
    }

    /** A look at the clock; what it takes to mend waits is done elsewhere. */
    void look(Instant now) {
        try {
            Duration by = highWater.look(now);
            if (walk == Walk.COMPLETE) {
                if (!wanted) {
                    highWater.mended();
                }
                walk = Walk.NONE;
            } else if (walk == Walk.INCOMPLETE) {
                wanted = true;
                rest = longer(rest);
                ended = depot.nanos();
                walk = Walk.NONE;
            }
            if (!by.isZero()) {
                LOG.warn("The wall clock was set back by {} s: what waits by it is looked through", by.toSeconds());
                yard.setBack(by);
                wanted = true;
                rest = Duration.ZERO;
            }
        } catch (SpoolException e) {
            LOG.debug("The clock is looked at again", e);
        }
        if (wanted && walk == Walk.NONE && depot.nanos() - ended >= rest.toNanos()) {
            wanted = false;
            walk = Walk.ON;
            if (!crew.submit(this::mend)) {
                walk = Walk.NONE;
            }
        }
    }

    private static Duration longer(Duration rest) {
        Duration next = rest.isZero() ? FIRST_REST : rest.multipliedBy(2);
        return next.compareTo(LONGEST_REST) > 0 ? LONGEST_REST : next;
    }

    private void mend() {
        boolean all = false;
        try {
            all = new WaitMend(depot, open).walk();
        } finally {
            walk = all ? Walk.COMPLETE : Walk.INCOMPLETE;
        }
    }

    /** No walk begins any more. */
    void close() {
        crew.close();
    }

    /** Whether nothing is being mended. */
    boolean idle() {
        return !wanted && walk == Walk.NONE;
    }
}
