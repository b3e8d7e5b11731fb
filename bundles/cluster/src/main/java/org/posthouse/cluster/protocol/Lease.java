// SPDX-License-Identifier: Apache-2.0
package org.posthouse.cluster.protocol;

/**
 * The right of a node to deliver mail that others also hold. It counts from when the renewal was sent, by both clocks:
 * the monotonic one knows nothing of a suspended machine, the wall clock may jump.
 */
public final class Lease {
    private final Clocks clocks;
    private final long length;
    private boolean granted;
    private long sentMonotonic;
    private long sentWall;

    Lease(Clocks clocks, long length) {
        this.clocks = clocks;
        this.length = length;
    }

    /** A majority acknowledged the renewal that was sent at these times. */
    void renewed(long monotonic, long wall) {
        if (!granted || monotonic >= sentMonotonic) {
            granted = true;
            sentMonotonic = monotonic;
            sentWall = wall;
        }
    }

    /** The node was fenced or has a new incarnation. */
    void lost() {
        granted = false;
    }

    /** Whether it holds now. A wall clock that stands before the renewal was set back, and tells nothing any more. */
    public boolean holds() {
        long wall = clocks.wall() - sentWall;
        return granted && clocks.monotonic() - sentMonotonic < length && wall >= 0 && wall < length;
    }
}
