// SPDX-License-Identifier: Apache-2.0
package org.posthouse.spool;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Reads a file in RocksDB's log format (write-ahead log or MANIFEST) without RocksDB: blocks of 32 kB with records of
 * checksum, length, type and octets. Tells a torn tail, which is normal after a power loss, from damage with good records
 * behind it.
 */
final class LogFile {
    /** Takes whole records. */
    interface Sink {
        void record(byte[] octets) throws IOException;
    }

    private static final int BLOCK = 32 << 10;
    private static final int HEADER = 7;
    private static final int FULL = 1;
    private static final int FIRST = 2;
    private static final int LAST = 4;

    private final Sink sink;
    private @Nullable ByteArrayOutputStream fragments;
    private long records;
    private long bad;
    private boolean inside;

    private LogFile(Sink sink) {
        this.sink = sink;
    }

    /**
     * What was found.
     *
     * @param records whole records
     * @param bad places that could not be read
     * @param inside whether good octets follow a bad place
     */
    record Outcome(long records, long bad, boolean inside) {}

    static Outcome read(Path file, Sink sink) throws IOException {
        LogFile log = new LogFile(sink);
        try (InputStream in = Files.newInputStream(file)) {
            byte[] block = new byte[BLOCK];
            for (int length = in.readNBytes(block, 0, BLOCK); length > 0; length = in.readNBytes(block, 0, BLOCK)) {
                log.block(ByteBuffer.wrap(block, 0, length).order(ByteOrder.LITTLE_ENDIAN));
            }
        }
        if (log.fragments != null) {
            log.bad++;
        }
        return new Outcome(log.records, log.bad, log.inside);
    }

    private void block(ByteBuffer block) throws IOException {
        int at = 0;
        while (block.limit() - at >= HEADER) {
            if (valid(block, at)) {
                int length = length(block, at);
                take(block, at, length);
                at += HEADER + length;
            } else if (empty(block, at)) {
                return;
            } else {
                lost();
                at = behind(block, at);
            }
        }
        if (!empty(block, at)) {
            lost();
        }
    }

    private static int length(ByteBuffer block, int at) {
        return Short.toUnsignedInt(block.getShort(at + 4));
    }

    private static boolean valid(ByteBuffer block, int at) {
        int length = length(block, at);
        int type = block.get(at + 6);
        if (type == 0 || length > block.limit() - at - HEADER) {
            return false;
        }
        return masked(block.array(), at + 6, length + 1) == block.getInt(at);
    }

    /** CRC32C as RocksDB stores it. */
    static int masked(byte[] octets, int offset, int length) {
        CRC32C crc = new CRC32C();
        crc.update(octets, offset, length);
        return Integer.rotateRight((int) crc.getValue(), 15) + 0xa282ead8;
    }

    private static boolean empty(ByteBuffer block, int at) {
        for (int i = at; i < block.limit(); i++) {
            if (block.get(i) != 0) {
                return false;
            }
        }
        return true;
    }

    private void lost() {
        bad++;
        fragments = null;
    }

    /** Where reading goes on behind a bad record: behind its length when that fits, else with the next block. */
    private int behind(ByteBuffer block, int at) {
        int next = at + HEADER + length(block, at);
        if (next + HEADER <= block.limit() && valid(block, next)) {
            return next;
        }
        // Good octets further on prove damage. They are not taken: mail could contain what looks like a record.
        for (int i = at + 1; !inside && i + HEADER <= block.limit(); i++) {
            inside = block.get(i + 6) >= FULL && block.get(i + 6) <= LAST && valid(block, i);
        }
        return block.limit();
    }

    private void take(ByteBuffer block, int at, int length) throws IOException {
        inside |= bad > 0;
        int type = block.get(at + 6);
        if (type == FULL || type == FIRST) {
            if (fragments != null) {
                lost();
            }
            fragments = new ByteArrayOutputStream(length);
        }
        if (type < FULL || type > LAST || fragments == null) {
            // Marks that later versions of RocksDB may write, or the rest of a record whose beginning is lost.
            return;
        }
        fragments.write(block.array(), at + HEADER, length);
        if (type == FULL || type == LAST) {
            byte[] whole = fragments.toByteArray();
            fragments = null;
            records++;
            sink.record(whole);
        }
    }
}
