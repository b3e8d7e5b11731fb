// SPDX-License-Identifier: Apache-2.0
package org.posthouse.spool;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.posthouse.spool.spi.Envelope;
import org.posthouse.spool.spi.MessageId;
import org.posthouse.spool.spi.Progress;
import org.posthouse.spool.spi.Spool;
import org.posthouse.spool.spi.SpoolException;
import org.posthouse.spool.spi.State;
import org.rocksdb.RocksDBException;
import org.rocksdb.Snapshot;
import org.rocksdb.WriteBatch;

/**
 * Goes through all messages after a repair: sets aside what is not whole, and makes anew what follows from the rest: the
 * due index, the shares of bodies and the counts.
 */
final class Census {
    private static final long BATCH = 1 << 20;

    private record Shared(int count, long size) {}

    private final Store store;
    private final BodyFiles files;
    private final Aside aside;
    private final Tally tally = new Tally();
    private final Map<MessageId, Shared> shared = new HashMap<>();
    private final Map<MessageId, String> damaged = new LinkedHashMap<>();

    Census(Store store, BodyFiles files, Aside aside) {
        this.store = store;
        this.files = files;
        this.aside = aside;
    }

    void mend() throws RocksDBException, IOException {
        try (WriteBatch batch = new WriteBatch()) {
            vault(batch);
            boolean clustered = new CustodyMend(store, aside).mend(batch);
            messages(batch, clustered);
            for (Map.Entry<MessageId, String> entry : damaged.entrySet()) {
                Evidence evidence = Evidence.of(store, entry.getKey(), false);
                aside.keep(entry.getKey(), evidence.records(), List.of(), entry.getValue());
                evidence.delete(store, batch);
            }
            store.fill(batch);
            batch.clear();
            shares(batch);
            orphans(batch);
            store.put(batch, Table.META, Keys.COUNTS, tally.encode());
            store.fill(batch);
        }
    }

    private void vault(WriteBatch batch) throws RocksDBException, IOException {
        try (Store.Scan scan = store.scan(Table.VAULT, new byte[] {Table.VAULT.mark()})) {
            for (; scan.valid(); scan.next()) {
                byte[] key = scan.key();
                byte[] record = scan.value();
                try {
                    VaultCodec.decode(key, record);
                } catch (SpoolException e) {
                    aside.keep(Table.VAULT, new RocksVault.Raw(key, record), String.valueOf(e.getMessage()));
                    store.delete(batch, Table.VAULT, key);
                }
            }
        }
    }

    private void messages(WriteBatch batch, boolean clustered) throws RocksDBException {
        try (Walk walk = new Walk(store, new byte[] {Table.ENVELOPE.mark()}, null)) {
            while (walk.next()) {
                try {
                    message(walk.stored(), batch);
                    if (clustered) {
                        CustodyMend.mark(store, batch, walk.id());
                    }
                } catch (SpoolException e) {
                    damaged.put(walk.id(), String.valueOf(e.getMessage()));
                }
            }
        }
    }

    private void message(Spool.Stored stored, WriteBatch batch) throws RocksDBException, SpoolException {
        Envelope envelope = stored.envelope();
        Map<MessageId, Long> sizes = new LinkedHashMap<>();
        for (MessageId body : Evidence.bodies(envelope)) {
            sizes.put(body, size(body));
        }
        sizes.forEach((body, size) -> {
            boolean own = body.equals(envelope.id());
            boolean known = !own && shared.containsKey(body);
            tally.octets(known ? 0 : size);
            if (!own) {
                shared.merge(body, new Shared(1, size), (a, b) -> new Shared(a.count() + 1, size));
            }
        });
        tally.enter(stored.progress());
        Instant due = due(stored.progress());
        if (due != null) {
            store.put(batch, Table.DUE, Keys.due(due, envelope.id()), new byte[0]);
        }
        if (batch.getDataSize() > BATCH) {
            store.fill(batch);
            batch.clear();
        }
    }

    /** When the first recipient that waits is due; null when none waits. */
    static @Nullable Instant due(List<Progress> all) {
        Instant first = null;
        for (Progress p : all) {
            boolean waits = !p.state().ended() && p.state() != State.HELD;
            if (waits && (first == null || p.due().isBefore(first))) {
                first = p.due();
            }
        }
        return first;
    }

    private long size(MessageId body) throws RocksDBException, SpoolException {
        byte[] key = Keys.of(Table.BODY, body);
        byte[] record = store.get(Table.BODY, key);
        if (record == null) {
            throw Seal.damaged(key, "missing", null);
        }
        BodyRecord found = BodyRecord.decode(key, record);
        Path path = files.path(body);
        try {
            if (found.file() && Files.size(path) != found.size()) {
                throw Seal.damaged(key, "the file has another size", null);
            }
        } catch (SpoolException e) {
            throw e;
        } catch (IOException e) {
            throw Seal.damaged(key, "the file is missing", e);
        }
        return found.size();
    }

    private void shares(WriteBatch batch) throws RocksDBException {
        for (Map.Entry<MessageId, Shared> entry : shared.entrySet()) {
            int count = entry.getValue().count();
            if (owns(entry.getKey())) {
                tally.octets(-entry.getValue().size());
                count++;
            }
            if (count > 1) {
                byte[] key = Keys.of(Table.SHARE, entry.getKey());
                store.put(batch, Table.SHARE, key, Round.share(key, count));
            }
        }
    }

    private boolean owns(MessageId body) throws RocksDBException {
        byte[] key = Keys.of(Table.ENVELOPE, body);
        byte[] record = store.get(Table.ENVELOPE, key);
        if (record == null) {
            return false;
        }
        try {
            return EnvelopeCodec.decode(key, record).envelope().body().owner().equals(body);
        } catch (SpoolException e) {
            // Set aside a moment ago.
            return false;
        }
    }

    // A body whose envelope is lost is still somebody's mail: people get it, the spool can not deliver it.
    private void orphans(WriteBatch batch) throws RocksDBException, IOException {
        try (Store.Scan scan = store.scan(Table.BODY, new byte[] {Table.BODY.mark()})) {
            for (; scan.valid(); scan.next()) {
                MessageId body = Keys.id(scan.key());
                if (!shared.containsKey(body) && !owns(body)) {
                    aside.keep(
                            body,
                            Evidence.of(store, body, false).records(),
                            List.of(files.path(body)),
                            "The body is left without an envelope");
                    store.delete(batch, Table.BODY, scan.key());
                }
            }
        }
    }

    /** Counts all messages as they were at the snapshot, and the octets received that they have. */
    static Tally count(Store store, @Nullable Snapshot snapshot) throws RocksDBException {
        Tally tally = new Tally();
        Set<MessageId> seen = new HashSet<>();
        try (Walk walk = new Walk(store, new byte[] {Table.ENVELOPE.mark()}, snapshot)) {
            while (walk.next()) {
                try {
                    Spool.Stored stored = walk.stored();
                    Envelope.BodyRef body = stored.envelope().body();
                    tally.enter(stored.progress());
                    // Only shared bodies need to be remembered: a body of its own is met once.
                    boolean own = body.owner().equals(stored.envelope().id());
                    boolean first = own ? !seen.contains(body.owner()) : seen.add(body.owner());
                    tally.octets(first ? body.size() : 0);
                } catch (SpoolException e) {
                    // Found again, and set aside, by whoever reads it next.
                    continue;
                }
            }
        }
        return tally;
    }
}
