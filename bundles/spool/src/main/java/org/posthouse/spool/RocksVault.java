// SPDX-License-Identifier: Apache-2.0
package org.posthouse.spool;

import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.posthouse.spool.spi.SpoolException;
import org.posthouse.spool.spi.Vault;
import org.rocksdb.RocksDBException;

/** The vault as a table of the spool's store. */
final class RocksVault implements Vault {
    private final Readers readers;
    private final Committer committer;
    private final InstantSource clock;
    private final DamagedRecords damaged;
    private final VaultSweep sweep;

    /**
     * A vault.
     *
     * @param later does something in the background
     */
    RocksVault(Readers readers, Committer committer, Aside aside, Consumer<Runnable> later, InstantSource clock) {
        this.readers = readers;
        this.committer = committer;
        this.clock = clock;
        this.damaged = new DamagedRecords(
                Table.VAULT, readers, committer, aside, later, raw -> VaultWrite.removal(List.of(raw)));
        this.sweep = new VaultSweep(committer, damaged::found, clock);
    }

    /** A key with the record under it. */
    record Raw(byte[] key, byte[] record) {}

    @Override
    public Optional<Item> get(String table, String key) throws SpoolException {
        byte[] octets = VaultCodec.key(table, key);
        byte[] record = readers.call(store -> Optional.ofNullable(store.get(Table.VAULT, octets)))
                .orElse(null);
        return record == null ? Optional.empty() : Optional.ofNullable(alive(new Raw(octets, record)));
    }

    private @Nullable Item alive(Raw raw) {
        try {
            Item item = VaultCodec.decode(raw.key(), raw.record());
            return item.expires().isAfter(clock.instant()) ? item : null;
        } catch (SpoolException e) {
            damaged.found(raw);
            return null;
        }
    }

    @Override
    public List<Item> scan(String table, String after, int most) throws SpoolException {
        byte[] prefix = VaultCodec.prefix(table);
        byte[] from = VaultCodec.key(table, after);
        List<Item> found = new ArrayList<>();
        for (Raw last = null; found.size() < most; ) {
            byte[] start = last == null ? from : last.key();
            boolean inclusive = last == null && after.isEmpty();
            List<Raw> page =
                    readers.call(store -> page(store, start, inclusive, Keys.behind(prefix), most - found.size()));
            if (page.isEmpty()) {
                break;
            }
            for (Raw raw : page) {
                Item item = alive(raw);
                if (item != null) {
                    found.add(item);
                }
            }
            last = page.get(page.size() - 1);
        }
        return found;
    }

    private static List<Raw> page(Store store, byte[] from, boolean inclusive, byte[] to, int most)
            throws RocksDBException {
        List<Raw> page = new ArrayList<>();
        try (Store.Scan scan = store.scan(Table.VAULT, from, to, null)) {
            if (!inclusive && scan.valid() && Arrays.equals(scan.key(), from)) {
                scan.next();
            }
            for (; page.size() < most && scan.valid(); scan.next()) {
                page.add(new Raw(scan.key(), scan.value()));
            }
        }
        return page;
    }

    @Override
    public Page walk(byte[] from, int most) throws SpoolException {
        byte[] start = from.length == 0 ? new byte[] {Table.VAULT.mark()} : from;
        List<Raw> raws = new ArrayList<>();
        byte[] next = readers.call(store -> {
            // What is read once must not push out what mail is read from.
            try (Store.Scan scan = store.scanOnce(Table.VAULT, start)) {
                for (; raws.size() < most && scan.valid(); scan.next()) {
                    raws.add(new Raw(scan.key(), scan.value()));
                }
                return scan.valid() ? scan.key() : new byte[0];
            }
        });
        List<Item> items = new ArrayList<>();
        for (Raw raw : raws) {
            Item item = alive(raw);
            if (item != null) {
                items.add(item);
            }
        }
        return new Page(items, next);
    }

    @Override
    public void write(List<Entry> entries, boolean synced) throws SpoolException {
        if (!entries.isEmpty()) {
            committer.commit(VaultWrite.of(entries, synced));
        }
    }

    @Override
    public Count counted(String prefix) {
        return sweep.counted(prefix);
    }

    /** Removes some of what is expired; called every second on a platform thread. */
    void sweep(Keeper keeper) {
        sweep.step(keeper);
    }
}
