// SPDX-License-Identifier: Apache-2.0
package org.posthouse.cluster.protocol;

/**
 * A span that began when something was sent, and ends by the monotonic or by the wall clock, whichever is first, and as
 * soon as they do not agree: the monotonic one knows nothing of a machine that was suspended, and the wall clock may be
 * set back meanwhile by about as much. Can be asked on any thread.
 *
 * @param monotonic when it was sent by the monotonic clock
 * @param wall when it was sent by the wall clock
 * @param length how long it lasts
 */
public record Term(long monotonic, long wall, long length) {
    /** No span at all. */
    public static final Term NONE = new Term(0, 0, 0);

    /** Far more than two clocks of one machine drift apart in a span, or than there is between the reading of both. */
    private static final long DISAGREEMENT = 250;

    /** A span that begins now. */
    public static Term now(Clocks clocks, long length) {
        return new Term(clocks.monotonic(), clocks.wall(), length);
    }

    /** Whether it holds now. */
    public boolean holds(Clocks clocks) {
        long lasted = clocks.monotonic() - monotonic;
        long passed = clocks.wall() - wall;
        return lasted < length && passed < length && Math.abs(passed - lasted) <= DISAGREEMENT;
    }
}
