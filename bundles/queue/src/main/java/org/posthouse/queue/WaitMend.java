// SPDX-License-Identifier: Apache-2.0
package org.posthouse.queue;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.posthouse.queue.spi.Custodian;
import org.posthouse.spool.spi.MessageId;
import org.posthouse.spool.spi.Progress;
import org.posthouse.spool.spi.Spool;
import org.posthouse.spool.spi.SpoolException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Shortens waits that were begun while the wall clock was ahead: each counts as begun now. One walk over what is not due
 * yet, message by message, which leaves most of the processor and of the disk to others.
 */
final class WaitMend {
    private static final Logger LOG = LoggerFactory.getLogger(WaitMend.class);
    private static final int PAGE = 256;
    /** The part of the time that a walk works. */
    private static final int SHARE = 5;

    private final Depot depot;
    private final BooleanSupplier open;
    private int mended;
    private int left;

    WaitMend(Depot depot, BooleanSupplier open) {
        this.depot = depot;
        this.open = open;
    }

    /**
     * Walks; blocks.
     *
     * @return whether nothing is left to be done by another walk
     */
    boolean walk() {
        Spool.DueEntry from = new Spool.DueEntry(Times.whole(depot.now()), new MessageId(0, 0));
        try {
            List<Spool.DueEntry> page;
            do {
                long began = System.nanoTime();
                page = depot.spool().due(from, PAGE);
                for (Spool.DueEntry entry : page) {
                    if (!open.getAsBoolean()) {
                        return false;
                    }
                    mend(entry.id());
                    from = entry;
                }
                LockSupport.parkNanos((SHARE - 1) * (System.nanoTime() - began));
                // The last entry of a page is the first of the next one.
            } while (page.size() == PAGE);
        } catch (SpoolException e) {
            LOG.debug("The due index can not be read", e);
            return false;
        }
        if (mended > 0 || left > 0) {
            LOG.info(
                    "The wall clock was set back: {} messages wait no longer than they should, {} are not ours to change now",
                    mended,
                    left);
        }
        return left == 0;
    }

    private void mend(MessageId id) {
        Flights flights = depot.flights();
        Flight flight = flights.open(id);
        try {
            if (!flights.load(flight) || flight.over()) {
                return;
            }
            Revision revision = depot.scribe().revise(flight);
            shorten(flight, revision);
            if (revision.changes() == 0) {
                return;
            }
            if (flight.isStale() || !depot.scribe().owns(id)) {
                left++;
                return;
            }
            depot.scribe().writeUnsynced(Custodian.Deed.REST, revision);
            revision.apply();
            mended++;
        } catch (SpoolException e) {
            LOG.debug("Message {} waits for the spool", id, e);
            flight.stale();
            left++;
        } finally {
            flights.close(flight);
        }
    }

    private void shorten(Flight flight, Revision revision) {
        Instant now = depot.now();
        Duration longest = depot.settings().retry().longest();
        for (int i = 0; i < flight.size(); i++) {
            Progress p = flight.progress(i);
            if (Flight.waiting(p.state()) && !flight.isHeld(i)) {
                Instant due = shortened(p, flight.envelope().received(), now, longest);
                if (due != null) {
                    revision.set(new Progress(
                            i,
                            p.state(),
                            p.epoch(),
                            p.sequence() + 1,
                            p.attempts(),
                            due,
                            p.reply(),
                            p.host(),
                            // Only what was never tried is marked so, as Times does it.
                            p.changed().isAfter(now) ? now : p.changed()));
                }
            }
        }
    }

    /**
     * When a recipient should be due.
     *
     * @return null when its wait is as it should be
     */
    static @Nullable Instant shortened(Progress p, Instant received, Instant now, Duration longest) {
        // The first record bears the time at which it is due, which somebody may have chosen.
        Instant begun = p.sequence() == 0 ? received : p.changed();
        if (begun.isAfter(now.plus(HighWater.TOLERANCE))) {
            Instant due = p.due().isAfter(begun) ? now.plus(Duration.between(begun, p.due())) : now;
            return Times.whole(due);
        }
        // What was tried and then given back bears the time of its last attempt. It never waits longer than this.
        Instant last = now.plus(longest);
        return p.attempts() > 0 && p.due().isAfter(last) ? Times.whole(last) : null;
    }
}
