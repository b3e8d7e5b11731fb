// SPDX-License-Identifier: Apache-2.0
package org.posthouse.delivery;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.posthouse.api.Event;
import org.posthouse.api.Outcome;
import org.posthouse.api.Reply;
import org.posthouse.delivery.DeliveryMeters.Result;
import org.posthouse.queue.spi.Ledger;
import org.posthouse.queue.spi.NoticeWriter;
import org.posthouse.queue.spi.NoticeWriter.Action;
import org.posthouse.queue.spi.NoticeWriter.Line;
import org.posthouse.queue.spi.Parcel;
import org.posthouse.spool.spi.Envelope;
import org.posthouse.spool.spi.Progress;
import org.posthouse.spool.spi.SpoolException;
import org.posthouse.spool.spi.State;
import org.posthouse.telemetry.spi.EventSink;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Step 9 of 9: turns what became of a parcel's recipients into their new records, the notice they cause and events.
 *
 * <p>Records and notice are one commit of the ledger; events and meters come after it, so that they never tell of what is
 * not on disk.
 */
final class Aftermath {
    private static final Logger LOG = LoggerFactory.getLogger(Aftermath.class);
    private static final Duration WITHDRAWN_PAUSE = Duration.ofSeconds(30);
    private static final Duration LEAST_PAUSE = Duration.ofSeconds(1);
    private static final Duration NOTICE_PAUSE = Duration.ofMinutes(5);
    /** The no of a cluster is of this moment; what is another node's by now does not come here again, whatever its pause. */
    private static final Duration NOT_NOW_PAUSE = Duration.ofSeconds(1);

    private final Ledger ledger;
    private final NoticeWriter notices;
    private final EventSink events;
    private final DeliveryMeters meters;

    Aftermath(Ledger ledger, NoticeWriter notices, EventSink events, DeliveryMeters meters) {
        this.ledger = ledger;
        this.notices = notices;
        this.events = events;
        this.meters = meters;
    }

    /**
     * Settles a parcel.
     *
     * @param fates of every recipient, by its number
     * @throws SpoolException when nothing of it could be recorded
     */
    void settle(Parcel parcel, Map<Integer, Fate> fates, Duration took) throws SpoolException {
        Instant now = Instant.now();
        if (fates.values().stream().allMatch(Fate.Withdrawn.class::isInstance)) {
            ledger.giveBack(parcel, now.plus(withdrawnPause(parcel)));
            return;
        }
        Tally tally = new Tally(parcel, now);
        for (int number : parcel.recipients()) {
            Fate fate = fates.get(number);
            tally.add(number, fate == null ? new Fate.Withdrawn() : fate);
        }
        commit(tally);
        try {
            tally.publish(took);
        } catch (RuntimeException e) {
            // The outcome is on disk: nobody may take this for an attempt that failed, and try again.
            LOG.warn("What became of {} was recorded, but not told", tally.id(), e);
        }
    }

    private Duration withdrawnPause(Parcel parcel) {
        return ledger.shared(parcel) ? NOT_NOW_PAUSE : WITHDRAWN_PAUSE;
    }

    private void commit(Tally tally) throws SpoolException {
        Optional<Ledger.Notice> notice = Optional.empty();
        List<Integer> failures = tally.failures();
        if (!failures.isEmpty() && !ledger.announce(tally.parcel, failures)) {
            LOG.warn("{} is not this node's to end now, its recipients {} wait", tally.id(), failures);
            tally.postpone(NOT_NOW_PAUSE);
        }
        try {
            notice = tally.lines.isEmpty() ? notice : notices.write(tally.parcel.message(), tally.lines);
        } catch (IOException e) {
            LOG.warn("The notice for {} could not be written, its cause is tried again", tally.id(), e);
            tally.postpone(NOTICE_PAUSE);
        }
        try {
            ledger.settle(tally.parcel, tally.records(), notice.stream().toList());
        } catch (SpoolException e) {
            notice.ifPresent(n -> n.draft().close());
            throw e;
        }
    }

    /** One recipient's new record and what is said of it. */
    private record Entry(Progress record, Result result, Outcome outcome) {
        boolean failed() {
            return result == Result.FAILED || result == Result.EXPIRED;
        }

        Entry again(Instant due) {
            return new Entry(record.to(State.DEFERRED, due, record.reply(), record.host()), Result.DEFERRED, outcome);
        }
    }

    /** A parcel while it is settled. */
    private final class Tally {
        private final Parcel parcel;
        private final Instant now;
        private final List<Entry> entries = new ArrayList<>();
        private final List<Line> lines = new ArrayList<>();

        Tally(Parcel parcel, Instant now) {
            this.parcel = parcel;
            this.now = now;
        }

        String id() {
            return parcel.message().envelope().id().toString();
        }

        List<Progress> records() {
            return entries.stream().map(Entry::record).toList();
        }

        void add(int number, Fate fate) {
            Progress before = record(number);
            switch (fate) {
                case Fate.Done done -> decided(before.attempted(), done.outcome());
                case Fate.Delayed delayed -> later(before, delayed.pause(), local("4.7.0", delayed.reason()));
                case Fate.Withdrawn withdrawn ->
                    waits(before, now.plus(withdrawnPause(parcel)), local("4.3.2", "withdrawn"));
                case Fate.Held held -> {
                    Outcome outcome = local("4.7.0", held.reason());
                    entries.add(new Entry(
                            before.to(State.HELD, now, outcome.reply().toString(), ""), Result.HELD, outcome));
                }
            }
        }

        private Progress record(int number) {
            List<Progress> all = parcel.message().progress();
            Progress at = number < all.size() ? all.get(number) : null;
            return at != null && at.recipient() == number
                    ? at
                    : all.stream()
                            .filter(p -> p.recipient() == number)
                            .findFirst()
                            .orElseThrow();
        }

        private void decided(Progress attempted, Outcome outcome) {
            Reply reply = outcome.reply();
            if (reply.positive()) {
                end(attempted, State.DELIVERED, Result.DELIVERED, outcome);
                if (!outcome.notifies()) {
                    lines.add(new Line(attempted.recipient(), success(), outcome));
                }
            } else if (reply.permanent()) {
                end(attempted, State.FAILED, Result.FAILED, outcome);
                lines.add(new Line(attempted.recipient(), Action.FAILED, outcome));
            } else {
                later(attempted, Duration.ZERO, outcome);
            }
        }

        /** RFC 3461 5.2.2: a host that knows no DSN may relay on; other transports are the end of the way. */
        private Action success() {
            return parcel.route().agent().equals("smtp") ? Action.RELAYED : Action.DELIVERED;
        }

        private void end(Progress record, State state, Result result, Outcome outcome) {
            entries.add(new Entry(record.to(state, now, outcome.reply().toString(), outcome.host()), result, outcome));
        }

        private void later(Progress record, Duration pause, Outcome outcome) {
            Optional<Instant> next = ledger.nextAttempt(parcel.message(), record.attempts(), now);
            if (next.isEmpty()) {
                end(record, State.EXPIRED, Result.EXPIRED, outcome);
                lines.add(new Line(record.recipient(), Action.FAILED, outcome));
                return;
            }
            // A hook's pause is what it asked for; without one, or when it is over already, the schedule of the queue
            // decides.
            waits(record, pause.isPositive() ? now.plus(atLeast(pause)) : next.get(), outcome);
        }

        /** A pause of no time would be asked for again and again. */
        private static Duration atLeast(Duration pause) {
            return pause.compareTo(LEAST_PAUSE) < 0 ? LEAST_PAUSE : pause;
        }

        /** Waits until then. What was withdrawn was held, deleted or taken over: it is not ours to let it expire. */
        private void waits(Progress record, Instant due, Outcome outcome) {
            entries.add(new Entry(
                    record.to(State.DEFERRED, due, outcome.reply().toString(), outcome.host()),
                    Result.DEFERRED,
                    outcome));
        }

        /** The recipients that end badly, by their numbers. */
        List<Integer> failures() {
            return entries.stream()
                    .filter(Entry::failed)
                    .map(e -> e.record().recipient())
                    .toList();
        }

        /** Without its notice no failure may be recorded: the sender would never hear of it. Successes stand. */
        void postpone(Duration pause) {
            lines.removeIf(line -> line.action() == Action.FAILED);
            entries.replaceAll(e -> e.failed() ? e.again(now.plus(pause)) : e);
        }

        void publish(Duration took) {
            for (Entry entry : entries) {
                meters.result(entry.result());
                if (entry.result() != Result.HELD) {
                    events.publish(event(entry, took));
                }
            }
        }

        private Event event(Entry entry, Duration took) {
            Envelope envelope = parcel.message().envelope();
            Outcome outcome = entry.outcome();
            return Event.of(type(entry.result()))
                    .with("id", id())
                    .with(
                            "recipient",
                            envelope.recipients()
                                    .get(entry.record().recipient())
                                    .address()
                                    .toString())
                    .with("sender", envelope.sender().address().toString())
                    .with("host", outcome.host())
                    .with("site", parcel.site().name())
                    .with("route", parcel.route().name())
                    .with(outcome.reply())
                    .with("tls", outcome.tls())
                    .with("attempt", entry.record().attempts())
                    .with("millis", took.toMillis())
                    .with("size", envelope.body().size())
                    .build();
        }
    }

    private static Outcome local(String enhanced, String reason) {
        return new Outcome(new Reply(451, enhanced, reason), "", "", false);
    }

    private static Event.Type type(Result result) {
        return switch (result) {
            case DELIVERED -> Event.Type.DELIVERY;
            case FAILED -> Event.Type.BOUNCE;
            case EXPIRED -> Event.Type.EXPIRATION;
            case DEFERRED, HELD -> Event.Type.TRANSIENT_FAILURE;
        };
    }
}
