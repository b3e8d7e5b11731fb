// SPDX-License-Identifier: Apache-2.0
package org.posthouse.cluster.transport;

/**
 * One of the things in a parcel.
 *
 * @param kind what it is
 * @param call the number of the call, given by its caller; 0 for cargo
 * @param octets what {@link org.posthouse.cluster.protocol.WireFormat} wrote, or cargo
 */
public record Item(Kind kind, long call, byte[] octets) {
    /** What an item costs beside its octets. */
    static final int OVERHEAD = 13;

    /** What there is. The letters are on the wire. */
    public enum Kind {
        /** A frame; an answer is wanted. */
        CALL('C'),
        /** The response to a frame. */
        ANSWER('A'),
        /** Octets of a body. */
        PIECE('P'),
        /** How far a body is there. */
        GOT('G'),
        /** An envelope. */
        ENVELOPE('E');

        private final char letter;

        Kind(char letter) {
            this.letter = letter;
        }

        char letter() {
            return letter;
        }
    }

    int size() {
        return OVERHEAD + octets.length;
    }
}
