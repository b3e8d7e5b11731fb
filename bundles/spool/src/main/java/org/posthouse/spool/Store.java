// SPDX-License-Identifier: Apache-2.0
package org.posthouse.spool;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.FlushOptions;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.Slice;
import org.rocksdb.Snapshot;
import org.rocksdb.WriteBatch;
import org.rocksdb.WriteOptions;

/**
 * RocksDB while it is open. Never called on a virtual thread: a call into native code pins its carrier, and on two
 * carriers everything else would starve.
 */
final class Store implements AutoCloseable {
    private final StoreOptions options;
    private final RocksDB database;
    private final List<ColumnFamilyHandle> handles;
    private final Map<Table, ColumnFamilyHandle> tables = new EnumMap<>(Table.class);
    private final ReadOptions reading = new ReadOptions().setVerifyChecksums(true);
    private final WriteOptions synced = new WriteOptions().setSync(true);
    private final WriteOptions unsynced = new WriteOptions().setSync(false);
    private final WriteOptions unlogged = new WriteOptions().setDisableWAL(true);

    private Store(StoreOptions options, RocksDB database, List<ColumnFamilyHandle> handles) {
        this.options = options;
        this.database = database;
        this.handles = handles;
        for (Table table : Table.values()) {
            tables.put(table, handles.get(table.ordinal() + 1));
        }
    }

    static Store open(Path folder, Settings settings) throws RocksDBException {
        return open(folder, settings, false);
    }

    static Store open(Path folder, Settings settings, boolean salvage) throws RocksDBException {
        StoreOptions options = new StoreOptions(settings, salvage);
        List<ColumnFamilyHandle> handles = new ArrayList<>();
        try {
            RocksDB database = RocksDB.open(options.database(), folder.toString(), options.families(), handles);
            return new Store(options, database, handles);
        } catch (RocksDBException e) {
            options.close();
            throw e;
        }
    }

    private ColumnFamilyHandle handle(Table table) {
        ColumnFamilyHandle handle = tables.get(table);
        if (handle == null) {
            throw new IllegalStateException("No table " + table);
        }
        return handle;
    }

    byte @Nullable [] get(Table table, byte[] key) throws RocksDBException {
        return database.get(handle(table), reading, key);
    }

    void put(WriteBatch batch, Table table, byte[] key, byte[] value) throws RocksDBException {
        batch.put(handle(table), key, value);
    }

    void delete(WriteBatch batch, Table table, byte[] key) throws RocksDBException {
        batch.delete(handle(table), key);
    }

    void write(WriteBatch batch, boolean sync) throws RocksDBException {
        database.write(sync ? synced : unsynced, batch);
    }

    /** Writes what only a later {@link #flush()} makes durable. */
    void fill(WriteBatch batch) throws RocksDBException {
        database.write(unlogged, batch);
    }

    /** Everything written so far is in tables and synced. */
    void flush() throws RocksDBException {
        try (FlushOptions flush = new FlushOptions().setWaitForFlush(true)) {
            // Without the table of a salvage, which is dropped by then.
            database.flush(flush, handles.subList(0, Table.values().length + 1));
        }
    }

    /** The column family that only a salvage has. */
    ColumnFamilyHandle extra() {
        return handles.get(handles.size() - 1);
    }

    void dropExtra() throws RocksDBException {
        database.dropColumnFamily(extra());
    }

    RocksIterator scanExtra() {
        return database.newIterator(extra(), reading);
    }

    Snapshot snapshot() {
        return database.getSnapshot();
    }

    void release(Snapshot snapshot) {
        database.releaseSnapshot(snapshot);
    }

    Scan scan(Table table, byte[] from) {
        return scan(table, from, null, null);
    }

    /** Records from one key (inclusive) to another (exclusive), as they are now or were at the snapshot. */
    Scan scan(Table table, byte[] from, byte @Nullable [] to, @Nullable Snapshot snapshot) {
        return new Scan(handle(table), from, to, snapshot, true);
    }

    /** Records from a key on, read past the cache of blocks. */
    Scan scanOnce(Table table, byte[] from) {
        return new Scan(handle(table), from, null, null, false);
    }

    @Override
    public void close() {
        reading.close();
        synced.close();
        unsynced.close();
        unlogged.close();
        handles.forEach(ColumnFamilyHandle::close);
        database.close();
        options.close();
    }

    /** A walk over records in the order of their keys. */
    final class Scan implements AutoCloseable {
        private final ReadOptions options = new ReadOptions().setVerifyChecksums(true);
        private final @Nullable Slice bound;
        private final RocksIterator iterator;

        private Scan(
                ColumnFamilyHandle handle,
                byte[] from,
                byte @Nullable [] to,
                @Nullable Snapshot snapshot,
                boolean fillCache) {
            options.setFillCache(fillCache);
            bound = to == null ? null : new Slice(to);
            if (bound != null) {
                options.setIterateUpperBound(bound);
            }
            if (snapshot != null) {
                options.setSnapshot(snapshot);
            }
            iterator = database.newIterator(handle, options);
            iterator.seek(from);
        }

        /** Whether there is a record here; an error of the store is thrown, never taken for the end. */
        boolean valid() throws RocksDBException {
            if (iterator.isValid()) {
                return true;
            }
            iterator.status();
            return false;
        }

        void next() {
            iterator.next();
        }

        void seek(byte[] key) {
            iterator.seek(key);
        }

        byte[] key() {
            return iterator.key();
        }

        byte[] value() {
            return iterator.value();
        }

        @Override
        public void close() {
            iterator.close();
            options.close();
            if (bound != null) {
                bound.close();
            }
        }
    }
}
