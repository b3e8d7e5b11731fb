// SPDX-License-Identifier: Apache-2.0
package org.posthouse.spool;

import java.io.IOException;
import org.posthouse.spool.spi.MessageId;
import org.posthouse.spool.spi.SpoolException;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteBatch;

/**
 * Puts the records of the cluster right after a repair. What was lost must not look as if nobody else could have the
 * message: it would be delivered here and there.
 */
final class CustodyMend {
    private static final long BATCH = 1 << 20;

    private final Store store;
    private final Aside aside;

    CustodyMend(Store store, Aside aside) {
        this.store = store;
        this.aside = aside;
    }

    /**
     * Sets damaged records aside, and forgets all members: older votes may have come back with what was salvaged.
     *
     * @return whether there was any record, so that this is a node of a cluster
     */
    boolean mend(WriteBatch batch) throws RocksDBException, IOException {
        boolean any = false;
        try (Store.Scan scan = store.scan(Table.CUSTODY, new byte[] {Table.CUSTODY.mark()})) {
            for (; scan.valid(); scan.next()) {
                any = true;
                byte[] key = scan.key();
                if (CustodyCodec.ofMessage(key)) {
                    message(batch, key, scan.value());
                } else {
                    store.delete(batch, Table.CUSTODY, key);
                }
            }
        }
        return any;
    }

    private void message(WriteBatch batch, byte[] key, byte[] record) throws RocksDBException, IOException {
        try {
            Seal.open(key, record);
        } catch (SpoolException e) {
            aside.keep(Table.CUSTODY, new RocksVault.Raw(key, record), String.valueOf(e.getMessage()));
            store.put(batch, Table.CUSTODY, key, CustodyCodec.lost(key));
            if (batch.getDataSize() > BATCH) {
                store.fill(batch);
                batch.clear();
            }
        }
    }

    /** A message of a node of a cluster without a record: it was lost. */
    static void mark(Store store, WriteBatch batch, MessageId id) throws RocksDBException {
        byte[] key = CustodyCodec.key(id);
        if (store.get(Table.CUSTODY, key) == null) {
            store.put(batch, Table.CUSTODY, key, CustodyCodec.lost(key));
        }
    }
}
