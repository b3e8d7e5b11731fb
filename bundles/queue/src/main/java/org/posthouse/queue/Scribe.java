// SPDX-License-Identifier: Apache-2.0
package org.posthouse.queue;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.posthouse.queue.spi.Custodian;
import org.posthouse.spool.spi.Change;
import org.posthouse.spool.spi.Draft;
import org.posthouse.spool.spi.MessageId;
import org.posthouse.spool.spi.Spool;
import org.posthouse.spool.spi.SpoolException;
import org.posthouse.spool.spi.State;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes changes of messages, each with what the custodian has to say of it, and tells him how that ended. Nobody else talks
 * to him: a custodian that fails has refused, whatever he was asked, so that nothing moves that he has not agreed to.
 */
final class Scribe {
    private static final Logger LOG = LoggerFactory.getLogger(Scribe.class);
    /** Longer than a node takes to be fenced, shorter than a client or a next hop takes for a broken connection. */
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private static final String FAILED = "The cluster failed on this node";
    private static final long QUIET_NANOS = Duration.ofSeconds(1).toNanos();
    /** When a failure may be told again. */
    private static final AtomicLong SILENT_UNTIL = new AtomicLong(System.nanoTime());

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

    /** Why no message can be taken now; empty when one can. */
    String closed() {
        try {
            return custodian.closed();
        } catch (RuntimeException e) {
            complain(e);
            return FAILED;
        }
    }

    /** Whether this node may deliver and change the message now. */
    boolean owns(MessageId id) {
        try {
            return custodian.owns(id);
        } catch (RuntimeException e) {
            complain(e);
            return false;
        }
    }

    /** Why it may not. */
    String why(MessageId id) {
        try {
            String why = custodian.why(id);
            return why.isEmpty() ? "The message is taken over at this moment" : why;
        } catch (RuntimeException e) {
            complain(e);
            return FAILED;
        }
    }

    /** Whether the message is this node's to show; one of which nothing is known is. */
    boolean shows(MessageId id) {
        try {
            return custodian.shows(id);
        } catch (RuntimeException e) {
            complain(e);
            return true;
        }
    }

    /** What of all that is on this disk is this node's to show. */
    Spool.Counts shown(Spool.Counts all) {
        try {
            return custodian.shown(all);
        } catch (RuntimeException e) {
            complain(e);
            return all;
        }
    }

    /** Whether another node may have a copy. */
    boolean shared(MessageId id) {
        try {
            return custodian.shared(id);
        } catch (RuntimeException e) {
            complain(e);
            return true;
        }
    }

    /** Whether it has been told already that this recipient may have the message. */
    boolean isDoubted(MessageId id, int recipient) {
        try {
            return custodian.isDoubted(id, recipient);
        } catch (RuntimeException e) {
            complain(e);
            return false;
        }
    }

    /** What becomes of a recipient that may have the message already. */
    State doubted() throws SpoolException {
        try {
            return custodian.doubted();
        } catch (RuntimeException e) {
            throw refused(e);
        }
    }

    /** Whether this node may still say that a recipient is in this state now. */
    boolean maySay(MessageId id, State state) throws SpoolException {
        try {
            return custodian.maySay(id, state);
        } catch (RuntimeException e) {
            throw refused(e);
        }
    }

    /** Others are to own what this node owns, or no more so. */
    void leaving(boolean now) {
        tell(() -> custodian.leave(now));
    }

    /** What keeps others from doing without this node; empty when nothing does. */
    List<String> unfinished() {
        try {
            return custodian.unfinished();
        } catch (RuntimeException e) {
            complain(e);
            return List.of(FAILED);
        }
    }

    /** Nothing is said of recipients that are in nobody's hands any more. */
    void land(MessageId id, List<Integer> recipients) {
        if (!recipients.isEmpty()) {
            tell(() -> custodian.land(id, recipients));
        }
    }

    /** Right before the final dot: whether it may be sent. */
    boolean mayGo(MessageId id, List<Integer> recipients) {
        try {
            return custodian.mayGo(id, recipients);
        } catch (RuntimeException e) {
            complain(e);
            return false;
        }
    }

    /** Shows messages that a client hands over, and adds their records to the change. */
    Custodian.Pledge admit(List<Spool.Stored> entering, @Nullable Draft octets, Change change) throws SpoolException {
        try {
            return custodian.admit(entering, octets, change);
        } catch (RuntimeException e) {
            throw refused(e);
        }
    }

    /** What is to change about a locked message. */
    Revision revise(Flight flight) throws SpoolException {
        try {
            return new Revision(flight, custodian.epoch(flight.id));
        } catch (RuntimeException e) {
            throw refused(e);
        }
    }

    private static SpoolException refused(RuntimeException e) {
        return new SpoolException(SpoolException.Kind.SICK, FAILED, e);
    }

    /** A cluster that fails may do so for each message of thousands. */
    private static void complain(RuntimeException e) {
        long now = System.nanoTime();
        long until = SILENT_UNTIL.get();
        if (now - until >= 0 && SILENT_UNTIL.compareAndSet(until, now + QUIET_NANOS)) {
            LOG.error(FAILED, e);
        }
    }

    /**
     * Commits a change that holds a revision, and messages that enter with it. The revision is not taken over in memory
     * yet.
     */
    Custodian.Pledge write(Custodian.Deed deed, Revision revision, Change change, List<Entry> entering)
            throws SpoolException {
        Custodian.Pledge pledge = show(revision.turn(deed, entering), change);
        commit(change, pledge);
        return pledge;
    }

    private Custodian.Pledge show(Custodian.Turn turn, Change change) throws SpoolException {
        try {
            return custodian.alter(turn, change);
        } catch (RuntimeException e) {
            throw refused(e);
        }
    }

    /** Commits a revision that a loss of power may take back, unless others are told of it. */
    Custodian.Pledge writeUnsynced(Custodian.Deed deed, Revision revision) throws SpoolException {
        Change change = revision.addTo(new Change());
        if (!shared(revision.id())) {
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
            complain(e);
        }
    }

    /** Waits, with no lock held, for what the others say to a change that is on disk; silence is no consent. */
    static Custodian.Word hear(Custodian.Pledge pledge) {
        try {
            return pledge.word().get(PATIENCE.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            LOG.warn("The cluster did not answer in {} s", PATIENCE.toSeconds());
        } catch (ExecutionException e) {
            LOG.error(FAILED, e);
        } catch (RuntimeException e) {
            complain(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return new Custodian.Word(Custodian.Word.Kind.CLOSED, 1);
    }
}
