// SPDX-License-Identifier: Apache-2.0
package org.posthouse.spool;

import java.nio.ByteBuffer;
import org.posthouse.spool.spi.SpoolException;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteBatch;

/** The version of what is in the tables; a newer one is refused, never guessed at. */
final class Format {
    static final int VERSION = 1;

    private Format() {}

    static void check(Store store) throws RocksDBException {
        byte[] record = store.get(Table.META, Keys.FORMAT);
        if (record == null || !readable(record)) {
            write(store, VERSION);
            return;
        }
        int found = ByteBuffer.wrap(record).getInt(1);
        if (found > VERSION) {
            throw new IllegalStateException("The spool was written by a newer Posthouse (format " + found
                    + ", this one reads up to " + VERSION + "): start that version, or move the spool away");
        }
    }

    private static boolean readable(byte[] record) {
        try {
            return Seal.open(Keys.FORMAT, record).remaining() == 4;
        } catch (SpoolException e) {
            // A single damaged record of no more content than "1" is no reason to refuse the rest.
            return false;
        }
    }

    static void write(Store store, int version) throws RocksDBException {
        try (WriteBatch batch = new WriteBatch()) {
            byte[] content = ByteBuffer.allocate(4).putInt(version).array();
            store.put(batch, Table.META, Keys.FORMAT, Seal.seal(Keys.FORMAT, content));
            store.write(batch, true);
        }
    }
}
