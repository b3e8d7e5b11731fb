// SPDX-License-Identifier: Apache-2.0
package org.posthouse.cluster.disk;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.posthouse.cluster.cargo.Dock;
import org.posthouse.cluster.protocol.Ballot;
import org.posthouse.cluster.protocol.HeldMessage;
import org.posthouse.cluster.protocol.Incarnation;
import org.posthouse.cluster.protocol.Keeper;
import org.posthouse.cluster.protocol.Ledger;
import org.posthouse.cluster.protocol.Membership;
import org.posthouse.cluster.protocol.Register;
import org.posthouse.cluster.protocol.Stage;
import org.posthouse.cluster.protocol.WireFormat;
import org.posthouse.queue.spi.Holdings;
import org.posthouse.spool.spi.Change;
import org.posthouse.spool.spi.Envelope;
import org.posthouse.spool.spi.MessageId;
import org.posthouse.spool.spi.Records;
import org.posthouse.spool.spi.Spool;
import org.posthouse.spool.spi.SpoolException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The ledger in the spool. All records are in memory; a write is seen there at once. Writes of one message go one after
 * the other, those of different messages at once, and each takes the record as it is by then: so nothing older ever
 * follows something newer, whoever writes it. What can not be written is tried again, and until then nobody is told that
 * it is.
 *
 * <p>Everything but {@link #load} and what is said to be so is called on the stage.
 */
public final class RecordLedger implements Ledger {
    private static final Duration AGAIN = Duration.ofSeconds(1);
    private static final Duration SOON = Duration.ofMillis(50);
    private static final int TRIES = 40;
    private static final int PAGE = 500;
    private static final Logger LOG = LoggerFactory.getLogger(RecordLedger.class);

    private final Membership members;
    private final Spool spool;
    private final Records records;
    private final Dock dock;
    private final Stage stage;
    private final Executor threads;
    private final Map<MessageId, HeldMessage> view = new HashMap<>();
    private final Set<MessageId> fresh = new HashSet<>();
    private final Set<MessageId> uncertain = new HashSet<>();
    private final Map<MessageId, CompletableFuture<Void>> tails = new HashMap<>();
    private final List<Spool.Stored> strangers = new ArrayList<>();
    private List<Register> registers = List.of();
    private long emptySince;
    private CompletableFuture<Void> registered = CompletableFuture.completedFuture(null);
    private byte[] onDisk = {};
    private @Nullable Captured capture;
    private Consumer<MessageId> lost = id -> {};
    private volatile @Nullable Holdings holdings;
    private volatile boolean closed;

    /**
     * @param threads where the disk may be waited for
     */
    public RecordLedger(Membership members, Spool spool, Records records, Dock dock, Stage stage, Executor threads) {
        this.members = members;
        this.spool = spool;
        this.records = records;
        this.dock = dock;
        this.stage = stage;
        this.threads = threads;
    }

    // ---- from the disk --------------------------------------------------------------------------------------------

    /**
     * Reads everything; before anything else, on any thread.
     *
     * @throws IOException when it can not be read, or is of another member
     */
    public void load() throws IOException {
        Map<String, byte[]> known = records.members();
        for (Map.Entry<String, byte[]> entry : known.entrySet()) {
            if (!entry.getKey().equals(members.self())) {
                throw new IOException("The data folder is of the member " + entry.getKey() + ", and cluster.self is "
                        + members.self() + ": two members must not share one");
            }
            onDisk = entry.getValue();
            registers = WireFormat.registers(onDisk);
            emptySince = WireFormat.emptySince(onDisk);
        }
        MessageId after = null;
        List<Records.Kept> page;
        do {
            page = records.list(after, PAGE);
            for (Records.Kept kept : page) {
                after = kept.id();
                read(kept.id(), kept.octets(), spool.load(kept.id())).ifPresent(m -> view.put(m.id(), m));
            }
        } while (page.size() == PAGE);
        List<Spool.Stored> mail;
        after = null;
        do {
            mail = spool.list(after, PAGE);
            for (Spool.Stored stored : mail) {
                after = stored.envelope().id();
                if (!view.containsKey(after)) {
                    strangers.add(stored);
                }
            }
        } while (mail.size() == PAGE);
        if (!view.isEmpty() || !strangers.isEmpty()) {
            LOG.info("Cluster: {} records of messages, and {} messages without one", view.size(), strangers.size());
        }
    }

    private Optional<HeldMessage> read(MessageId id, byte[] octets, Optional<Spool.Stored> stored) throws IOException {
        HeldMessage record = octets.length == 0 ? null : WireFormat.record(octets);
        if (record != null && !record.recipients().isEmpty()) {
            return Optional.of(record);
        }
        if (stored.isEmpty()) {
            // Its octets were set aside; whoever else has it is asked by nobody here.
            LOG.warn("Cluster: the record of {} is here without the message", id);
            return Optional.empty();
        }
        return Optional.of(
                record == null
                        ? unknown(stored.get())
                        : record.recorded(stored.get().progress()));
    }

    /** Nothing is certain of a message whose record was lost: as if this node had been fenced, everybody is asked. */
    private HeldMessage unknown(Spool.Stored stored) {
        return new HeldMessage(
                stored.envelope().id(),
                new Ballot(0, new Incarnation(members.self(), 0)),
                false,
                0,
                -1,
                members.mail().stream().map(m -> new Keeper(m, 0, false)).toList(),
                stored.progress(),
                Set.of(),
                List.of(),
                stored.envelope().received().toEpochMilli());
    }

    /** Messages that came in before there was a cluster; told once. */
    public List<Spool.Stored> strangers() {
        List<Spool.Stored> all = List.copyOf(strangers);
        strangers.clear();
        return all;
    }

    /** From now on it can be written; on any thread. */
    public void serve(@Nullable Holdings now) {
        holdings = now;
    }

    /** Who is told that a message could not be kept, and is not known any more. */
    public void onLost(Consumer<MessageId> listener) {
        lost = listener;
    }

    /** Nothing is tried again from now on; on any thread. */
    public void close() {
        closed = true;
    }

    // ---- mail -----------------------------------------------------------------------------------------------------

    @Override
    public Optional<HeldMessage> find(MessageId id) {
        return Optional.ofNullable(view.get(id));
    }

    /** All messages of which there is a record. */
    public List<MessageId> ids() {
        return List.copyOf(view.keySet());
    }

    /** The messages that have ended, or those that have not. */
    public List<MessageId> ids(boolean ended) {
        return view.values().stream()
                .filter(m -> m.ended() == ended)
                .map(HeldMessage::id)
                .toList();
    }

    @Override
    public boolean writes() {
        return spool.condition().working();
    }

    /** Whether what is on disk of a message can not be told at the moment. */
    public boolean isUncertain(MessageId id) {
        return uncertain.contains(id);
    }

    @Override
    public boolean lacks(HeldMessage record) {
        return !record.ended() && !view.containsKey(record.id()) && !dock.has(record.id());
    }

    @Override
    public boolean lacksOctets(MessageId id) {
        return !dock.has(id);
    }

    @Override
    public void put(List<HeldMessage> written, Runnable synced) {
        for (HeldMessage r : written) {
            HeldMessage before = view.put(r.id(), r);
            if ((before == null || before.ended()) && capture == null && !r.ended()) {
                fresh.add(r.id());
            }
        }
        List<MessageId> ids = written.stream().map(HeldMessage::id).toList();
        if (capture != null) {
            capture.add(ids, synced);
        } else {
            schedule(ids, synced);
        }
    }

    @Override
    public void remove(MessageId id, Runnable synced) {
        view.remove(id);
        fresh.remove(id);
        schedule(List.of(id), synced);
    }

    /** Writes the record of a message that is in the spool and had none. */
    public void adopt(HeldMessage record, Runnable synced) {
        view.put(record.id(), record);
        schedule(List.of(record.id()), synced);
    }

    private void schedule(List<MessageId> ids, Runnable synced) {
        CompletableFuture<?>[] before =
                ids.stream().map(tails::get).filter(Objects::nonNull).toArray(CompletableFuture<?>[]::new);
        CompletableFuture<Void> done = CompletableFuture.allOf(before)
                .handle((nothing, failed) -> null)
                .thenRunAsync(() -> write(ids), threads);
        ids.forEach(id -> tails.put(id, done));
        done.whenComplete((nothing, failed) -> stage.execute(() -> {
            ids.forEach(id -> tails.remove(id, done));
            if (failed == null) {
                synced.run();
            } else if (!closed) {
                LOG.error("Cluster: the records of {} could not be written", ids, failed);
            }
        }));
    }

    /** Writes what is known of these messages by now, until nothing newer came up meanwhile. */
    private void write(List<MessageId> ids) {
        int tries = 0;
        while (true) {
            if (closed) {
                throw new IllegalStateException("The cluster has stopped");
            }
            Map<MessageId, Optional<HeldMessage>> seen = stage.enter(() -> now(ids));
            Holdings place = holdings;
            try {
                if (place == null) {
                    pause(SOON);
                    continue;
                }
                commit(place, seen);
                if (stage.enter(() -> settled(seen))) {
                    ids.forEach(dock::leave);
                    return;
                }
            } catch (SpoolException e) {
                tries = e.kind() == SpoolException.Kind.DAMAGED ? tries + 1 : 0;
                failed(ids, e, tries, AGAIN);
            } catch (RuntimeException e) {
                failed(ids, e, ++tries, SOON);
            }
        }
    }

    private void failed(List<MessageId> ids, Exception e, int tries, Duration pause) {
        LOG.warn("Cluster: the records of {} are not on disk yet: {}", ids, e.toString());
        if (tries >= TRIES) {
            stage.enter(() -> {
                ids.stream().filter(fresh::contains).toList().forEach(this::forget);
                return true;
            });
            ids.forEach(dock::leave);
            throw new IllegalStateException("The records can not be written", e);
        }
        pause(pause);
    }

    private static void pause(Duration time) {
        try {
            Thread.sleep(time);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("The cluster has stopped", e);
        }
    }

    private Map<MessageId, Optional<HeldMessage>> now(List<MessageId> ids) {
        Map<MessageId, Optional<HeldMessage>> all = new LinkedHashMap<>();
        for (MessageId id : ids) {
            if (fresh.contains(id) && !dock.has(id)) {
                LOG.warn("Cluster: the octets of {} are gone before its record came", id);
                forget(id);
            } else {
                all.put(id, Optional.ofNullable(view.get(id)));
            }
        }
        return all;
    }

    private void forget(MessageId id) {
        view.remove(id);
        fresh.remove(id);
        lost.accept(id);
    }

    private void commit(Holdings place, Map<MessageId, Optional<HeldMessage>> seen) throws SpoolException {
        List<Holdings.Holding> all = new ArrayList<>(seen.size());
        seen.forEach((id, record) -> all.add(holding(id, record.orElse(null))));
        // What leaves goes last, for what comes in may share its octets.
        all.sort(Comparator.comparing(RecordLedger::leaves));
        if (!all.isEmpty()) {
            place.keep(all);
        }
    }

    private static boolean leaves(Holdings.Holding holding) {
        return holding.recipients().stream().allMatch(p -> p.state().ended());
    }

    private Holdings.Holding holding(MessageId id, @Nullable HeldMessage m) {
        if (m == null) {
            return Holdings.Holding.forgotten(id);
        }
        Envelope envelope = dock.envelope(id).orElse(null);
        boolean ours = m.ballot().owner().node().equals(members.self()) && !m.claiming() && !m.ended();
        return new Holdings.Holding(
                id, octets(m), m.recipients(), ours, envelope == null ? null : new Holdings.Copy(envelope, null));
    }

    /** The recipients of a message that is here have records of their own. */
    private static byte[] octets(HeldMessage m) {
        return WireFormat.write(m.ended() ? m : m.recorded(List.of()));
    }

    private boolean settled(Map<MessageId, Optional<HeldMessage>> seen) {
        fresh.removeAll(seen.keySet());
        return seen.entrySet().stream().allMatch(e -> find(e.getKey()).equals(e.getValue()));
    }

    // ---- changes that somebody else commits -----------------------------------------------------------------------

    /** What this writes is not written, but goes with a change. */
    public Captured capture(Runnable work) {
        Captured taken = new Captured();
        capture = taken;
        try {
            work.run();
        } finally {
            capture = null;
        }
        return taken;
    }

    /** Adds the records to the change. */
    public void addTo(Change change, Captured captured) {
        for (MessageId id : captured.ids()) {
            find(id).ifPresent(m -> change.add(new Change.Step.Custody(id, octets(m))));
        }
    }

    /** The change is on disk. What else waits to be written of its messages takes what it says along. */
    public void kept(Captured captured) {
        CompletableFuture<?>[] before =
                captured.ids().stream().map(tails::get).filter(Objects::nonNull).toArray(CompletableFuture<?>[]::new);
        if (before.length == 0) {
            captured.synced().forEach(Runnable::run);
        } else {
            CompletableFuture.allOf(before)
                    .whenComplete((nothing, failed) ->
                            stage.execute(() -> captured.synced().forEach(Runnable::run)));
        }
    }

    /** Whether the change is on disk can not be told: its messages are read again, then somebody is told so. */
    public void broken(Captured captured, Consumer<MessageId> then) {
        for (MessageId id : captured.ids()) {
            uncertain.add(id);
            threads.execute(() -> reread(id, then));
        }
    }

    private void reread(MessageId id, Consumer<MessageId> then) {
        while (!closed) {
            Holdings place = holdings;
            if (place == null || !place.under(id, () -> readAgain(id))) {
                pause(AGAIN);
                continue;
            }
            stage.execute(() -> then.accept(id));
            return;
        }
    }

    private boolean readAgain(MessageId id) {
        if (!spool.condition().working()) {
            return false;
        }
        try {
            Optional<byte[]> octets = records.find(id);
            Optional<HeldMessage> record = octets.isEmpty() ? Optional.empty() : read(id, octets.get(), spool.load(id));
            stage.enter(() -> {
                record.ifPresentOrElse(m -> view.put(id, m), () -> view.remove(id));
                return uncertain.remove(id);
            });
            return true;
        } catch (IOException e) {
            LOG.warn("Cluster: what is on disk of {} can not be told yet", id, e);
            return false;
        }
    }

    // ---- members --------------------------------------------------------------------------------------------------

    @Override
    public List<Register> registers() {
        return registers;
    }

    @Override
    public long emptySince() {
        return emptySince;
    }

    @Override
    public void put(List<Register> written, long since, Runnable synced) {
        registers = List.copyOf(written);
        emptySince = since;
        byte[] octets = WireFormat.write(registers, since);
        if (registered.isDone() && Arrays.equals(octets, onDisk)) {
            synced.run();
            return;
        }
        registered = registered.thenRunAsync(() -> register(octets), threads);
        registered.whenComplete((nothing, failed) -> stage.execute(() -> {
            if (failed == null) {
                onDisk = octets;
                synced.run();
            } else if (!closed) {
                LOG.error("Cluster: what is known of the members could not be written", failed);
            }
        }));
    }

    private void register(byte[] octets) {
        while (!closed) {
            try {
                spool.commit(new Change().add(new Change.Step.Member(members.self(), octets)));
                return;
            } catch (SpoolException e) {
                LOG.error("Cluster: what is known of the members can not be written; tried again", e);
                pause(AGAIN);
            }
        }
        throw new IllegalStateException("The cluster has stopped");
    }
}
