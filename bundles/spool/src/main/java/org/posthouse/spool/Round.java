// SPDX-License-Identifier: Apache-2.0
package org.posthouse.spool;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.posthouse.spool.spi.Change;
import org.posthouse.spool.spi.Envelope;
import org.posthouse.spool.spi.MessageId;
import org.posthouse.spool.spi.SpoolException;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteBatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One batch while it is put together; knows what earlier changes of the same batch did. */
final class Round implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Round.class);

    private final Store store;
    private final WriteBatch batch = new WriteBatch();
    private final List<MessageId> doomed = new ArrayList<>();
    private final Map<MessageId, Integer> shares = new HashMap<>();
    private final Map<MessageId, byte[]> starts = new HashMap<>();
    private final Map<MessageId, BodyRecord> bodies = new HashMap<>();
    private final Set<MessageId> removed = new HashSet<>();
    private final Set<ByteBuffer> touched = new HashSet<>();
    private final Deque<Runnable> undo = new ArrayDeque<>();
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

    /** Remembers that this batch writes the record; also when that is taken back, which costs nothing but a later sweep. */
    void touched(byte[] key) {
        touched.add(ByteBuffer.wrap(key));
    }

    boolean isTouched(byte[] key) {
        return touched.contains(ByteBuffer.wrap(key));
    }

    /** Applies an action whole or not at all. */
    void apply(Action action) throws RocksDBException, SpoolException {
        Tally untouched = tally.copy();
        int doomedUntouched = doomed.size();
        undo.clear();
        batch.setSavePoint();
        try {
            action.apply(this);
            batch.popSavePoint();
        } catch (SpoolException e) {
            batch.rollbackToSavePoint();
            tally = untouched;
            undo.forEach(Runnable::run);
            doomed.subList(doomedUntouched, doomed.size()).clear();
            throw e;
        }
    }

    /** Remembers something for the later changes of this batch, unless this one is taken back. */
    private <T> void remember(Map<MessageId, T> map, MessageId id, T value) {
        T old = map.put(id, value);
        undo.push(() -> {
            if (old == null) {
                map.remove(id);
            } else {
                map.put(id, old);
            }
        });
    }

    void store(Prepared.NewMessage message) throws RocksDBException, SpoolException {
        Envelope envelope = message.envelope();
        for (MessageId body : Evidence.bodies(envelope)) {
            Prepared.NewBody fresh = message.bodies().get(body);
            if (fresh != null && !shares.containsKey(body)) {
                remember(shares, body, 1);
                store.put(batch, Table.BODY, fresh.key(), fresh.encoded());
                remember(bodies, body, fresh.record());
                tally.octets(fresh.record().size());
            } else {
                share(body);
            }
        }
        store.put(batch, Table.ENVELOPE, message.key(), message.encoded());
        remember(starts, envelope.id(), message.start());
        tally.enter(message.initial());
    }

    private void share(MessageId body) throws RocksDBException, SpoolException {
        int count = shares(body);
        if (count == 0) {
            throw Seal.damaged(Keys.of(Table.BODY, body), "missing", null);
        }
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
        remember(shares, body, count);
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
        if (!exists(envelope.id())) {
            // Removed before, by whoever set it aside: twice would take a shared body away from another message.
            return;
        }
        removed.add(envelope.id());
        undo.push(() -> removed.remove(envelope.id()));
        store.delete(batch, Table.ENVELOPE, Keys.of(Table.ENVELOPE, envelope.id()));
        for (int i = 0; i < envelope.recipients().size(); i++) {
            store.delete(batch, Table.PROGRESS, Keys.progress(envelope.id(), i));
        }
        for (MessageId body : Evidence.bodies(envelope)) {
            release(body, envelope);
        }
        tally.leave(remove.states());
    }

    private boolean exists(MessageId id) throws RocksDBException {
        return !removed.contains(id)
                && (starts.containsKey(id) || store.get(Table.ENVELOPE, Keys.of(Table.ENVELOPE, id)) != null);
    }

    private void release(MessageId body, Envelope envelope) throws RocksDBException {
        int count = sharesOrOne(body);
        if (count > 1) {
            setShares(body, count - 1);
            return;
        }
        Envelope.BodyRef ref = envelope.body();
        boolean received = body.equals(ref.owner());
        long size = received ? ref.size() : size(body);
        tally.octets(-size);
        remember(shares, body, 0);
        store.delete(batch, Table.BODY, Keys.of(Table.BODY, body));
        if (!received || ref.file()) {
            doomed.add(body);
        }
    }

    /** Gives up a body whose envelope is unreadable. */
    void release(MessageId body) throws RocksDBException {
        byte[] key = Keys.of(Table.BODY, body);
        byte[] record = store.get(Table.BODY, key);
        int count = sharesOrOne(body);
        if (record != null && count > 1) {
            setShares(body, count - 1);
        } else if (record != null) {
            tally.octets(-size(body));
            remember(shares, body, 0);
            store.delete(batch, Table.BODY, key);
        }
    }

    // What is removed may be damaged itself, and then must not stay for ever.
    private int sharesOrOne(MessageId body) throws RocksDBException {
        try {
            return shares(body);
        } catch (SpoolException e) {
            LOG.error("Whether body {} is shared can not be told; it stays for those that may need it", body, e);
            return 2;
        }
    }

    private long size(MessageId body) throws RocksDBException {
        try {
            return body(body).size();
        } catch (SpoolException e) {
            LOG.debug("The size of body {} is not known any more", body, e);
            return 0;
        }
    }

    @Override
    public void close() {
        batch.close();
    }
}
