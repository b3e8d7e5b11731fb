// SPDX-License-Identifier: Apache-2.0
package org.posthouse.cluster.cargo;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import org.posthouse.spool.spi.MessageId;

/**
 * A piece of a body.
 *
 * @param body the id under which it is kept
 * @param offset where the piece begins
 * @param total how many octets the whole body has
 * @param octets its octets
 */
record Piece(MessageId body, long offset, long total, byte[] octets) {
    /** No piece is larger; so much of a body is in memory at each end. */
    static final int MOST = 256 * 1024;

    private static final int HEADER = 32;

    byte[] write() {
        return ByteBuffer.allocate(HEADER + octets.length)
                .put(body.bytes())
                .putLong(offset)
                .putLong(total)
                .put(octets)
                .array();
    }

    /**
     * Reads a piece.
     *
     * @throws IllegalArgumentException when it is none
     */
    static Piece read(byte[] written) {
        try {
            ByteBuffer in = ByteBuffer.wrap(written);
            MessageId body = MessageId.read(in);
            long offset = in.getLong();
            long total = in.getLong();
            byte[] octets = new byte[in.remaining()];
            in.get(octets);
            if (offset < 0 || total < offset + octets.length) {
                throw new IllegalArgumentException("a piece from " + offset + " of " + total);
            }
            return new Piece(body, offset, total, octets);
        } catch (BufferUnderflowException e) {
            throw new IllegalArgumentException("a piece without its header", e);
        }
    }
}
