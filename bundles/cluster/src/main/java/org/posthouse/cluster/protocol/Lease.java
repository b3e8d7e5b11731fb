// SPDX-License-Identifier: Apache-2.0
package org.posthouse.cluster.protocol;

/**
 * The right of a node to deliver mail that others also hold. It counts from when the renewal was sent, by both clocks
 * ({@link Term}).
 */
public final class Lease {
    private final Clocks clocks;
    private final long length;
    private Term term = Term.NONE;

    Lease(Clocks clocks, long length) {
        this.clocks = clocks;
        this.length = length;
    }

    /** A majority acknowledged the renewal that was sent at these times. */
    void renewed(long monotonic, long wall) {
        if (term.length() == 0 || monotonic >= term.monotonic()) {
            term = new Term(monotonic, wall, length);
        }
    }

    /** The node was fenced or has a new incarnation. */
    void lost() {
        term = Term.NONE;
    }

    /** Whether it holds now. */
    public boolean holds() {
        return term.holds(clocks);
    }
}
