// SPDX-License-Identifier: Apache-2.0
package org.posthouse.spool;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import org.posthouse.spool.spi.SpoolException;

/**
 * What the body table says of one body: the octets themselves, or that they are a file.
 *
 * @param octets the octets, or null when they are a file
 * @param size how many
 * @param checksum CRC32C of all
 */
record BodyRecord(byte @Nullable [] octets, long size, int checksum) {
    private static final int INLINE = 0;
    private static final int FILE = 1;

    boolean file() {
        return octets == null;
    }

    byte[] encode(byte[] key) {
        byte[] inline = octets;
        Wire out = new Wire(inline == null ? 24 : inline.length + 16);
        out.octet(inline == null ? FILE : INLINE).number(size).number(Integer.toUnsignedLong(checksum));
        return Seal.seal(key, (inline == null ? out : out.raw(inline, 0, inline.length)).array());
    }

    static BodyRecord decode(byte[] key, byte[] record) throws SpoolException {
        ByteBuffer in = Seal.open(key, record);
        try {
            int kind = in.get();
            long size = Wire.number(in);
            int checksum = (int) Wire.number(in);
            if (kind == FILE) {
                return new BodyRecord(null, size, checksum);
            }
            byte[] octets = new byte[Math.toIntExact(size)];
            in.get(octets);
            return new BodyRecord(octets, size, checksum);
        } catch (BufferUnderflowException | ArithmeticException | NegativeArraySizeException e) {
            throw Seal.damaged(key, "unreadable", e);
        }
    }
}
