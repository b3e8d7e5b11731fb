// SPDX-License-Identifier: Apache-2.0
package org.posthouse.queue;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.posthouse.queue.spi.Custodian;
import org.posthouse.spool.spi.Change;
import org.posthouse.spool.spi.Spool;
import org.posthouse.spool.spi.SpoolException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Writes changes of messages, each with what the custodian has to say of it, and tells him how that ended. */
final class Scribe {
    private static final Logger LOG = LoggerFactory.getLogger(Scribe.class);
    /** Longer than a node takes to be fenced, shorter than a client or a next hop takes for a broken connection. */
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final Spool spool;
    private volatile Custodian custodian = Custodian.ALONE;

    Scribe(Spool spool) {
        this.spool = spool;
    }

    /** There is a cluster. */
    void serve(Custodian next) {
        custodian = next;
    }

    /** This custodian went away; unless there is another one by now, nobody knows what others have. */
    void leave(Custodian former) {
        if (custodian == former) {
            custodian = Custodian.AWAY;
        }
    }

    Custodian custodian() {
        return custodian;
    }

    /** What is to change about a locked message. */
    Revision revise(Flight flight) {
        return new Revision(flight, custodian.epoch(flight.id));
    }

    /**
     * Commits a change that holds a revision, and messages that enter with it. The revision is not taken over in memory
     * yet.
     */
    Custodian.Pledge write(Custodian.Deed deed, Revision revision, Change change, List<Entry> entering)
            throws SpoolException {
        Custodian.Pledge pledge = custodian.alter(revision.turn(deed, entering), change);
        commit(change, pledge);
        return pledge;
    }

    /** Commits a revision that a loss of power may take back, unless others are told of it. */
    Custodian.Pledge writeUnsynced(Custodian.Deed deed, Revision revision) throws SpoolException {
        Change change = revision.addTo(new Change());
        if (!custodian.shared(revision.id())) {
            change.unsynced();
        }
        return write(deed, revision, change, List.of());
    }

    void commit(Change change, Custodian.Pledge pledge) throws SpoolException {
        boolean kept = false;
        try {
            spool.commit(change);
            kept = true;
        } finally {
            tell(kept ? pledge::kept : pledge::broken);
        }
    }

    /** What is on disk is on disk, and what is not is not, whatever the custodian makes of it. */
    private static void tell(Runnable end) {
        try {
            end.run();
        } catch (RuntimeException e) {
            LOG.error("The cluster failed over a change of this node", e);
        }
    }

    /** Waits, with no lock held, for what the others say to a change that is on disk; silence is no consent. */
    static Custodian.Word hear(Custodian.Pledge pledge) {
        try {
            return pledge.word().get(PATIENCE.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            LOG.warn("The cluster did not answer in {} s", PATIENCE.toSeconds());
        } catch (ExecutionException | RuntimeException e) {
            LOG.error("The cluster failed", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return new Custodian.Word(Custodian.Word.Kind.CLOSED, 1);
    }
}
