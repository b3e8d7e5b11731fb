// SPDX-License-Identifier: Apache-2.0
package org.posthouse.spool;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.posthouse.spool.spi.MessageId;
import org.posthouse.spool.spi.Spool;
import org.posthouse.spool.spi.SpoolException;
import org.rocksdb.RocksDBException;

/** How messages and due entries are found. */
final class Queries {
    private Queries() {}

    static Optional<Spool.Stored> load(Store store, MessageId id) throws RocksDBException, SpoolException {
        byte[] key = Keys.of(Table.ENVELOPE, id);
        byte[] record = store.get(Table.ENVELOPE, key);
        if (record == null) {
            return Optional.empty();
        }
        Spool.Stored start = EnvelopeCodec.decode(key, record);
        key[0] = Table.PROGRESS.mark();
        // The bound keeps the scan from walking over what was deleted behind this message.
        try (Store.Scan scan = store.scan(Table.PROGRESS, key, Keys.behind(key), null)) {
            return Optional.of(Walk.merge(start, scan, key));
        }
    }

    static List<Spool.DueEntry> due(Store store, Spool.DueEntry from, int most) throws RocksDBException {
        List<Spool.DueEntry> found = new ArrayList<>();
        try (Store.Scan scan = store.scan(Table.DUE, Keys.due(from.due(), from.id()))) {
            for (; found.size() < most && scan.valid(); scan.next()) {
                found.add(Keys.due(scan.key()));
            }
        }
        return found;
    }

    /** A page of messages; damaged ones are left out and told. */
    static List<Spool.Stored> list(
            Store store, @Nullable MessageId after, int most, Map<MessageId, SpoolException> damaged)
            throws RocksDBException {
        byte[] from = after == null ? new byte[] {Table.ENVELOPE.mark()} : Keys.of(Table.ENVELOPE, after);
        List<Spool.Stored> found = new ArrayList<>();
        try (Walk walk = new Walk(store, from, null)) {
            while (found.size() < most && walk.next()) {
                if (walk.id().equals(after)) {
                    continue;
                }
                try {
                    found.add(walk.stored());
                } catch (SpoolException e) {
                    damaged.put(walk.id(), e);
                }
            }
        }
        return found;
    }
}
