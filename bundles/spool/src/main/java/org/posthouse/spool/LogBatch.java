// SPDX-License-Identifier: Apache-2.0
package org.posthouse.spool;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Reads a write batch as it stands in RocksDB's write-ahead log. */
final class LogBatch {
    /** Takes the changes of a batch; value is empty for a deletion. */
    interface Sink {
        void change(byte[] key, long sequence, int type, byte[] value);
    }

    static final int DELETION = 0;
    static final int VALUE = 1;
    private static final int LOG_DATA = 3;
    private static final int FAMILY_DELETION = 4;
    private static final int FAMILY_VALUE = 5;
    private static final int NOOP = 13;

    private LogBatch() {}

    /** Whether the whole batch was understood. */
    static boolean read(byte[] octets, Sink sink) {
        ByteBuffer in = ByteBuffer.wrap(octets).order(ByteOrder.LITTLE_ENDIAN);
        try {
            long sequence = in.getLong();
            in.getInt();
            while (in.hasRemaining()) {
                int tag = in.get();
                switch (tag) {
                    case LOG_DATA -> Wire.bytes(in);
                    case NOOP -> {}
                    case DELETION, VALUE -> change(in, tag, sequence++, sink);
                    case FAMILY_DELETION, FAMILY_VALUE -> {
                        Wire.number(in);
                        change(in, tag - FAMILY_DELETION, sequence++, sink);
                    }
                    default -> {
                        return false;
                    }
                }
            }
            return true;
        } catch (BufferUnderflowException | IllegalArgumentException e) {
            // The checksum was right, so this is a batch of another make: it counts as lost.
            return false;
        }
    }

    private static void change(ByteBuffer in, int type, long sequence, Sink sink) {
        byte[] key = Wire.bytes(in);
        sink.change(key, sequence, type, type == VALUE ? Wire.bytes(in) : new byte[0]);
    }
}
