// SPDX-License-Identifier: Apache-2.0
package org.posthouse.spool;

import java.nio.BufferUnderflowException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.posthouse.spool.spi.Change;
import org.posthouse.spool.spi.Envelope;
import org.posthouse.spool.spi.MessageId;
import org.posthouse.spool.spi.SpoolException;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteBatch;

/** One batch while it is put together; knows what earlier changes of the same batch did. */
final class Round implements AutoCloseable {
    private final Store store;
    private final WriteBatch batch = new WriteBatch();
    private final List<MessageId> doomed = new ArrayList<>();
    private Map<MessageId, Integer> shares = new HashMap<>();
    private Map<MessageId, byte[]> starts = new HashMap<>();
    private Map<MessageId, BodyRecord> bodies = new HashMap<>();
    private final Tally before;
    private Tally tally;

    Round(Store store, Tally before) {
        this.store = store;
        this.before = before;
        this.tally = before.copy();
    }

    /** The counts as they were before this batch. */
    Tally before() {
        return before;
    }

    Store store() {
        return store;
    }

    WriteBatch batch() {
        return batch;
    }

    Tally tally() {
        return tally;
    }

    /** Files of bodies that nobody needs once the batch is written. */
    List<MessageId> doomed() {
        return doomed;
    }

    /** Applies an action whole or not at all. */
    void apply(Action action) throws RocksDBException, SpoolException {
        Tally untouched = tally.copy();
        Map<MessageId, Integer> sharesUntouched = shares.isEmpty() ? Map.of() : Map.copyOf(shares);
        int doomedUntouched = doomed.size();
        batch.setSavePoint();
        try {
            action.apply(this);
            batch.popSavePoint();
        } catch (SpoolException e) {
            batch.rollbackToSavePoint();
            tally = untouched;
            shares = new HashMap<>(sharesUntouched);
            doomed.subList(doomedUntouched, doomed.size()).clear();
            throw e;
        }
    }

    void store(Prepared.NewMessage message) throws RocksDBException, SpoolException {
        Envelope envelope = message.envelope();
        for (MessageId body : Evidence.bodies(envelope)) {
            Prepared.NewBody fresh = message.bodies().get(body);
            if (fresh != null && shares.putIfAbsent(body, 1) == null) {
                store.put(batch, Table.BODY, fresh.key(), fresh.encoded());
                bodies.put(body, fresh.record());
                tally.octets(fresh.record().size());
            } else {
                share(body);
            }
        }
        store.put(batch, Table.ENVELOPE, message.key(), message.encoded());
        starts.put(envelope.id(), message.start());
        tally.enter(message.initial());
    }

    private void share(MessageId body) throws RocksDBException, SpoolException {
        int count = shares(body);
        body(body);
        setShares(body, count + 1);
    }

    /** How many messages need this body. No record means one, since most bodies are never shared. */
    private int shares(MessageId body) throws RocksDBException, SpoolException {
        Integer here = shares.get(body);
        if (here != null) {
            return here;
        }
        byte[] key = Keys.of(Table.SHARE, body);
        byte[] record = store.get(Table.SHARE, key);
        if (record == null) {
            return 1;
        }
        try {
            return Wire.small(Seal.open(key, record));
        } catch (BufferUnderflowException | IllegalArgumentException | ArithmeticException e) {
            throw Seal.damaged(key, "unreadable", e);
        }
    }

    static byte[] share(byte[] key, int count) {
        return Seal.seal(key, new Wire(4).number(count).array());
    }

    private void setShares(MessageId body, int count) throws RocksDBException {
        shares.put(body, count);
        byte[] key = Keys.of(Table.SHARE, body);
        if (count > 1) {
            store.put(batch, Table.SHARE, key, share(key, count));
        } else {
            store.delete(batch, Table.SHARE, key);
        }
    }

    private BodyRecord body(MessageId body) throws RocksDBException, SpoolException {
        BodyRecord here = bodies.get(body);
        if (here != null) {
            return here;
        }
        byte[] key = Keys.of(Table.BODY, body);
        byte[] record = store.get(Table.BODY, key);
        if (record == null) {
            throw Seal.damaged(key, "missing", null);
        }
        return BodyRecord.decode(key, record);
    }

    void rewrite(Prepared.NewEnvelope rewritten) throws RocksDBException, SpoolException {
        byte[] key = rewritten.key();
        byte[] start = starts.get(rewritten.envelope().id());
        if (start == null) {
            byte[] old = store.get(Table.ENVELOPE, key);
            if (old == null) {
                throw Seal.damaged(key, "missing", null);
            }
            start = EnvelopeCodec.start(key, old);
        }
        store.put(batch, Table.ENVELOPE, key, EnvelopeCodec.seal(key, start, rewritten.content()));
    }

    void remove(Change.Step.Remove remove) throws RocksDBException, SpoolException {
        Envelope envelope = remove.envelope();
        store.delete(batch, Table.ENVELOPE, Keys.of(Table.ENVELOPE, envelope.id()));
        for (int i = 0; i < envelope.recipients().size(); i++) {
            store.delete(batch, Table.PROGRESS, Keys.progress(envelope.id(), i));
        }
        for (MessageId body : Evidence.bodies(envelope)) {
            release(body, envelope);
        }
        tally.leave(remove.states());
    }

    private void release(MessageId body, Envelope envelope) throws RocksDBException, SpoolException {
        int count = shares(body);
        if (count > 1) {
            setShares(body, count - 1);
            return;
        }
        Envelope.BodyRef ref = envelope.body();
        boolean received = body.equals(ref.owner());
        long size = received ? ref.size() : replaced(body);
        tally.octets(-size);
        store.delete(batch, Table.BODY, Keys.of(Table.BODY, body));
        if (!received || ref.file()) {
            doomed.add(body);
        }
    }

    /** Gives up a body whose envelope is unreadable. */
    void release(MessageId body) throws RocksDBException, SpoolException {
        byte[] key = Keys.of(Table.BODY, body);
        byte[] record = store.get(Table.BODY, key);
        int count = shares(body);
        if (record != null && count > 1) {
            setShares(body, count - 1);
        } else if (record != null) {
            store.delete(batch, Table.BODY, key);
            tally.octets(-BodyRecord.decode(key, record).size());
        }
    }

    private long replaced(MessageId body) throws RocksDBException, SpoolException {
        return body(body).size();
    }

    @Override
    public void close() {
        batch.close();
    }
}
