// SPDX-License-Identifier: Apache-2.0
package org.posthouse.queue;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import org.posthouse.api.Event;
import org.posthouse.queue.spi.Custodian;
import org.posthouse.queue.spi.Parcel;
import org.posthouse.spool.spi.Envelope;
import org.posthouse.spool.spi.MessageId;
import org.posthouse.spool.spi.Progress;
import org.posthouse.spool.spi.Spool;
import org.posthouse.spool.spi.SpoolException;
import org.posthouse.spool.spi.State;
import org.posthouse.telemetry.spi.EventSink;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The messages in memory, at most one flight for each: what is in here is never dispatched a second time, what leaves is
 * noted at the cursor and so found again.
 */
final class Flights {
    private static final Logger LOG = LoggerFactory.getLogger(Flights.class);
    private static final int PER_MESSAGE = 1_000;
    private static final int PER_RECIPIENT = 300;
    private static final Duration REFUSED_PAUSE = Duration.ofSeconds(1);

    private final Spool spool;
    private final Scribe scribe;
    private final EventSink events;
    private final InstantSource clock;
    private final DueCursor cursor;
    private final ConcurrentMap<MessageId, Flight> table = new ConcurrentHashMap<>();
    private final ConcurrentSkipListSet<Spool.DueEntry> timers = new ConcurrentSkipListSet<>(DueCursor.ORDER);
    private final AtomicInteger express = new AtomicInteger();
    private final AtomicLong octets = new AtomicLong();
    private final AtomicLong generation = new AtomicLong();
    private final LongAdder possibleDuplicates = new LongAdder();
    private volatile Runnable onRoom = () -> {};

    Flights(Spool spool, Scribe scribe, EventSink events, InstantSource clock, DueCursor cursor) {
        this.spool = spool;
        this.scribe = scribe;
        this.events = events;
        this.clock = clock;
        this.cursor = cursor;
    }

    /** Calls back when a message left. */
    void listen(Runnable callback) {
        onRoom = callback;
    }

    /** Enters a message that was just committed, pinned; null when it is here already. */
    @Nullable
    Flight enter(Entry entry, boolean past) {
        Envelope envelope = entry.stored().envelope();
        Flight flight = new Flight(envelope.id(), entry.due());
        flight.fill(entry.stored(), generation.get());
        flight.pins = 1;
        flight.express = past;
        weigh(flight);
        if (table.putIfAbsent(flight.id, flight) != null) {
            octets.addAndGet(-flight.weight);
            return null;
        }
        if (past) {
            express.incrementAndGet();
        }
        return flight;
    }

    /** Takes a place for an entry of the due index, pinned and not loaded; null when the message is here already. */
    @Nullable
    Flight reserve(Spool.DueEntry entry) {
        while (true) {
            Flight there = table.get(entry.id());
            if (there == null) {
                Flight flight = new Flight(entry.id(), entry.due());
                flight.pins = 1;
                there = table.putIfAbsent(entry.id(), flight);
                if (there == null) {
                    return flight;
                }
            }
            // Whoever has it may leave without having read it. He looks here after he left, so one of us sees the
            // other.
            there.passedAt(entry.due());
            if (table.get(entry.id()) == there) {
                return null;
            }
        }
    }

    @Nullable
    Flight find(MessageId id) {
        return table.get(id);
    }

    /** The flight of this message, locked; {@link #load} and {@link #close} must follow. */
    Flight open(MessageId id) {
        while (true) {
            Flight flight = table.computeIfAbsent(id, key -> new Flight(key, null));
            flight.lock();
            if (!flight.gone) {
                return flight;
            }
            flight.unlock();
        }
    }

    /** The same without waiting; null when somebody else has it locked. */
    @Nullable
    Flight tryOpen(MessageId id) {
        Flight flight = table.computeIfAbsent(id, key -> new Flight(key, null));
        if (!flight.tryLock()) {
            return null;
        }
        if (flight.gone) {
            flight.unlock();
            return null;
        }
        return flight;
    }

    /** Locks a flight that was pinned and takes the pin away; {@link #close} must follow. */
    void unpin(Flight flight) {
        flight.lock();
        flight.pins--;
    }

    /** Pins the flight of a timer, so that it is worked on; null when it left. */
    @Nullable
    Flight pin(MessageId id) {
        Flight flight = table.get(id);
        if (flight == null) {
            return null;
        }
        flight.lock();
        try {
            if (flight.gone) {
                return null;
            }
            flight.timer = null;
            flight.pins++;
            return flight;
        } finally {
            flight.unlock();
        }
    }

    /** Ends the work on a locked flight: it leaves when nobody holds any of its recipients. */
    void close(Flight flight) {
        Instant left = null;
        boolean parked = flight.parked;
        boolean refused = flight.refused;
        flight.parked = false;
        try {
            if (flight.timer != null) {
                timers.remove(flight.timer);
                flight.timer = null;
            }
            if (flight.pins == 0 && flight.out() == 0) {
                leave(flight);
                left = flight.standing();
            } else if (flight.pins == 0 && !parked) {
                Instant idle = flight.earliest(true);
                if (idle != null) {
                    flight.timer = new Spool.DueEntry(refused ? later(idle) : idle, flight.id);
                    timers.add(flight.timer);
                    flight.refused = false;
                }
            }
        } finally {
            flight.unlock();
        }
        // After it left the table: a scan that passed its entry before skipped it. What is not ours waits for a look at
        // everything; that may have passed it by as well.
        if (left != null && refused) {
            cursor.noteLater(new Spool.DueEntry(left, flight.id));
        } else if (left != null && (!parked || scribe.owns(flight.id))) {
            cursor.note(new Spool.DueEntry(left, flight.id));
        }
        if (flight.gone) {
            onRoom.run();
        }
    }

    private Instant later(Instant idle) {
        Instant pause = clock.instant().plus(REFUSED_PAUSE);
        return idle.isBefore(pause) ? pause : idle;
    }

    private void leave(Flight flight) {
        flight.gone = true;
        table.remove(flight.id, flight);
        octets.addAndGet(-flight.weight);
        if (flight.express) {
            express.decrementAndGet();
        }
    }

    /**
     * Reads a locked flight unless it is current.
     *
     * @return false when there is no such message (any more)
     */
    boolean load(Flight flight) throws SpoolException {
        long current = generation.get();
        if (flight.generation == current) {
            return true;
        }
        Optional<Spool.Stored> stored = read(flight.id);
        if (stored.isEmpty()) {
            flight.vanish();
            return false;
        }
        flight.fill(stored.get(), current);
        weigh(flight);
        recover(flight);
        return true;
    }

    private Optional<Spool.Stored> read(MessageId id) throws SpoolException {
        try {
            return spool.load(id);
        } catch (SpoolException e) {
            if (e.kind() != SpoolException.Kind.DAMAGED) {
                throw e;
            }
            LOG.error("Message {} is damaged and set aside", id, e);
            spool.setAside(id, String.valueOf(e.getMessage()));
            return Optional.empty();
        }
    }

    /** Recipients in transit that nobody holds were in transit when the process ended: they may have been delivered. */
    private void recover(Flight flight) throws SpoolException {
        List<Progress> found = new ArrayList<>();
        for (int i = 0; i < flight.size(); i++) {
            if (flight.progress(i).state() == State.IN_TRANSIT && !flight.isHeld(i)) {
                found.add(flight.progress(i));
            }
        }
        if (found.isEmpty()) {
            return;
        }
        if (!scribe.owns(flight.id)) {
            // A copy of what is in transit elsewhere, or that can not be told yet: it is read again before it moves.
            flight.stale();
            return;
        }
        List<Progress> untold = found.stream()
                .filter(p -> !scribe.isDoubted(flight.id, p.recipient()))
                .toList();
        Instant now = clock.instant();
        try {
            State doubted = scribe.doubted();
            Revision revision = scribe.revise(flight);
            found.forEach(p -> revision.set(doubted(p, doubted, now)));
            scribe.writeUnsynced(Custodian.Deed.DOUBT, revision);
            revision.apply();
        } catch (SpoolException e) {
            flight.stale();
            throw e;
        }
        untold.forEach(p -> reportDuplicate(flight.envelope(), p.recipient()));
    }

    private static Progress doubted(Progress p, State next, Instant now) {
        return next == State.HELD
                ? p.to(State.HELD, now, "May have been delivered: it was in transit when its node failed", "")
                : Times.untried(p, next, now, now);
    }

    /** Tells that a recipient may get the message twice: it was in transit when its process or its owner ended. */
    void reportDuplicate(Envelope envelope, int number) {
        possibleDuplicates.increment();
        String recipient = envelope.recipients().get(number).address().toString();
        LOG.warn(
                "Message {} to {} was in transit when the process ended: may be delivered twice",
                envelope.id(),
                recipient);
        events.publish(Event.of(Event.Type.TRANSIENT_FAILURE)
                .with("id", envelope.id().toString())
                .with("recipient", recipient)
                .with("inTransitAtCrash", "true")
                .build());
    }

    private void weigh(Flight flight) {
        Envelope e = flight.envelope();
        long weight = PER_MESSAGE
                + (long) PER_RECIPIENT * e.recipients().size()
                + e.trace().length()
                + 2L * e.head().length()
                + 200L * e.notes().size();
        octets.addAndGet(weight - flight.weight);
        flight.weight = weight;
    }

    /** A parcel that was cut freshly for the recipients that may still be handed over; null when there are none. */
    @Nullable
    Parcel refresh(Parcel parcel) {
        Flight flight = open(parcel.message().envelope().id());
        try {
            boolean there = load(flight);
            List<Integer> fit = new ArrayList<>(parcel.recipients().size());
            for (int r : parcel.recipients()) {
                if (there && flight.heldBy(r, parcel)) {
                    if (Flight.ready(flight.progress(r).state()) && scribe.owns(flight.id)) {
                        fit.add(r);
                    } else {
                        flight.free(r);
                    }
                }
            }
            if (there && fit.isEmpty()) {
                clear(flight);
            }
            return fit.isEmpty() ? null : recut(flight, parcel, fit);
        } catch (SpoolException e) {
            LOG.debug("Message {} waits for the spool", flight.id, e);
            parcel.recipients().stream().filter(r -> flight.heldBy(r, parcel)).forEach(flight::free);
            flight.refused = true;
            return null;
        } finally {
            close(flight);
        }
    }

    private static Parcel recut(Flight flight, Parcel parcel, List<Integer> fit) {
        Spool.Stored now = flight.stored();
        if (now == parcel.message() && fit.size() == parcel.recipients().size()) {
            return parcel;
        }
        Parcel fresh = new Parcel(now, parcel.site(), parcel.route(), fit);
        fit.forEach(r -> flight.pass(r, parcel, fresh));
        return fresh;
    }

    /** Forgets a locked message whose recipients all ended while somebody still read it. */
    void clear(Flight flight) throws SpoolException {
        Revision revision = scribe.revise(flight);
        if (!revision.empty() && revision.removes()) {
            scribe.writeUnsynced(Custodian.Deed.CLEARANCE, revision);
            revision.apply();
        }
    }

    /** Lets recipients go without any record: they are found again on disk. */
    void release(MessageId id, List<Integer> recipients, Object holder) {
        Flight flight = open(id);
        try {
            recipients.stream().filter(r -> flight.heldBy(r, holder)).forEach(flight::free);
            if (load(flight)) {
                clear(flight);
            }
        } catch (SpoolException e) {
            LOG.debug("Message {} waits for the spool", id, e);
            flight.refused = true;
        } finally {
            close(flight);
        }
    }

    /** Which recipients of the parcel are still in its hands. */
    List<Integer> unsettled(Parcel parcel) {
        Flight flight = table.get(parcel.message().envelope().id());
        if (flight == null) {
            return List.of();
        }
        flight.lock();
        try {
            return parcel.recipients().stream()
                    .filter(r -> flight.heldBy(r, parcel))
                    .toList();
        } finally {
            flight.unlock();
        }
    }

    /** The store was opened anew: nothing that was read before is believed. */
    void distrust() {
        generation.incrementAndGet();
    }

    ConcurrentSkipListSet<Spool.DueEntry> timers() {
        return timers;
    }

    /** Messages in memory. */
    int count() {
        return table.size();
    }

    /** Messages in memory that came in past those on disk. */
    int expressCount() {
        return express.get();
    }

    /** Estimated octets of the envelopes in memory. */
    long octets() {
        return octets.get();
    }

    long possibleDuplicates() {
        return possibleDuplicates.sum();
    }

    /** The earliest due time of the messages in memory. */
    @Nullable
    Instant earliest() {
        return table.values().stream()
                .map(Flight::indexed)
                .filter(Objects::nonNull)
                .min(Instant::compareTo)
                .orElse(null);
    }
}
