// SPDX-License-Identifier: Apache-2.0
package org.posthouse.cluster.protocol;

/**
 * A span that began when something was sent, and ends by the monotonic or by the wall clock, whichever is first. Can be
 * asked on any thread.
 *
 * @param monotonic when it was sent by the monotonic clock
 * @param wall when it was sent by the wall clock
 * @param length how long it lasts
 */
public record Term(long monotonic, long wall, long length) {
    /** No span at all. */
    public static final Term NONE = new Term(0, 0, 0);

    /** A span that begins now. */
    public static Term now(Clocks clocks, long length) {
        return new Term(clocks.monotonic(), clocks.wall(), length);
    }

    /** Whether it holds now. A wall clock that stands before the beginning was set back, and tells nothing any more. */
    public boolean holds(Clocks clocks) {
        long passed = clocks.wall() - wall;
        return clocks.monotonic() - monotonic < length && passed >= 0 && passed < length;
    }
}
