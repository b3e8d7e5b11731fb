// SPDX-License-Identifier: Apache-2.0
package org.posthouse.queue;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.posthouse.queue.spi.Holdings;
import org.posthouse.spool.spi.Change;
import org.posthouse.spool.spi.Draft;
import org.posthouse.spool.spi.MessageId;
import org.posthouse.spool.spi.Progress;
import org.posthouse.spool.spi.Spool;
import org.posthouse.spool.spi.SpoolException;
import org.posthouse.spool.spi.State;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Holdings over the spool: each change is made under the locks of its messages. */
@Component(service = Holdings.class)
public final class SpoolHoldings implements Holdings {
    private static final Logger LOG = LoggerFactory.getLogger(SpoolHoldings.class);
    private static final long RETRY_NANOS = 100_000;

    private final Depot depot;
    private final Flights flights;

    @Activate
    public SpoolHoldings(@Reference Depot depot) {
        this.depot = depot;
        this.flights = depot.flights();
    }

    /** A message while it is written. */
    private record Open(
            Holding holding, Flight flight, @Nullable Revision revision) {}

    @Override
    public <T> T under(MessageId id, Supplier<T> work) {
        Flight flight = flights.open(id);
        // Or a change of the same message inside would let it leave.
        flight.pins++;
        try {
            return work.get();
        } finally {
            flight.pins--;
            flights.close(flight);
        }
    }

    @Override
    public void keep(List<Holding> holdings) throws SpoolException {
        List<Flight> locked = lock(holdings);
        boolean known = false;
        try {
            List<Open> all = new ArrayList<>(holdings.size());
            Change change = new Change();
            for (int i = 0; i < holdings.size(); i++) {
                all.add(prepare(holdings.get(i), locked.get(i), change));
            }
            depot.spool().commit(change);
            all.forEach(SpoolHoldings::apply);
            known = true;
        } finally {
            if (!known) {
                locked.forEach(Flight::stale);
            }
            locked.reversed().forEach(flights::close);
        }
    }

    /**
     * Locks all messages. Nobody waits for a lock while he has another one from here, for others may come the other way;
     * who can not have all begins anew.
     */
    private List<Flight> lock(List<Holding> holdings) {
        while (true) {
            List<Flight> locked = new ArrayList<>(holdings.size());
            for (Holding holding : holdings) {
                Flight next = locked.isEmpty() ? flights.open(holding.id()) : flights.tryOpen(holding.id());
                if (next == null) {
                    break;
                }
                locked.add(next);
            }
            if (locked.size() == holdings.size()) {
                return locked;
            }
            locked.reversed().forEach(flights::close);
            LockSupport.parkNanos(RETRY_NANOS);
        }
    }

    private Open prepare(Holding holding, Flight flight, Change change) throws SpoolException {
        change.add(new Change.Step.Custody(holding.id(), holding.record()));
        if (flights.load(flight)) {
            Revision revision = new Revision(flight, 0);
            if (holding.record() == null) {
                drop(flight, revision);
            } else {
                learn(holding, flight, revision);
            }
            revision.addTo(change);
            if (holding.ours() && revision.index() != null) {
                // The copy stood nowhere in the index, whatever its records say.
                change.add(new Change.Step.Due(holding.id(), null, revision.index()));
            }
            return new Open(holding, flight, revision);
        }
        Copy copy = holding.copy();
        if (copy != null && holding.record() != null && !over(holding)) {
            enter(holding, copy, change);
        }
        return new Open(holding, flight, null);
    }

    private static boolean over(Holding holding) {
        return holding.recipients().stream().allMatch(p -> p.state().ended());
    }

    private static void enter(Holding holding, Copy copy, Change change) {
        if (holding.recipients().size() != copy.envelope().recipients().size()) {
            throw new IllegalArgumentException("Message " + holding.id() + " has another number of recipients");
        }
        change.add(new Change.Step.Store(copy.envelope(), holding.recipients(), copy.draft()));
        Instant due = due(holding);
        if (due != null) {
            change.add(new Change.Step.Due(holding.id(), null, due));
        }
    }

    private static @Nullable Instant due(Holding holding) {
        return holding.ours() ? Flight.earliest(holding.recipients().toArray(Progress[]::new), new Object[0]) : null;
    }

    private static void learn(Holding holding, Flight flight, Revision revision) {
        if (holding.recipients().size() != flight.size()) {
            throw new IllegalArgumentException("Message " + holding.id() + " has another number of recipients");
        }
        for (Progress p : holding.recipients()) {
            if (!p.equals(flight.progress(p.recipient()))) {
                revision.learn(p);
            }
        }
        Copy copy = holding.copy();
        if (copy != null && !copy.envelope().equals(flight.envelope())) {
            revision.rewrite(copy.envelope());
        }
        if (!holding.ours()) {
            revision.shelve();
        }
    }

    /** What is dropped ends here, and is told to nobody. Who reads it at the moment may read it to its end. */
    private static void drop(Flight flight, Revision revision) {
        for (int i = 0; i < flight.size(); i++) {
            Progress p = flight.progress(i);
            if (!p.state().ended()) {
                revision.set(p.to(State.DELETED, p.due(), "", ""));
            }
        }
    }

    private static void apply(Open open) {
        Holding holding = open.holding();
        Copy copy = holding.copy();
        Revision revision = open.revision();
        if (revision != null) {
            revision.apply();
        } else {
            open.flight().stale();
            Instant due = copy == null ? null : due(holding);
            if (due != null) {
                open.flight().indexedAt(due);
            }
        }
        Draft draft = copy == null ? null : copy.draft();
        if (draft != null) {
            // What the spool has taken stays.
            draft.close();
        }
    }

    @Override
    public void doubted(MessageId id, int recipient) {
        try {
            // Without the lock: it may be about to be delivered under it, and the event comes before that.
            Optional<Spool.Stored> stored = depot.spool().load(id);
            if (stored.isEmpty()) {
                LOG.warn("Recipient {} of message {}, which is gone, may have got it twice", recipient, id);
            } else {
                flights.reportDuplicate(stored.get().envelope(), recipient);
            }
        } catch (SpoolException e) {
            LOG.warn("Recipient {} of message {}, which can not be read, may get it twice", recipient, id, e);
        }
    }

    @Override
    public void look() {
        depot.cursor().reset();
    }
}
