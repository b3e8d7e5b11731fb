// SPDX-License-Identifier: Apache-2.0
package org.posthouse.queue;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.posthouse.api.Outcome;
import org.posthouse.api.Reply;
import org.posthouse.queue.spi.Custodian;
import org.posthouse.queue.spi.Ledger;
import org.posthouse.queue.spi.NoticeWriter;
import org.posthouse.queue.spi.Parcel;
import org.posthouse.spool.spi.Change;
import org.posthouse.spool.spi.MessageId;
import org.posthouse.spool.spi.Progress;
import org.posthouse.spool.spi.Spool;
import org.posthouse.spool.spi.SpoolException;
import org.posthouse.spool.spi.State;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The ledger over the spool: each intent and each outcome is one change, made under the lock of its message. */
@Component(service = Ledger.class)
public final class SpoolLedger implements Ledger {
    private static final Logger LOG = LoggerFactory.getLogger(SpoolLedger.class);
    /** What is given back rests for this long at least, so that nobody can hand it round in a circle. */
    private static final Duration LEAST_REST = Duration.ofSeconds(1);

    private final Depot depot;
    private final Flights flights;

    @Activate
    public SpoolLedger(@Reference Depot depot) {
        this.depot = depot;
        this.flights = depot.flights();
    }

    @Override
    public boolean intend(Parcel parcel, List<Integer> recipients) {
        if (!depot.working()) {
            return false;
        }
        MessageId id = parcel.message().envelope().id();
        Custodian.Pledge pledge;
        Flight flight = flights.open(id);
        try {
            if (!flights.load(flight)
                    || !depot.scribe().owns(id)
                    || !recipients.stream().allMatch(r -> mayGo(flight, parcel, r))) {
                return false;
            }
            Revision revision = depot.scribe().revise(flight);
            for (int r : recipients) {
                Progress p = flight.progress(r);
                revision.set(p.to(State.IN_TRANSIT, p.due(), p.reply(), p.host()));
            }
            pledge = depot.scribe().writeUnsynced(Custodian.Deed.INTENT, revision);
            revision.apply();
        } catch (SpoolException e) {
            // It may have been written; what is on disk is read again before the outcome is.
            flight.stale();
            LOG.warn("Intent for message {} could not be written", flight.id, e);
            return false;
        } finally {
            flights.close(flight);
        }
        // Without the lock: who is asked may have something to tell about this very message.
        return Scribe.hear(pledge).kind() == Custodian.Word.Kind.ACCEPTED
                && depot.scribe().mayGo(id, recipients);
    }

    @Override
    public boolean shared(Parcel parcel) {
        return depot.scribe().shared(parcel.message().envelope().id());
    }

    @Override
    public boolean announce(Parcel parcel, List<Integer> recipients) {
        if (!shared(parcel)) {
            return true;
        }
        List<Integer> unannounced;
        Flight flight = flights.open(parcel.message().envelope().id());
        try {
            if (!flights.load(flight) || !recipients.stream().allMatch(r -> mayGo(flight, parcel, r))) {
                // One of them has ended: by another node, which tells the sender, or by an operator.
                return false;
            }
            unannounced = recipients.stream()
                    .filter(r -> flight.progress(r).state() != State.IN_TRANSIT)
                    .toList();
        } catch (SpoolException e) {
            LOG.debug("The end of message {} waits for the spool", flight.id, e);
            return false;
        } finally {
            flights.close(flight);
        }
        return unannounced.isEmpty() || intend(parcel, unannounced);
    }

    private static boolean mayGo(Flight flight, Parcel parcel, int recipient) {
        if (recipient >= flight.size() || !flight.carries(recipient, parcel)) {
            return false;
        }
        State state = flight.progress(recipient).state();
        return Flight.ready(state) || state == State.IN_TRANSIT;
    }

    @Override
    public void settle(Parcel parcel, List<Progress> next, List<Notice> notices) throws SpoolException {
        List<Notice> all = new ArrayList<>(notices);
        warnOfDelay(parcel, next).ifPresent(all::add);
        List<Entry> entering = all.stream().map(n -> Entry.of(n.admission())).toList();
        List<Arrival> arrivals = entering.stream().map(depot::expect).toList();
        Flight flight = flights.open(parcel.message().envelope().id());
        boolean committed = false;
        try {
            committed = settle(flight, parcel, next, all, entering);
        } finally {
            flights.close(flight);
            arrivals.forEach(committed ? Arrival::board : Arrival::fail);
            // What the spool has taken stays. After a commit that only the disk knew of, it has not said so to the
            // draft.
            all.forEach(notice -> notice.draft().close());
        }
    }

    /**
     * Commits until it is known to be on disk; false when the message is gone or another node's, and its notices with it.
     */
    private boolean settle(
            Flight flight, Parcel parcel, List<Progress> next, List<Notice> notices, List<Entry> entering)
            throws SpoolException {
        Revision tried = null;
        boolean complained = false;
        boolean tells = true;
        while (true) {
            try {
                if (!flights.load(flight)) {
                    return tells && tried != null && tried.removes();
                }
                if (tried != null && tried.changes() > 0 && tried.shownBy(flight)) {
                    next.forEach(p -> flight.free(p.recipient()));
                    return tells;
                }
                // Another node that has the message by now comes to an end of its own, and tells the sender.
                tells = depot.scribe().maySay(flight.id, State.FAILED);
                List<Entry> told = tells ? entering : List.of();
                tried = outcome(flight, parcel, next);
                Change change = tried.addTo(new Change());
                for (int i = 0; i < told.size(); i++) {
                    told.get(i).addTo(change, notices.get(i).draft());
                }
                if (!change.steps().isEmpty()) {
                    depot.scribe().write(Custodian.Deed.OUTCOME, tried, change, told);
                }
                tried.apply();
                land(flight, next);
                return tells;
            } catch (SpoolException e) {
                if (!complained) {
                    LOG.error("The outcome for message {} is not on disk yet", flight.id, e);
                    complained = true;
                }
                flight.stale();
                await(flight, e);
            }
        }
    }

    /** What was left unsaid is in nobody's hands any more. */
    private void land(Flight flight, List<Progress> next) throws SpoolException {
        List<Integer> unsaid = new ArrayList<>();
        for (Progress p : next) {
            if (!depot.scribe().maySay(flight.id, p.state())) {
                unsaid.add(p.recipient());
            }
        }
        depot.scribe().land(flight.id, unsaid);
    }

    /** Waits for the spool without the lock, so that nobody else waits for the message. */
    private void await(Flight flight, SpoolException trouble) throws SpoolException {
        flight.pins++;
        flight.unlock();
        try {
            depot.awaitWorking(trouble);
        } finally {
            flight.lock();
            flight.pins--;
        }
    }

    private Revision outcome(Flight flight, Parcel parcel, List<Progress> next) throws SpoolException {
        Revision revision = depot.scribe().revise(flight);
        for (Progress p : next) {
            boolean carried = flight.carries(p.recipient(), parcel);
            Progress merged = !depot.scribe().maySay(flight.id, p.state())
                    ? null
                    : merge(flight.progress(p.recipient()), p, carried);
            if (merged != null) {
                revision.set(merged);
            }
            if (carried) {
                revision.freeing(p.recipient());
            }
        }
        return revision;
    }

    /** What an operator said meanwhile stands, unless the recipient has ended by itself. */
    private static @Nullable Progress merge(Progress now, Progress next, boolean carried) {
        if (now.state().ended()) {
            boolean deliveredAfterAll = next.state() == State.DELIVERED && now.state() != State.DELIVERED;
            return deliveredAfterAll ? next : null;
        }
        if (next.state().ended()) {
            return next;
        }
        if (now.state() == State.HELD) {
            return new Progress(
                    now.recipient(),
                    State.HELD,
                    now.epoch(),
                    now.sequence() + 1,
                    next.attempts(),
                    now.due(),
                    now.reply(),
                    now.host(),
                    now.changed());
        }
        return carried ? next : null;
    }

    /** A notice of delay at the first failure behind {@code warnAfter}: the record before it is older than that. */
    private Optional<Notice> warnOfDelay(Parcel parcel, List<Progress> next) {
        NoticeWriter writer = depot.notices();
        Duration after = depot.settings().warnAfter();
        Instant limit = parcel.message().envelope().received().plus(after);
        if (writer == null || after.isZero() || depot.now().isBefore(limit)) {
            return Optional.empty();
        }
        List<NoticeWriter.Line> lines = next.stream()
                .filter(p -> p.state() == State.DEFERRED)
                .filter(p -> untold(parcel.message().progress().get(p.recipient()), limit))
                .map(p -> new NoticeWriter.Line(p.recipient(), NoticeWriter.Action.DELAYED, delay(p)))
                .toList();
        try {
            return lines.isEmpty() ? Optional.empty() : writer.write(parcel.message(), lines);
        } catch (IOException e) {
            LOG.warn(
                    "No notice of delay for message {}",
                    parcel.message().envelope().id(),
                    e);
            return Optional.empty();
        }
    }

    private static boolean untold(Progress before, Instant limit) {
        return before.attempts() == 0 || before.changed().isBefore(limit);
    }

    private static Outcome delay(Progress p) {
        String said = p.reply().isEmpty() ? "Not delivered yet" : p.reply();
        return new Outcome(new Reply(450, "4.4.7", said), p.host(), "", false);
    }

    @Override
    public void giveBack(Parcel parcel, Instant due) throws SpoolException {
        Instant earliest = depot.now().plus(LEAST_REST);
        Instant next = due.isBefore(earliest) ? earliest : due;
        Flight flight = flights.open(parcel.message().envelope().id());
        try {
            if (flights.load(flight)) {
                returned(flight, parcel, next);
            }
        } catch (SpoolException e) {
            // On disk they are as they were: due, and found again.
            flight.stale();
            flight.refused = true;
            parcel.recipients().stream().filter(r -> flight.carries(r, parcel)).forEach(flight::free);
            throw e;
        } finally {
            flights.close(flight);
        }
    }

    private void returned(Flight flight, Parcel parcel, Instant due) throws SpoolException {
        Revision revision = depot.scribe().revise(flight);
        for (int r : parcel.recipients()) {
            if (flight.carries(r, parcel)) {
                revision.freeing(r);
                Progress p = flight.progress(r);
                if (Flight.waiting(p.state()) && depot.scribe().maySay(flight.id, State.DEFERRED)) {
                    State state = p.state() != State.IN_TRANSIT
                            ? p.state()
                            : p.attempts() == 0 ? State.QUEUED : State.DEFERRED;
                    revision.set(Times.untried(p, state, due, depot.now()));
                }
            }
        }
        if (!revision.empty()) {
            depot.scribe().writeUnsynced(Custodian.Deed.REST, revision);
        }
        revision.apply();
        if (!depot.scribe().maySay(flight.id, State.DEFERRED)) {
            depot.scribe().land(flight.id, parcel.recipients());
        }
    }

    @Override
    public Optional<Instant> nextAttempt(Spool.Stored message, int attempts, Instant now) {
        Settings settings = depot.settings();
        Instant end = message.envelope().received().plus(settings.expire());
        if (!now.isBefore(end)) {
            return Optional.empty();
        }
        Duration pause =
                settings.retry().after(attempts, ThreadLocalRandom.current().nextDouble());
        Instant next = now.plus(pause);
        // The last attempt is made when the time is over, so that the sender learns of it then and not a pause later.
        return Optional.of(next.isBefore(end) ? next : end);
    }
}
