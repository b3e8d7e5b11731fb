// SPDX-License-Identifier: Apache-2.0
package org.posthouse.queue;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.posthouse.api.Outcome;
import org.posthouse.api.Reply;
import org.posthouse.api.Route;
import org.posthouse.queue.spi.Carrier;
import org.posthouse.queue.spi.Ledger;
import org.posthouse.queue.spi.Parcel;
import org.posthouse.queue.spi.Planner;
import org.posthouse.spool.spi.Change;
import org.posthouse.spool.spi.MessageId;
import org.posthouse.spool.spi.Spool;
import org.posthouse.spool.spi.SpoolException;
import org.posthouse.spool.spi.State;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Takes the recipients of a message that are due, asks where they go now, and brings them to the yard in parcels. */
final class Dispatch {
    private static final Logger LOG = LoggerFactory.getLogger(Dispatch.class);
    private static final Duration REST = Duration.ofMinutes(1);
    private static final Planner.Site NOWHERE = new Planner.Site("", "no site");

    private final Depot depot;
    private final Planner planner;
    private final Carrier carrier;
    private final Yard yard;
    private final Ledger ledger;
    private final Judgement judgement;

    /** The recipients of a message in the hands of one dispatch. */
    record Taken(Spool.Stored message, List<Integer> recipients, Object holder) {
        MessageId id() {
            return message.envelope().id();
        }

        boolean unjudged() {
            return message.progress().get(recipients.get(0)).state() == State.UNJUDGED;
        }
    }

    Dispatch(Depot depot, Planner planner, Carrier carrier, Yard yard, Ledger ledger, Judgement judgement) {
        this.depot = depot;
        this.planner = planner;
        this.carrier = carrier;
        this.yard = yard;
        this.ledger = ledger;
        this.judgement = judgement;
    }

    /**
     * Takes what is due into the hands of this dispatch.
     *
     * @param flight pinned
     * @param found the entry of the due index that led here; null when the message came from memory
     * @return null when nothing is due
     */
    @Nullable
    Taken begin(Flight flight, Spool.@Nullable DueEntry found) {
        depot.flights().unpin(flight);
        try {
            return take(flight, found);
        } catch (SpoolException e) {
            LOG.debug("Message {} waits for the spool", flight.id, e);
            flight.stale();
            flight.refused = true;
            return null;
        } finally {
            depot.flights().close(flight);
        }
    }

    /** Has what was taken judged, planned and brought to the yard. */
    void proceed(Taken taken) {
        Taken next = taken.unjudged() ? judged(taken) : taken;
        if (next != null) {
            plan(next);
        }
    }

    /** Lets go what was taken: it is found again on disk. */
    void drop(Taken taken) {
        depot.flights().release(taken.id(), taken.recipients(), taken.holder());
    }

    private @Nullable Taken take(Flight flight, Spool.@Nullable DueEntry found) throws SpoolException {
        if (!depot.flights().load(flight)) {
            move(found, null);
            return null;
        }
        if (found != null && !found.due().equals(flight.indexed())) {
            if (flight.over() && flight.indexed() == null) {
                flight.indexedAt(found.due());
            } else {
                move(found, flight.indexed());
            }
        }
        if (flight.over()) {
            depot.flights().clear(flight);
            return null;
        }
        if (flight.isStale() || !depot.scribe().owns(flight.id)) {
            flight.parked = true;
            return null;
        }
        Object holder = new Object();
        List<Integer> due = flight.take(depot.now(), holder);
        return due.isEmpty() ? null : new Taken(flight.stored(), due, holder);
    }

    /**
     * Corrects an entry of a message that is gone, or that stands elsewhere by its records. The right entry is written
     * even if it should be there: a change that was begun before the store was opened anew may have moved it, and without
     * any entry the message would never be found again.
     */
    private void move(Spool.@Nullable DueEntry found, @Nullable Instant to) throws SpoolException {
        if (found != null) {
            depot.spool()
                    .commit(new Change()
                            .add(new Change.Step.Due(found.id(), found.due(), to))
                            .unsynced());
        }
    }

    private @Nullable Taken judged(Taken taken) {
        Optional<String> tooOld = judgement.judge(taken.message(), taken.recipients());
        if (tooOld.isPresent()) {
            conclude(
                    taken,
                    taken.recipients().stream()
                            .map(r -> new Planner.Settled(r, failed("4.3.0", "Queue hooks never answered")))
                            .toList());
            return null;
        }
        Flight again = depot.flights().open(taken.id());
        try {
            if (!depot.flights().load(again)) {
                return null;
            }
            List<Integer> due = again.take(depot.now(), taken.holder());
            Taken next = due.isEmpty() ? null : new Taken(again.stored(), due, taken.holder());
            if (next != null && next.unjudged()) {
                // Held and released while the hooks were asked: it is found as due again.
                due.forEach(again::free);
                return null;
            }
            return next;
        } catch (SpoolException e) {
            LOG.debug("Message {} waits for the spool", again.id, e);
            return null;
        } finally {
            depot.flights().close(again);
        }
    }

    private void plan(Taken taken) {
        Planner.Plan plan;
        try {
            plan = planner.plan(taken.message(), taken.recipients());
        } catch (RuntimeException | LinkageError | StackOverflowError e) {
            LOG.error("Message {} could not be routed", taken.id(), e);
            conclude(
                    taken,
                    taken.recipients().stream()
                            .map(r -> new Planner.Settled(r, failed("4.3.0", "Routing failed")))
                            .toList());
            return;
        }
        boolean urged = depot.urged(taken.id());
        for (Planner.Load load : plan.loads()) {
            int most = depot.settings().maxRecipientsPerTransaction();
            for (int i = 0; i < load.recipients().size(); i += most) {
                List<Integer> part = load.recipients()
                        .subList(i, Math.min(i + most, load.recipients().size()));
                bring(taken, new Parcel(taken.message(), load.site(), load.route(), part), urged);
            }
        }
        if (!plan.settled().isEmpty()) {
            conclude(taken, plan.settled());
        }
        forgotten(taken);
    }

    private void bring(Taken taken, Parcel parcel, boolean urged) {
        pass(taken, parcel);
        Yard.Return back = yard.put(parcel, urged);
        if (back != null) {
            giveBack(back);
        }
    }

    private void pass(Taken taken, Parcel parcel) {
        Flight flight = depot.flights().open(taken.id());
        try {
            parcel.recipients().forEach(r -> flight.pass(r, taken.holder(), parcel));
        } finally {
            depot.flights().close(flight);
        }
    }

    /** Gives back what was not tried; what is too old meanwhile ends here, or it would wait for ever. */
    void giveBack(Yard.Return back) {
        Parcel parcel = back.parcel();
        Instant now = depot.now();
        if (back.due().equals(Yard.CLOSED)) {
            depot.flights().release(parcel.message().envelope().id(), parcel.recipients(), parcel);
        } else if (!back.why().isEmpty()
                && ledger.nextAttempt(parcel.message(), 1, now).isEmpty()) {
            carry(
                    parcel,
                    parcel.recipients().stream()
                            .map(r -> new Planner.Settled(r, failed("4.4.1", back.why())))
                            .toList());
        } else {
            rest(parcel, back.due());
        }
    }

    private void rest(Parcel parcel, Instant due) {
        try {
            ledger.giveBack(parcel, due);
        } catch (SpoolException e) {
            LOG.debug(
                    "Parcel of message {} stays due",
                    parcel.message().envelope().id(),
                    e);
        }
    }

    private static Outcome failed(String enhanced, String text) {
        return new Outcome(new Reply(451, enhanced, text), "", "", false);
    }

    private void conclude(Taken taken, List<Planner.Settled> outcomes) {
        List<Integer> recipients =
                outcomes.stream().map(Planner.Settled::recipient).toList();
        String domain =
                taken.message().envelope().recipients().get(recipients.get(0)).domain();
        Parcel parcel = new Parcel(taken.message(), NOWHERE, new Route("none", "none", domain, "none"), recipients);
        pass(taken, parcel);
        carry(parcel, outcomes);
    }

    private void carry(Parcel parcel, List<Planner.Settled> outcomes) {
        try {
            carrier.conclude(parcel, outcomes);
        } catch (RuntimeException e) {
            LOG.error(
                    "The outcome for message {} was not settled",
                    parcel.message().envelope().id(),
                    e);
        }
        left(List.of(parcel));
    }

    /** What a carrier took and did not settle comes back, so that nothing is forgotten. */
    void left(List<Parcel> parcels) {
        for (Parcel parcel : parcels) {
            List<Integer> unsettled = depot.flights().unsettled(parcel);
            if (!unsettled.isEmpty()) {
                LOG.error(
                        "Recipients {} of message {} were taken and not settled",
                        unsettled,
                        parcel.message().envelope().id());
                rest(parcel, depot.now().plus(REST));
            }
        }
    }

    /** What the planner did not mention comes back. */
    private void forgotten(Taken taken) {
        Parcel rest = new Parcel(taken.message(), NOWHERE, new Route("none", "none", "", "none"), taken.recipients());
        Flight flight = depot.flights().open(taken.id());
        boolean any;
        try {
            any = taken.recipients().stream().anyMatch(r -> flight.heldBy(r, taken.holder()));
            taken.recipients().forEach(r -> flight.pass(r, taken.holder(), rest));
        } finally {
            depot.flights().close(flight);
        }
        if (any) {
            left(List.of(rest));
        }
    }
}
