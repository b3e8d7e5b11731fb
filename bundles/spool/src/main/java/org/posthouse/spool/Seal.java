// SPDX-License-Identifier: Apache-2.0
package org.posthouse.spool;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;
import org.posthouse.spool.spi.SpoolException;

/** The frame of every record: a version in front, a checksum over key, version and content behind. */
final class Seal {
    static final byte VERSION = 1;

    private Seal() {}

    static byte[] seal(byte[] key, byte[] content) {
        ByteBuffer out = ByteBuffer.allocate(content.length + 5);
        out.put(VERSION).put(content);
        return out.putInt(checksum(key, out.array(), content.length + 1)).array();
    }

    /** The content of a record. */
    static ByteBuffer open(byte[] key, byte[] record) throws SpoolException {
        if (record.length < 5) {
            throw damaged(key, "too short", null);
        }
        int end = record.length - 4;
        if (ByteBuffer.wrap(record).getInt(end) != checksum(key, record, end)) {
            throw damaged(key, "wrong checksum", null);
        }
        if (record[0] != VERSION) {
            throw damaged(key, "unknown version " + record[0], null);
        }
        return ByteBuffer.wrap(record, 1, end - 1).slice();
    }

    static SpoolException damaged(byte[] key, String why, @Nullable Throwable cause) {
        String message = "Record " + Keys.name(key) + " is damaged: " + why;
        return cause == null
                ? new SpoolException(SpoolException.Kind.DAMAGED, message)
                : new SpoolException(SpoolException.Kind.DAMAGED, message, cause);
    }

    private static int checksum(byte[] key, byte[] record, int length) {
        CRC32C crc = new CRC32C();
        crc.update(key);
        crc.update(record, 0, length);
        return (int) crc.getValue();
    }
}
