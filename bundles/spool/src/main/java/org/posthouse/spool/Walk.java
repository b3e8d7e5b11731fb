// SPDX-License-Identifier: Apache-2.0
package org.posthouse.spool;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.posthouse.spool.spi.MessageId;
import org.posthouse.spool.spi.Progress;
import org.posthouse.spool.spi.Spool;
import org.posthouse.spool.spi.SpoolException;
import org.rocksdb.RocksDBException;
import org.rocksdb.Snapshot;

/** A walk over all messages in order, envelopes and recipients side by side. */
final class Walk implements AutoCloseable {
    private final Store.Scan envelopes;
    private final Store.Scan progress;
    private boolean started;

    Walk(Store store, byte[] from, @Nullable Snapshot snapshot) {
        envelopes = store.scan(Table.ENVELOPE, from, null, snapshot);
        byte[] start = from.clone();
        start[0] = Table.PROGRESS.mark();
        progress = store.scan(Table.PROGRESS, start, null, snapshot);
    }

    /** Goes to the next message; false at the end. */
    boolean next() throws RocksDBException {
        if (started) {
            envelopes.next();
        }
        started = true;
        return envelopes.valid();
    }

    MessageId id() {
        return Keys.id(envelopes.key());
    }

    /** The message here. */
    Spool.Stored stored() throws RocksDBException, SpoolException {
        byte[] key = envelopes.key();
        Spool.Stored start = EnvelopeCodec.decode(key, envelopes.value());
        key[0] = Table.PROGRESS.mark();
        if (progress.valid() && Arrays.compareUnsigned(progress.key(), key) < 0) {
            progress.seek(key);
        }
        return merge(start, progress, key);
    }

    /** The message with the records that this scan, which stands at the first of them, has of its recipients. */
    static Spool.Stored merge(Spool.Stored start, Store.Scan scan, byte[] prefix)
            throws RocksDBException, SpoolException {
        List<Progress> all = null;
        while (scan.valid()) {
            byte[] key = scan.key();
            if (!Arrays.equals(key, 0, prefix.length, prefix, 0, prefix.length)) {
                break;
            }
            all = all == null ? new ArrayList<>(start.progress()) : all;
            place(all, ProgressCodec.decode(key, scan.value()));
            scan.next();
        }
        return all == null ? start : new Spool.Stored(start.envelope(), all);
    }

    /** Puts a record in the place of the one with the same number. */
    static void place(List<Progress> all, Progress progress) {
        int number = progress.recipient();
        if (number < all.size() && all.get(number).recipient() == number) {
            all.set(number, progress);
            return;
        }
        all.removeIf(p -> p.recipient() == number);
        all.add(progress);
    }

    @Override
    public void close() {
        envelopes.close();
        progress.close();
    }
}
