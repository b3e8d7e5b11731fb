// SPDX-License-Identifier: Apache-2.0
package org.posthouse.spool;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.posthouse.spool.spi.Envelope;
import org.posthouse.spool.spi.MessageId;
import org.posthouse.spool.spi.SpoolException;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteBatch;

/** The raw records of one message, read without trusting any of them. */
final class Evidence {
    private final MessageId id;
    private final Map<String, byte[]> records = new LinkedHashMap<>();
    private final List<byte[]> progressKeys = new ArrayList<>();
    private final List<byte[]> dueKeys = new ArrayList<>();

    private Evidence(MessageId id) {
        this.id = id;
    }

    static Evidence of(Store store, MessageId id, boolean withDue) throws RocksDBException {
        Evidence evidence = new Evidence(id);
        byte[] envelope = store.get(Table.ENVELOPE, Keys.of(Table.ENVELOPE, id));
        if (envelope != null) {
            evidence.records.put("envelope.record", envelope);
        }
        evidence.body(store, id);
        evidence.progress(store);
        if (withDue) {
            evidence.due(store);
        }
        return evidence;
    }

    private void body(Store store, MessageId body) throws RocksDBException {
        byte[] key = Keys.of(Table.BODY, body);
        byte[] record = store.get(Table.BODY, key);
        if (record == null) {
            return;
        }
        try {
            byte[] octets = BodyRecord.decode(key, record).octets();
            records.put("body.eml", octets == null ? record : octets);
        } catch (SpoolException e) {
            // People may still read most of it.
            records.put("body.record", record);
        }
    }

    private void progress(Store store) throws RocksDBException {
        byte[] from = Keys.of(Table.PROGRESS, id);
        try (Store.Scan scan = store.scan(Table.PROGRESS, from, Keys.behind(from), null)) {
            for (; scan.valid(); scan.next()) {
                progressKeys.add(scan.key());
                records.put("recipient-" + Keys.recipient(scan.key()) + ".record", scan.value());
            }
        }
    }

    // Where the entry is can not be told from damaged records, so all are looked at; this is rare.
    private void due(Store store) throws RocksDBException {
        try (Store.Scan scan = store.scan(Table.DUE, new byte[] {Table.DUE.mark()})) {
            for (; scan.valid(); scan.next()) {
                if (Keys.due(scan.key()).id().equals(id)) {
                    dueKeys.add(scan.key());
                }
            }
        }
    }

    boolean nothing() {
        return records.isEmpty() && dueKeys.isEmpty();
    }

    Map<String, byte[]> records() {
        return records;
    }

    /** Removes what was found, but not the body. */
    void delete(Store store, WriteBatch batch) throws RocksDBException {
        store.delete(batch, Table.ENVELOPE, Keys.of(Table.ENVELOPE, id));
        for (byte[] key : progressKeys) {
            store.delete(batch, Table.PROGRESS, key);
        }
        for (byte[] key : dueKeys) {
            store.delete(batch, Table.DUE, key);
        }
    }

    /** Ids of the bodies an envelope needs: what was received, and what a hook wrote instead. */
    static List<MessageId> bodies(Envelope envelope) {
        Envelope.BodyRef ref = envelope.body();
        return ref.replacement().isEmpty()
                ? List.of(ref.owner())
                : List.of(ref.owner(), MessageId.parse(ref.replacement()));
    }
}
