// SPDX-License-Identifier: Apache-2.0
package org.posthouse.itests.fuzz;

import java.util.Locale;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;

/**
 * Compares what the heap holds after a collection, again and again until the end, with what it held after a warm-up: a parser
 * keeps nothing of its input.
 */
final class HeapWatch {
    /** After the warm-up targets were seen to shrink by 2 to 3 MB, as what made their classes is thrown away, and never to grow. */
    static final long MOST_GROWTH = 4L << 20;

    private static final int LOOKS = 10;
    private static final int WARM_UP = 3;

    private final LongSupplier nanos;
    private final LongSupplier heap;
    private final LongConsumer growth;
    private final long pause;
    private long next;
    private int looks;
    private long base;

    /**
     * Begins now.
     *
     * @param lasts how many nanoseconds there are until the end
     * @param heap how many octets live objects take
     * @param growth is told by how many they grew since the warm-up
     */
    HeapWatch(long lasts, LongSupplier nanos, LongSupplier heap, LongConsumer growth) {
        this.pause = lasts / LOOKS;
        this.nanos = nanos;
        this.heap = heap;
        this.growth = growth;
        this.next = nanos.getAsLong() + pause;
    }

    /** Called after each input: looks when it is time, and fails when the heap grew. */
    void passed() {
        long time = nanos.getAsLong();
        if (time - next < 0) {
            return;
        }
        // On a busy machine looks would else follow each other at once.
        next = time + pause;
        looks++;
        if (looks < WARM_UP) {
            return;
        }
        long now = heap.getAsLong();
        if (looks == WARM_UP) {
            base = now;
        }
        growth.accept(now - base);
        Claim.that(
                now - base <= MOST_GROWTH,
                () -> String.format(Locale.ROOT, "the heap grew by %d kB since the warm-up", (now - base) >> 10));
    }

    /** What live objects take in this JVM. */
    static long live() {
        Runtime runtime = Runtime.getRuntime();
        System.gc();
        return runtime.totalMemory() - runtime.freeMemory();
    }
}
