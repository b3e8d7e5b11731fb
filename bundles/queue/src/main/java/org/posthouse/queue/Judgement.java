// SPDX-License-Identifier: Apache-2.0
package org.posthouse.queue;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.posthouse.pipeline.spi.Decision;
import org.posthouse.pipeline.spi.Pipeline;
import org.posthouse.pipeline.spi.Sealed;
import org.posthouse.queue.spi.Custodian;
import org.posthouse.queue.spi.Ledger;
import org.posthouse.spool.spi.Change;
import org.posthouse.spool.spi.Draft;
import org.posthouse.spool.spi.Envelope;
import org.posthouse.spool.spi.MessageId;
import org.posthouse.spool.spi.Progress;
import org.posthouse.spool.spi.Spool;
import org.posthouse.spool.spi.SpoolException;
import org.posthouse.spool.spi.State;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Asks the queue hooks about mail that the server made itself, before its first dispatch. */
final class Judgement {
    private static final Logger LOG = LoggerFactory.getLogger(Judgement.class);

    private final Depot depot;
    private final Pipeline pipeline;
    private final Ledger ledger;

    Judgement(Depot depot, Pipeline pipeline, Ledger ledger) {
        this.depot = depot;
        this.pipeline = pipeline;
        this.ledger = ledger;
    }

    /**
     * Asks, and records what was decided. The recipients are free then, unless they are to be given up.
     *
     * @return why the message must be given up because it is too old to be asked about again; else empty
     */
    Optional<String> judge(Spool.Stored message, List<Integer> recipients) {
        Sealed sealed = ask(message);
        Flights flights = depot.flights();
        Flight open = flights.open(message.envelope().id());
        Draft unused = sealed == null ? null : sealed.replacement();
        try {
            if (!flights.load(open)) {
                return Optional.empty();
            }
            if (!depot.scribe().owns(open.id)) {
                recipients.forEach(open::free);
                return Optional.empty();
            }
            if (!unjudged(open)) {
                changedMeanwhile(open, recipients);
                return Optional.empty();
            }
            if (sealed == null || sealed.decision().refuses()) {
                return defer(open, recipients, why(sealed));
            }
            record(open, recipients, sealed);
            unused = null;
            return Optional.empty();
        } catch (SpoolException e) {
            LOG.warn("The judgement of message {} could not be written; it is asked about again", open.id, e);
            recipients.forEach(open::free);
            open.stale();
            open.refused = true;
            return Optional.empty();
        } finally {
            flights.close(open);
            if (unused != null) {
                unused.close();
            }
        }
    }

    private @Nullable Sealed ask(Spool.Stored message) {
        try {
            return pipeline.judge(message);
        } catch (RuntimeException e) {
            LOG.warn(
                    "The queue hooks failed over message {}", message.envelope().id(), e);
            return null;
        }
    }

    private static String why(@Nullable Sealed sealed) {
        if (sealed == null) {
            return "451 4.3.0 Queue hooks failed";
        }
        Decision decision = sealed.decision();
        return decision.reply() == null
                ? "451 4.3.0 Deferred by " + decision.hook()
                : decision.reply().toString();
    }

    private static boolean unjudged(Flight flight) {
        return IntStream.range(0, flight.size())
                .allMatch(i -> flight.progress(i).state() == State.UNJUDGED);
    }

    /** An operator was quicker; or others of the message went on already, and then it was judged before. */
    private void changedMeanwhile(Flight flight, List<Integer> recipients) throws SpoolException {
        Revision revision = depot.scribe().revise(flight);
        for (int r : recipients) {
            revision.freeing(r);
            Progress p = flight.progress(r);
            if (p.state() == State.UNJUDGED) {
                revision.set(Times.untried(p, State.QUEUED, depot.now(), depot.now()));
            }
        }
        if (!revision.empty()) {
            depot.commit(Custodian.Deed.JUDGEMENT, revision, revision.addTo(new Change()), List.of());
        }
        revision.apply();
    }

    private Optional<String> defer(Flight flight, List<Integer> recipients, String why) throws SpoolException {
        Instant now = depot.now();
        Revision revision = depot.scribe().revise(flight);
        for (int r : recipients) {
            Progress p = flight.progress(r).attempted();
            Optional<Instant> next = ledger.nextAttempt(flight.stored(), p.attempts(), now);
            if (next.isEmpty()) {
                LOG.warn("Message {} is given up unjudged: {}", flight.id, why);
                return Optional.of(why);
            }
            revision.set(p.to(State.UNJUDGED, next.get(), why, "")).freeing(r);
        }
        LOG.info("Message {} is not judged yet: {}", flight.id, why);
        depot.commit(Custodian.Deed.REST, revision, revision.addTo(new Change()), List.of());
        revision.apply();
        return Optional.empty();
    }

    private void record(Flight flight, List<Integer> recipients, Sealed sealed) throws SpoolException {
        Revision revision = depot.scribe().revise(flight);
        recipients.forEach(revision::freeing);
        List<Entry> entered = new ArrayList<>();
        Change change = new Change();
        boolean stays = false;
        Draft draft = sealed.replacement();
        for (Sealed.Admission admission : sealed.admissions()) {
            boolean same = admission.envelope().id().equals(flight.id);
            if (same && draft == null && sameRecipients(flight, admission)) {
                keep(flight, revision, admission);
                stays = true;
            } else {
                // Its number of recipients or its octets changed: that is another message to the spool.
                Envelope envelope = same ? renamed(admission.envelope()) : admission.envelope();
                Entry entry = Entry.of(admission, envelope);
                entry.addTo(change, draft);
                draft = null;
                entered.add(entry);
            }
        }
        if (!stays) {
            drop(flight, revision);
        }
        depot.commit(Custodian.Deed.JUDGEMENT, revision, revision.addTo(change), entered);
        revision.apply();
    }

    private static boolean sameRecipients(Flight flight, Sealed.Admission admission) {
        return admission.envelope().recipients().size() == flight.size();
    }

    private static void keep(Flight flight, Revision revision, Sealed.Admission admission) {
        revision.rewrite(admission.envelope());
        for (int i = 0; i < flight.size(); i++) {
            Progress p = flight.progress(i);
            String reason = admission.envelope().routing().holdReason();
            revision.set(p.to(admission.state(), admission.due(), reason, ""));
        }
    }

    private static void drop(Flight flight, Revision revision) {
        for (int i = 0; i < flight.size(); i++) {
            Progress p = flight.progress(i);
            revision.set(p.to(State.DELETED, p.due(), "", ""));
        }
    }

    private static Envelope renamed(Envelope e) {
        return new Envelope(
                MessageId.next(),
                e.received(),
                e.origin(),
                e.sender(),
                e.recipients(),
                e.routing(),
                e.trace(),
                e.head(),
                e.headEdited(),
                e.body(),
                e.notes(),
                e.stamp());
    }
}
