// SPDX-License-Identifier: Apache-2.0
package org.posthouse.spool;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;

/** The versions from the write-ahead logs, which a salvage has sorted by a table of its own. */
final class LoggedCursor implements Cursor {
    private final RocksIterator iterator;
    private boolean started;

    LoggedCursor(RocksIterator iterator) {
        this.iterator = iterator;
    }

    /** A key that sorts the newest version first. */
    static byte[] composite(byte[] key, long packed) {
        return ByteBuffer.allocate(key.length + 8).put(key).putLong(~packed).array();
    }

    @Override
    public boolean next() throws RocksDBException {
        if (started) {
            iterator.next();
        } else {
            iterator.seekToFirst();
            started = true;
        }
        iterator.status();
        return iterator.isValid();
    }

    @Override
    public byte[] key() {
        byte[] composite = iterator.key();
        return Arrays.copyOf(composite, composite.length - 8);
    }

    @Override
    public long packed() {
        byte[] composite = iterator.key();
        return ~ByteBuffer.wrap(composite).getLong(composite.length - 8);
    }

    @Override
    public byte[] value() {
        return iterator.value();
    }

    @Override
    public void close() {
        iterator.close();
    }
}
