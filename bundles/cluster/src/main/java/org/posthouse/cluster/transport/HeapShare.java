// SPDX-License-Identifier: Apache-2.0
package org.posthouse.cluster.transport;

/**
 * How much may wait somewhere. What waits for all members and of all members is bounded by a part of the heap: when a net
 * that comes and goes fills every place at once, the server must still have room to work.
 */
final class HeapShare {
    private static final long LEAST = 4L << 20;

    private HeapShare() {}

    /**
     * A part of the greatest heap.
     *
     * @param part the divisor
     * @param most never more octets than this
     */
    static long of(int part, long most) {
        return of(Runtime.getRuntime().maxMemory(), part, most);
    }

    static long of(long heap, int part, long most) {
        return Math.min(most, Math.max(LEAST, heap / part));
    }
}
