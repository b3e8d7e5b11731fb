// SPDX-License-Identifier: Apache-2.0
package org.posthouse.queue;

import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.posthouse.api.Event;
import org.posthouse.api.Outcome;
import org.posthouse.api.Reply;
import org.posthouse.queue.spi.Custodian;
import org.posthouse.queue.spi.Ledger;
import org.posthouse.queue.spi.NoticeWriter;
import org.posthouse.queue.spi.Queue;
import org.posthouse.spool.spi.Change;
import org.posthouse.spool.spi.MessageId;
import org.posthouse.spool.spi.Progress;
import org.posthouse.spool.spi.Spool;
import org.posthouse.spool.spi.SpoolException;
import org.posthouse.spool.spi.State;

/**
 * The queue over the spool. A verb changes a message under its lock, in flight or not: what is in transit ends as it
 * ends, everything else obeys.
 */
@Component(service = Queue.class)
public final class SpoolQueue implements Queue {
    private static final int CHUNK = 256;

    /** After these a pause of the site does not count. */
    private static final Set<String> URGENT = Set.of("release", "retry");

    /** So many messages are looked at in one call; the cursor goes on behind them. */
    private static final int MOST_LOOKED_AT = 5_000;

    private final Depot depot;

    /** The next record of a recipient; null when the verb does not concern it. */
    private interface Verb {
        @Nullable
        Progress apply(Flight flight, Progress now);
    }

    @Activate
    public SpoolQueue(@Reference Depot depot) {
        this.depot = depot;
    }

    @Override
    public Page list(Filter filter, @Nullable MessageId after, int most) throws SpoolException {
        List<Spool.Stored> found = new ArrayList<>();
        MessageId cursor = after;
        for (int looked = 0; looked < MOST_LOOKED_AT; ) {
            int chunk = filter.equals(Filter.ALL) ? Math.min(CHUNK, most) : CHUNK;
            List<Spool.Stored> part = depot.spool().list(cursor, chunk);
            for (Spool.Stored message : part) {
                looked++;
                cursor = message.envelope().id();
                if (fits(filter, message) && depot.scribe().shows(cursor)) {
                    found.add(message);
                }
                if (found.size() >= most) {
                    return new Page(found, cursor);
                }
            }
            if (part.size() < chunk) {
                return new Page(found, null);
            }
        }
        return new Page(found, cursor);
    }

    private static boolean fits(Filter filter, Spool.Stored message) {
        State state = filter.state();
        return (state == null || message.progress().stream().anyMatch(p -> p.state() == state))
                && contains(message.envelope().sender().address().toString(), filter.sender())
                && (filter.recipient().isEmpty()
                        || message.envelope().recipients().stream()
                                .anyMatch(r -> contains(r.address().toString(), filter.recipient())));
    }

    private static boolean contains(String text, String part) {
        return part.isEmpty() || text.toLowerCase(Locale.ROOT).contains(part.toLowerCase(Locale.ROOT));
    }

    @Override
    public Optional<Spool.Stored> show(MessageId id) throws SpoolException {
        return depot.scribe().shows(id) ? depot.spool().load(id) : Optional.empty();
    }

    @Override
    public Spool.Counts counts() {
        return depot.scribe().shown(depot.spool().counts());
    }

    @Override
    public List<SiteLine> sites() {
        return depot.sites();
    }

    @Override
    public int hold(MessageId id, String reason, String who) throws SpoolException {
        Instant now = depot.now();
        return change(
                "hold",
                id,
                reason,
                who,
                false,
                (flight, p) -> Flight.waiting(p.state())
                        ? p.to(State.HELD, now, reason.isEmpty() ? "Held by " + who : reason, "")
                        : null);
    }

    @Override
    public int release(MessageId id, String who) throws SpoolException {
        Instant now = depot.now();
        return change(
                "release",
                id,
                "",
                who,
                false,
                (flight, p) -> p.state() == State.HELD ? p.to(released(flight, p), now, "", "") : null);
    }

    /** Mail of our own that was held before any hook saw it still has to be judged: it bears no stamp, and is whole. */
    private static State released(Flight flight, Progress p) {
        boolean unjudged = flight.envelope().stamp().isEmpty()
                && flight.envelope().origin().listener().equals("internal")
                && IntStream.range(0, flight.size())
                        .mapToObj(i -> flight.progress(i).state())
                        .allMatch(s -> s == State.HELD || s == State.UNJUDGED);
        return unjudged ? State.UNJUDGED : p.attempts() == 0 ? State.QUEUED : State.DEFERRED;
    }

    @Override
    public int retry(MessageId id, String who) throws SpoolException {
        Instant now = depot.now();
        return change(
                "retry",
                id,
                "",
                who,
                false,
                (flight, p) -> Flight.waiting(p.state()) && p.state() != State.IN_TRANSIT
                        ? Times.untried(p, p.state(), now, now)
                        : null);
    }

    @Override
    public int delete(MessageId id, boolean notice, String who) throws SpoolException {
        return change(
                "delete",
                id,
                "",
                who,
                notice,
                (flight, p) -> p.state().ended() ? null : p.to(State.DELETED, p.due(), "Deleted by " + who, ""));
    }

    private int change(String action, MessageId id, String reason, String who, boolean notice, Verb verb)
            throws SpoolException {
        Flights flights = depot.flights();
        Flight flight = flights.open(id);
        int changed;
        try {
            if (!flights.load(flight)) {
                return 0;
            }
            if (flight.isStale() || !depot.scribe().owns(id)) {
                throw new SpoolException(
                        SpoolException.Kind.SICK, depot.scribe().why(id));
            }
            Revision revision = depot.scribe().revise(flight);
            List<Integer> concerned = collect(flight, revision, verb);
            changed = concerned.size();
            if (changed > 0) {
                if (URGENT.contains(action)) {
                    depot.urge(id);
                }
                commit(
                        flight,
                        revision,
                        notice ? notice(flight.stored(), concerned, who).orElse(null) : null);
            }
        } finally {
            flights.close(flight);
        }
        publish(action, id, reason, who, changed);
        return changed;
    }

    private static List<Integer> collect(Flight flight, Revision revision, Verb verb) {
        List<Integer> concerned = new ArrayList<>();
        for (int i = 0; i < flight.size(); i++) {
            Progress next = verb.apply(flight, flight.progress(i));
            if (next != null) {
                revision.set(next);
                concerned.add(i);
            }
        }
        return concerned;
    }

    private void commit(Flight flight, Revision revision, Ledger.@Nullable Notice told) throws SpoolException {
        Change change = revision.addTo(new Change());
        List<Entry> entries = told == null ? List.of() : List.of(Entry.of(told.admission()));
        if (told != null) {
            entries.get(0).addTo(change, told.draft());
        }
        try {
            depot.commit(Custodian.Deed.VERB, revision, change, entries);
        } catch (SpoolException e) {
            flight.stale();
            if (told != null) {
                told.draft().close();
            }
            throw e;
        }
        revision.apply();
    }

    private Optional<Ledger.Notice> notice(Spool.Stored message, List<Integer> recipients, String who)
            throws SpoolException {
        NoticeWriter writer = depot.notices();
        if (writer == null) {
            throw new SpoolException(SpoolException.Kind.SICK, "Notices can not be written now; nothing was deleted");
        }
        Outcome outcome = new Outcome(new Reply(550, "5.7.1", "Deleted by the operator"), "", "", false);
        List<NoticeWriter.Line> lines = recipients.stream()
                .map(r -> new NoticeWriter.Line(r, NoticeWriter.Action.FAILED, outcome))
                .toList();
        try {
            return writer.write(message, lines);
        } catch (IOException e) {
            throw new SpoolException(
                    SpoolException.Kind.SICK, "The notice could not be written; nothing was deleted by " + who, e);
        }
    }

    private void publish(String action, MessageId id, String reason, String who, int recipients) {
        depot.events()
                .publish(Event.of(Event.Type.ADMIN)
                        .with("action", action)
                        .with("id", id.toString())
                        .with("who", who)
                        .with("reason", reason)
                        .with("recipients", recipients)
                        .build());
    }
}
