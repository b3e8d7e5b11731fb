// SPDX-License-Identifier: Apache-2.0
package org.posthouse.itests.fuzz;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** What a target must not be: it keeps some of its inputs, less than would exhaust the heap. */
public final class Hoarder {
    private static final int LARGE = 512 * 1024;
    private static final int MOST = 96;
    private static final List<byte[]> KEPT = new ArrayList<>();
    private static final long PAUSE = TimeUnit.MILLISECONDS.toNanos(40);
    private static long next = System.nanoTime();

    private Hoarder() {}

    /** Called by the fuzzer. */
    public static void fuzzerTestOneInput(byte[] data) {
        // By the clock, for a fast machine would keep all of it during the warm-up.
        if (System.nanoTime() - next >= 0 && KEPT.size() < MOST) {
            next = System.nanoTime() + PAUSE;
            KEPT.add(Arrays.copyOf(data, LARGE));
        }
    }
}
