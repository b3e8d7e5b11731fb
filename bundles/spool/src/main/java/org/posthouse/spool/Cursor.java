// SPDX-License-Identifier: Apache-2.0
package org.posthouse.spool;

import java.io.IOException;
import java.util.Arrays;
import org.rocksdb.RocksDBException;

/** Versions of records in order: by key, the newest version of a key first. */
interface Cursor extends AutoCloseable, Comparable<Cursor> {
    /** Goes to the next version; false at the end. */
    boolean next() throws IOException, RocksDBException;

    /** The key here, without RocksDB's suffix. */
    byte[] key();

    /** Sequence number and kind as RocksDB packs them. */
    long packed();

    /** The value here; empty for a deletion. */
    byte[] value();

    /** Whether this version says that there is no such record. */
    default boolean deletion() {
        return (packed() & 0xFF) != LogBatch.VALUE;
    }

    @Override
    default int compareTo(Cursor other) {
        int byKey = Arrays.compareUnsigned(key(), other.key());
        return byKey != 0 ? byKey : Long.compareUnsigned(other.packed(), packed());
    }

    @Override
    void close() throws IOException;
}
