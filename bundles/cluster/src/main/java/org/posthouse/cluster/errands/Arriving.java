// SPDX-License-Identifier: Apache-2.0
package org.posthouse.cluster.errands;

/** A letter whose pieces arrive, each perhaps more than once. */
final class Arriving {
    private final byte[] head;
    private final byte[] body;
    private int written;

    /** A letter that begins with its first piece. */
    Arriving(Piece first) {
        head = first.head();
        body = new byte[first.total()];
        add(first);
    }

    /** Whether the piece is part of this letter and was not missed before. */
    boolean add(Piece piece) {
        if (piece.total() != body.length || piece.offset() > written) {
            return false;
        }
        if (piece.offset() == written) {
            System.arraycopy(piece.octets(), 0, body, written, piece.octets().length);
            written += piece.octets().length;
        }
        return true;
    }

    boolean isWhole() {
        return written == body.length;
    }

    /** How much memory it takes. */
    int size() {
        return head.length + body.length;
    }

    Letter letter() {
        return new Letter(head, body);
    }
}
