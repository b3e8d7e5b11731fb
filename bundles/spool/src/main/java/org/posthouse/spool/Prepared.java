// SPDX-License-Identifier: Apache-2.0
package org.posthouse.spool;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.posthouse.spool.spi.Change;
import org.posthouse.spool.spi.Envelope;
import org.posthouse.spool.spi.MessageId;
import org.posthouse.spool.spi.Progress;
import org.posthouse.spool.spi.Spool;
import org.posthouse.spool.spi.SpoolException;
import org.rocksdb.RocksDBException;

/**
 * A change made ready by the thread that commits it: records encoded, large bodies synced; the committer only copies.
 */
final class Prepared implements Action {
    /** A body that becomes part of the spool. */
    record NewBody(byte[] key, byte[] encoded, BodyRecord record) {}

    /** An envelope that is new. */
    record NewMessage(
            Envelope envelope,
            List<Progress> initial,
            byte[] key,
            byte[] start,
            byte[] encoded,
            Map<MessageId, NewBody> bodies) {}

    /** An envelope that replaces the one before; without its seal, for its start records are in the old record. */
    record NewEnvelope(Envelope envelope, byte[] key, byte[] content) {}

    /** One step, ready to be applied. */
    private interface Ready {
        void apply(Round round) throws RocksDBException, SpoolException;
    }

    private final Drafts drafts;
    private final Caches caches;
    private final boolean synced;
    private final List<Ready> ready = new ArrayList<>();
    private final List<Runnable> after = new ArrayList<>();
    private final List<DiskDraft> offered = new ArrayList<>();
    private final Map<MessageId, NewBody> bodies = new HashMap<>();
    private final List<MessageId> stored = new ArrayList<>();
    private boolean onlyEnters = true;
    private long weight;

    private Prepared(Drafts drafts, Caches caches, boolean synced) {
        this.drafts = drafts;
        this.caches = caches;
        this.synced = synced;
    }

    static Prepared of(Change change, Drafts drafts, Caches caches) throws SpoolException {
        Prepared prepared = new Prepared(drafts, caches, change.synced());
        try {
            for (Change.Step step : change.steps()) {
                prepared.onlyEnters &= step instanceof Change.Step.Store
                        || step instanceof Change.Step.Due
                        || step instanceof Change.Step.Custody;
                prepared.step(step);
            }
            return prepared;
        } catch (SpoolException | RuntimeException e) {
            prepared.refused();
            throw e;
        }
    }

    private void step(Change.Step step) throws SpoolException {
        switch (step) {
            case Change.Step.Store store -> store(store);
            case Change.Step.Rewrite rewrite -> rewrite(rewrite.envelope());
            case Change.Step.Advance advance -> advance(advance);
            case Change.Step.Due due -> {
                due(due.id(), due.from(), false);
                due(due.id(), due.to(), true);
            }
            case Change.Step.Custody custody -> keep(CustodyCodec.key(custody.id()), custody.octets());
            case Change.Step.Member member -> keep(CustodyCodec.key(member.name()), member.octets());
            case Change.Step.Remove remove -> {
                ready.add(round -> round.remove(remove));
                after.add(() -> caches.removed(remove.envelope()));
            }
        }
    }

    private void store(Change.Step.Store store) throws SpoolException {
        Envelope envelope = store.envelope();
        for (MessageId body : Evidence.bodies(envelope)) {
            DiskDraft draft =
                    store.draft() instanceof DiskDraft given && given.id().equals(body) ? given : drafts.find(body);
            if (draft != null && !bodies.containsKey(body)) {
                offer(draft);
            }
        }
        byte[] key = Keys.of(Table.ENVELOPE, envelope.id());
        byte[] start = ProgressCodec.encodeAll(store.initial());
        byte[] encoded = EnvelopeCodec.seal(key, start, EnvelopeCodec.content(envelope));
        NewMessage message = new NewMessage(envelope, store.initial(), key, start, encoded, bodies);
        ready.add(round -> round.store(message));
        stored.add(envelope.id());
        weight += encoded.length;
        long size = encoded.length * 2L + 512;
        after.add(() -> caches.messages().put(envelope.id(), new Spool.Stored(envelope, store.initial()), size));
    }

    private void offer(DiskDraft draft) throws SpoolException {
        BodyRecord record = draft.offer();
        offered.add(draft);
        MessageId body = draft.id();
        byte[] key = Keys.of(Table.BODY, body);
        byte[] encoded = record.encode(key);
        bodies.put(body, new NewBody(key, encoded, record));
        weight += encoded.length;
        byte[] octets = record.octets();
        if (octets != null) {
            after.add(() -> caches.bodies().put(body, octets, octets.length + 128L));
        }
    }

    private void rewrite(Envelope envelope) {
        byte[] key = Keys.of(Table.ENVELOPE, envelope.id());
        byte[] content = EnvelopeCodec.content(envelope);
        NewEnvelope rewritten = new NewEnvelope(envelope, key, content);
        ready.add(round -> round.rewrite(rewritten));
        weight += content.length;
        after.add(() -> caches.messages().change(envelope.id(), old -> new Spool.Stored(envelope, old.progress())));
    }

    private void advance(Change.Step.Advance advance) {
        Progress progress = advance.progress();
        byte[] key = Keys.progress(advance.id(), progress.recipient());
        byte[] encoded = ProgressCodec.encode(key, progress);
        ready.add(round -> {
            round.store().put(round.batch(), Table.PROGRESS, key, encoded);
            round.tally().move(advance.before(), progress.state());
        });
        weight += encoded.length;
        after.add(() -> caches.advanced(advance.id(), progress));
    }

    private void due(MessageId id, @Nullable Instant time, boolean enter) {
        if (time == null) {
            return;
        }
        byte[] key = Keys.due(time, id);
        ready.add(
                enter
                        ? round -> round.store().put(round.batch(), Table.DUE, key, new byte[0])
                        : round -> round.store().delete(round.batch(), Table.DUE, key));
    }

    private void keep(byte[] key, byte @Nullable [] octets) {
        byte[] encoded = octets == null ? null : Seal.seal(key, octets);
        weight += encoded == null ? 0 : encoded.length;
        ready.add(round -> {
            round.touched(key);
            if (encoded == null) {
                round.store().delete(round.batch(), Table.CUSTODY, key);
            } else {
                round.store().put(round.batch(), Table.CUSTODY, key, encoded);
            }
        });
    }

    @Override
    public void apply(Round round) throws RocksDBException, SpoolException {
        for (Ready step : ready) {
            step.apply(round);
        }
    }

    /**
     * Messages that can be taken back when it is not known whether this change was written: those of a change that does
     * nothing but bring them in. With a change of other messages (an outcome and its notice, a split) they stand or fall
     * as one, or the notice would be lost and the outcome kept.
     */
    List<MessageId> revocable() {
        return onlyEnters ? stored : List.of();
    }

    @Override
    public boolean synced() {
        return synced;
    }

    @Override
    public long weight() {
        return weight;
    }

    @Override
    public void succeeded() {
        after.forEach(Runnable::run);
        offered.forEach(DiskDraft::taken);
    }

    @Override
    public void unknown() {
        offered.forEach(DiskDraft::doubtful);
    }

    @Override
    public void refused() {
        offered.forEach(DiskDraft::refused);
    }
}
