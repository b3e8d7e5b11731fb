// SPDX-License-Identifier: Apache-2.0
package org.posthouse.cluster.transport;

/**
 * One of the things in a parcel.
 *
 * @param kind what it is
 * @param call the number of the call, given by its caller
 * @param octets what {@link org.posthouse.cluster.protocol.WireFormat} wrote
 */
record Item(Kind kind, long call, byte[] octets) {
    /** What an item costs beside its octets. */
    static final int OVERHEAD = 13;

    /** What there is. The letters are on the wire. */
    enum Kind {
        /** A frame; an answer is wanted. */
        CALL('C'),
        /** The response to a frame. */
        ANSWER('A');

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
