// SPDX-License-Identifier: Apache-2.0
package org.posthouse.cluster.errands;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.UUID;

/**
 * A piece of a letter.
 *
 * @param kind whether the letter asks or answers
 * @param errand what it is about; the asker has given it this name
 * @param patience for how many milliseconds more the asker waits
 * @param total how many octets the whole body has
 * @param offset where in the body this piece begins
 * @param head what stands before the body; only in the first piece
 * @param octets the octets of the body
 */
record Piece(Kind kind, UUID errand, int patience, int total, int offset, byte[] head, byte[] octets) {
    /** No piece has more octets of the body. */
    static final int MOST = 256 * 1024;

    private static final int HEADER = 1 + 16 + 4 * 4;

    /** Which way it goes. The letters are on the wire. */
    enum Kind {
        /** From the asker. */
        REQUEST('Q'),
        /** To the asker. */
        REPLY('R');

        private final char letter;

        Kind(char letter) {
            this.letter = letter;
        }
    }

    boolean isFirst() {
        return offset == 0;
    }

    byte[] write() {
        return ByteBuffer.allocate(HEADER + head.length + octets.length)
                .put((byte) kind.letter)
                .putLong(errand.getMostSignificantBits())
                .putLong(errand.getLeastSignificantBits())
                .putInt(patience)
                .putInt(total)
                .putInt(offset)
                .putInt(head.length)
                .put(head)
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
            Kind kind = kind(in.get());
            UUID errand = new UUID(in.getLong(), in.getLong());
            int patience = in.getInt();
            int total = in.getInt();
            int offset = in.getInt();
            byte[] head = octets(in, in.getInt());
            byte[] octets = octets(in, in.remaining());
            if (patience < 0 || offset < 0 || octets.length > MOST || total - offset < octets.length) {
                throw new IllegalArgumentException("a piece from " + offset + " of " + total);
            }
            return new Piece(kind, errand, patience, total, offset, head, octets);
        } catch (BufferUnderflowException e) {
            throw new IllegalArgumentException("a piece that ends too early", e);
        }
    }

    private static Kind kind(byte letter) {
        for (Kind kind : Kind.values()) {
            if (kind.letter == letter) {
                return kind;
            }
        }
        throw new IllegalArgumentException("a piece of the unknown kind " + letter);
    }

    private static byte[] octets(ByteBuffer in, int length) {
        if (length < 0 || length > in.remaining()) {
            throw new IllegalArgumentException("a field of " + length + " octets");
        }
        byte[] octets = new byte[length];
        in.get(octets);
        return octets;
    }
}
