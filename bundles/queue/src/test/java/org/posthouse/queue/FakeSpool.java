// SPDX-License-Identifier: Apache-2.0
package org.posthouse.queue;

import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.posthouse.api.Content;
import org.posthouse.spool.spi.Change;
import org.posthouse.spool.spi.Change.Step;
import org.posthouse.spool.spi.Draft;
import org.posthouse.spool.spi.Envelope;
import org.posthouse.spool.spi.MessageId;
import org.posthouse.spool.spi.Progress;
import org.posthouse.spool.spi.Spool;
import org.posthouse.spool.spi.SpoolException;
import org.posthouse.spool.spi.State;

/**
 * A spool in memory that keeps the contract strictly: what a change says of the state before must be true, and what was
 * not synced is lost with the power.
 */
final class FakeSpool implements Spool {
    private static final Condition FAILED = new Condition(false, false, "The disk failed");

    /** What a store holds. */
    private static final class Store {
        final TreeMap<MessageId, Envelope> envelopes = new TreeMap<>();
        final Map<MessageId, Progress[]> progress = new TreeMap<>();
        final TreeSet<DueEntry> due = new TreeSet<>(DueCursor.ORDER);
        final TreeMap<MessageId, String> custody = new TreeMap<>();

        Store copy() {
            Store copy = new Store();
            copy.envelopes.putAll(envelopes);
            progress.forEach((id, p) -> copy.progress.put(id, p.clone()));
            copy.due.addAll(due);
            copy.custody.putAll(custody);
            return copy;
        }
    }

    private Store live = new Store();
    private final List<Change> unsynced = new ArrayList<>();
    private Store durable = new Store();
    private final List<Consumer<Condition>> listeners = new CopyOnWriteArrayList<>();
    private volatile Condition condition = Condition.GOOD;
    private Consumer<Change> onCommit = change -> {};
    private Fault fault;
    private long healed = System.nanoTime() - 1_000_000_000L;
    final List<String> violations = new CopyOnWriteArrayList<>();
    final List<DueEntry> scannedFrom = new CopyOnWriteArrayList<>();
    final List<MessageId> damaged = new CopyOnWriteArrayList<>();
    private final List<SetAside> aside = new ArrayList<>();
    int commits;
    int loads;

    /** Fails the next commit that fits. */
    record Fault(java.util.function.Predicate<Change> fits, boolean applied, SpoolException.Kind kind) {}

    /** What is on stable storage, as another process would find it after a loss of power. */
    synchronized FakeSpool afterPowerLoss() {
        FakeSpool copy = new FakeSpool();
        copy.durable = durable.copy();
        copy.live = durable.copy();
        return copy;
    }

    /** What another process would find after this one was killed: the system still writes what was not synced. */
    synchronized FakeSpool afterKill() {
        FakeSpool copy = new FakeSpool();
        copy.durable = live.copy();
        copy.live = live.copy();
        return copy;
    }

    synchronized void failNext(Fault next) {
        fault = next;
    }

    synchronized void onCommit(Consumer<Change> callback) {
        onCommit = callback;
    }

    /** The store is opened anew: what was not synced is gone. */
    void heal() {
        synchronized (this) {
            live = durable.copy();
            unsynced.clear();
            healed = System.nanoTime();
            condition = Condition.GOOD;
        }
        listeners.forEach(l -> l.accept(condition));
    }

    void sicken() {
        condition = FAILED;
        listeners.forEach(l -> l.accept(condition));
    }

    void fill() {
        condition = new Condition(false, true, "The disk is full");
        listeners.forEach(l -> l.accept(condition));
    }

    @Override
    public Draft draft(MessageId id) {
        return new FakeDraft(id);
    }

    @Override
    public void commit(Change change) throws SpoolException {
        boolean sick = false;
        Fault hit = null;
        synchronized (this) {
            if (!condition.working()) {
                throw new SpoolException(SpoolException.Kind.SICK, "sick");
            }
            if (fault != null && fault.fits.test(change)) {
                hit = fault;
                fault = null;
                sick = hit.kind == SpoolException.Kind.SICK;
                // At once, or another lane's commit would slip in between the fault and what follows from it.
                condition = sick ? FAILED : condition;
            }
            if (hit == null || hit.applied) {
                commits++;
                change.steps().forEach(step -> apply(live, step, true));
                unsynced.add(change);
                if (change.synced()) {
                    unsynced.forEach(c -> c.steps().forEach(step -> apply(durable, step, false)));
                    unsynced.clear();
                }
                onCommit.accept(change);
            }
        }
        if (sick) {
            sicken();
        }
        if (hit != null) {
            throw new SpoolException(hit.kind, "injected");
        }
    }

    private void apply(Store store, Step step, boolean check) {
        switch (step) {
            case Step.Store s -> {
                expect(!check || !store.envelopes.containsKey(s.envelope().id()), "stored twice: " + s);
                expect(s.initial().size() == s.envelope().recipients().size(), "a record per recipient: " + s);
                store.envelopes.put(s.envelope().id(), s.envelope());
                store.progress.put(s.envelope().id(), s.initial().toArray(Progress[]::new));
            }
            case Step.Rewrite r -> {
                expect(store.envelopes.containsKey(r.envelope().id()), "rewritten but unknown: " + r);
                store.envelopes.put(r.envelope().id(), r.envelope());
            }
            case Step.Advance a -> {
                Progress[] p = store.progress.get(a.id());
                if (p == null) {
                    expect(false, "advanced but unknown: " + a);
                    return;
                }
                Progress old = p[a.progress().recipient()];
                // A change that was begun before the store was opened anew may still build on what was lost then.
                boolean checked = check && System.nanoTime() - healed > 100_000_000;
                expect(!checked || old.state() == a.before(), "before was " + old.state() + ": " + a);
                expect(!check || old.sequence() < a.progress().sequence(), "sequence fell: " + a);
                p[a.progress().recipient()] = a.progress();
            }
            case Step.Due d -> {
                if (d.from() != null) {
                    store.due.remove(new DueEntry(d.from(), d.id()));
                }
                if (d.to() != null) {
                    store.due.add(new DueEntry(d.to(), d.id()));
                }
            }
            case Step.Custody c -> {
                if (c.octets() == null) {
                    store.custody.remove(c.id());
                } else {
                    store.custody.put(c.id(), new String(c.octets(), StandardCharsets.US_ASCII));
                }
            }
            case Step.Member m -> expect(false, "nobody writes of members: " + m);
            case Step.Remove r -> {
                Progress[] p = store.progress.remove(r.envelope().id());
                expect(p != null, "removed but unknown: " + r);
                if (check && p != null && System.nanoTime() - healed > 100_000_000) {
                    for (int i = 0; i < p.length; i++) {
                        expect(p[i].state() == r.states().get(i), "removed state " + p[i] + ": " + r.states());
                    }
                }
                store.envelopes.remove(r.envelope().id());
            }
        }
    }

    private void expect(boolean truth, String what) {
        if (!truth) {
            violations.add(what);
        }
    }

    @Override
    public synchronized Optional<Stored> load(MessageId id) throws SpoolException {
        if (!condition.working()) {
            throw new SpoolException(SpoolException.Kind.SICK, "sick");
        }
        if (damaged.contains(id)) {
            throw new SpoolException(SpoolException.Kind.DAMAGED, "checksum");
        }
        loads++;
        Envelope envelope = live.envelopes.get(id);
        return envelope == null ? Optional.empty() : Optional.of(new Stored(envelope, List.of(live.progress.get(id))));
    }

    @Override
    public Content content(Envelope envelope) {
        return received(envelope);
    }

    @Override
    public Content received(Envelope envelope) {
        return new Content() {
            @Override
            public long size() {
                return 0;
            }

            @Override
            public InputStream open() {
                return new ByteArrayInputStream(new byte[0]);
            }
        };
    }

    @Override
    public synchronized List<DueEntry> due(DueEntry from, int most) throws SpoolException {
        if (!condition.working()) {
            throw new SpoolException(SpoolException.Kind.SICK, "sick");
        }
        scannedFrom.add(from);
        List<DueEntry> page = new ArrayList<>();
        for (DueEntry entry : live.due.tailSet(from)) {
            if (page.size() == most) {
                break;
            }
            page.add(entry);
        }
        return page;
    }

    @Override
    public synchronized List<Stored> list(MessageId after, int most) {
        List<Stored> page = new ArrayList<>();
        var from = after == null ? live.envelopes : live.envelopes.tailMap(after, false);
        for (Envelope envelope : from.values()) {
            if (page.size() == most) {
                break;
            }
            page.add(new Stored(envelope, List.of(live.progress.get(envelope.id()))));
        }
        return page;
    }

    @Override
    public synchronized Counts counts() {
        Map<State, Long> states = new EnumMap<>(State.class);
        live.progress.values().forEach(all -> {
            for (Progress p : all) {
                states.merge(p.state(), 1L, Long::sum);
            }
        });
        return new Counts(live.envelopes.size(), states, 0);
    }

    synchronized int messages() {
        return live.envelopes.size();
    }

    /** The record of a message, or a dash. */
    synchronized String custody(MessageId id) {
        return live.custody.getOrDefault(id, "-");
    }

    synchronized List<DueEntry> index() {
        return List.copyOf(live.due);
    }

    /** What is wrong between the records and the due index; empty when all is right. */
    synchronized List<String> inconsistencies() {
        List<String> wrong = new ArrayList<>(violations);
        Map<MessageId, List<Instant>> entries = new TreeMap<>();
        live.due.forEach(
                e -> entries.computeIfAbsent(e.id(), id -> new ArrayList<>()).add(e.due()));
        live.progress.forEach((id, p) -> {
            Instant first = Flight.earliest(p, new Object[0]);
            List<Instant> found = entries.getOrDefault(id, List.of());
            boolean over = List.of(p).stream().allMatch(x -> x.state().ended());
            if (!over && !found.equals(first == null ? List.of() : List.of(first))) {
                wrong.add("index says " + found + " of " + List.of(p));
            }
        });
        entries.keySet().stream()
                .filter(id -> !live.envelopes.containsKey(id))
                .forEach(id -> wrong.add("an entry without a message: " + id));
        return wrong;
    }

    @Override
    public synchronized List<SetAside> setAside() {
        return List.copyOf(aside);
    }

    @Override
    public synchronized void setAside(MessageId id, String why) {
        damaged.remove(id);
        aside.add(new SetAside(id.toString(), "", why, Instant.EPOCH));
        live.envelopes.remove(id);
        live.progress.remove(id);
        durable.envelopes.remove(id);
        durable.progress.remove(id);
    }

    @Override
    public Condition condition() {
        return condition;
    }

    @Override
    public AutoCloseable onCondition(Consumer<Condition> listener) {
        listeners.add(listener);
        return () -> listeners.remove(listener);
    }

    /** Octets that nobody looks at. */
    static final class FakeDraft implements Draft {
        private final MessageId id;
        volatile boolean closed;

        FakeDraft(MessageId id) {
            this.id = id;
        }

        @Override
        public MessageId id() {
            return id;
        }

        @Override
        public void write(byte[] octets, int offset, int length) {}

        @Override
        public long size() {
            return 0;
        }

        @Override
        public Envelope.BodyRef finish() {
            return new Envelope.BodyRef(id, false, 0, 0, 0, false, 0, "");
        }

        @Override
        public Content content() {
            throw new UnsupportedOperationException("nobody reads it");
        }

        @Override
        public void close() {
            closed = true;
        }
    }
}
