// SPDX-License-Identifier: Apache-2.0
package org.posthouse.itests.fuzz;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

final class HeapWatchTest {
    private final AtomicLong clock = new AtomicLong();
    private final AtomicLong heap = new AtomicLong(50L << 20);
    private final List<Long> told = new ArrayList<>();
    private final HeapWatch watch = new HeapWatch(1000, clock::get, heap::get, told::add);

    private void pass(long nanos) {
        clock.addAndGet(nanos);
        watch.passed();
    }

    @Test
    void takesWhatComesDuringTheWarmUpForGranted() {
        pass(100);
        heap.addAndGet(30L << 20);
        pass(100);
        pass(100);
        heap.addAndGet(HeapWatch.MOST_GROWTH);
        pass(100);
        heap.addAndGet(-HeapWatch.MOST_GROWTH);
        pass(99);
        pass(1);
        assertEquals(List.of(0L, HeapWatch.MOST_GROWTH, 0L), told);
    }

    @Test
    void failsWhenTheHeapGrowsAfterwards() {
        pass(100);
        pass(100);
        pass(100);
        heap.addAndGet(HeapWatch.MOST_GROWTH + 1);
        AssertionError grown = assertThrows(AssertionError.class, () -> pass(100));
        assertEquals("the heap grew by 4096 kB since the warm-up", grown.getMessage());
    }

    @Test
    void seesWhatIsKeptAndNotWhatIsThrownAway() {
        HeapWatch real = new HeapWatch(1000, clock::get, HeapWatch::live, told::add);
        for (int i = 0; i < 6; i++) {
            waste();
            clock.addAndGet(100);
            real.passed();
        }
        byte[] kept = new byte[16 << 20];
        clock.addAndGet(100);
        assertThrows(AssertionError.class, real::passed);
        assertEquals(16 << 20, kept.length);
    }

    private static void waste() {
        byte[] thrownAway = new byte[16 << 20];
        assertEquals(0, thrownAway[1]);
    }
}
