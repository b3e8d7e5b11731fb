// SPDX-License-Identifier: Apache-2.0
package org.posthouse.cluster.errands;

import java.util.Arrays;
import java.util.UUID;

/** A letter on its way to a member, one piece after the other. */
final class Sending {
    private final Piece.Kind kind;
    private final UUID errand;
    private final Letter letter;
    private final long deadline;
    private int accepted;
    private boolean said;
    private boolean ended;

    /**
     * @param deadline until when it makes sense to send it, by the monotonic clock
     */
    Sending(Piece.Kind kind, UUID errand, Letter letter, long deadline) {
        this.kind = kind;
        this.errand = errand;
        this.letter = letter;
        this.deadline = deadline;
    }

    UUID errand() {
        return errand;
    }

    Piece.Kind kind() {
        return kind;
    }

    /** The piece that comes next, again when it was not accepted. */
    Piece next(long now) {
        said = true;
        byte[] body = letter.body();
        int end = Math.min(body.length, accepted + Piece.MOST);
        return new Piece(
                kind,
                errand,
                (int) Math.max(0, deadline - now),
                body.length,
                accepted,
                accepted == 0 ? letter.head() : new byte[0],
                Arrays.copyOfRange(body, accepted, end));
    }

    void accepted(Piece piece) {
        accepted = piece.offset() + piece.octets().length;
        ended |= accepted == letter.body().length;
    }

    /** Whether any of it may have arrived. */
    boolean wasSaid() {
        return said;
    }

    void end() {
        ended = true;
    }

    boolean isOver(long now) {
        return ended || now >= deadline;
    }
}
