// SPDX-License-Identifier: Apache-2.0
package org.posthouse.spool;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.PriorityQueue;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteBatch;

/**
 * Builds a new store from all that is readable in the files of a damaged one. Reads tables and logs itself, so that it
 * needs neither MANIFEST nor CURRENT, merges all versions of each record and keeps the newest, which may be its deletion.
 */
final class Salvage {
    /** The table that holds what the logs said while they are sorted. */
    static final String LOGGED = "logged";

    private static final long BATCH = 4 << 20;

    private final Path from;
    private final Path to;
    private final Settings settings;
    private long lostBlocks;
    private long lostLogs;
    private long kept;

    Salvage(Path from, Path to, Settings settings) {
        this.from = from;
        this.to = to;
        this.settings = settings;
    }

    /** Repairs what tables can not show. */
    interface Mend {
        void mend(Store store) throws RocksDBException, IOException;
    }

    /** Builds the new store, closed again and synced; tells what was lost. */
    String run(Mend mend) throws RocksDBException, IOException {
        delete(to);
        try (Store store = Store.open(to, settings, true)) {
            for (Path log : Inspection.files(from, "[0-9]+\\.log")) {
                collect(log, store);
            }
            merge(store);
            store.dropExtra();
            mend.mend(store);
            store.flush();
        }
        return kept + " records kept, " + lostBlocks + " blocks of tables and " + lostLogs
                + " places of logs unreadable";
    }

    private void collect(Path log, Store store) throws IOException {
        LogFile.Outcome outcome = LogFile.read(log, record -> {
            try (WriteBatch batch = new WriteBatch()) {
                boolean whole = LogBatch.read(
                        record, (key, sequence, type, value) -> add(store, batch, key, sequence << 8 | type, value));
                lostLogs += whole ? 0 : 1;
                store.fill(batch);
            } catch (RocksDBException e) {
                throw Trouble.of(e);
            }
        });
        lostLogs += outcome.bad();
    }

    private static void add(Store store, WriteBatch batch, byte[] key, long packed, byte[] value) {
        try {
            batch.put(store.extra(), LoggedCursor.composite(key, packed), value);
        } catch (RocksDBException e) {
            throw new IllegalStateException("A batch in memory failed", e);
        }
    }

    private void merge(Store store) throws IOException, RocksDBException {
        PriorityQueue<Cursor> cursors = new PriorityQueue<>();
        // Also those that are not in the queue when something fails: the store can not be closed under an iterator.
        List<Cursor> all = new ArrayList<>();
        try {
            for (Path table : Inspection.files(from, "[0-9]+\\.sst")) {
                all.add(new SstFile(table));
            }
            all.add(new LoggedCursor(store.scanExtra()));
            for (Cursor cursor : all) {
                start(cursor, cursors);
            }
            copy(cursors, store);
        } finally {
            for (Cursor cursor : all) {
                cursor.close();
            }
        }
    }

    private void start(Cursor cursor, PriorityQueue<Cursor> cursors) throws IOException, RocksDBException {
        if (cursor.next()) {
            cursors.add(cursor);
        } else {
            end(cursor);
        }
    }

    private void end(Cursor cursor) throws IOException {
        lostBlocks += cursor instanceof SstFile table ? table.bad() : 0;
        cursor.close();
    }

    private void copy(PriorityQueue<Cursor> cursors, Store store) throws IOException, RocksDBException {
        byte[] last = new byte[0];
        try (WriteBatch batch = new WriteBatch()) {
            for (Cursor cursor = cursors.poll(); cursor != null; cursor = cursors.poll()) {
                byte[] key = cursor.key();
                if (!Arrays.equals(key, last)) {
                    last = key;
                    keep(store, batch, cursor);
                }
                start(cursor, cursors);
            }
            store.fill(batch);
        }
    }

    private void keep(Store store, WriteBatch batch, Cursor cursor) throws RocksDBException {
        byte[] key = cursor.key();
        Table table = key.length == 0 ? null : SstFile.table(key[0]);
        if (cursor.deletion() || !wanted(table, key)) {
            return;
        }
        kept++;
        store.put(batch, Objects.requireNonNull(table), key, cursor.value());
        if (batch.getDataSize() > BATCH) {
            store.fill(batch);
            batch.clear();
        }
    }

    // The due index, the shares and the counts follow from the rest and are made anew.
    private static boolean wanted(@Nullable Table table, byte[] key) {
        return table != null
                && table != Table.DUE
                && table != Table.SHARE
                && !(table == Table.META && Arrays.equals(key, Keys.COUNTS));
    }

    static void delete(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            return;
        }
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }
}
