// SPDX-License-Identifier: Apache-2.0
package org.posthouse.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.URL;
import java.net.URLClassLoader;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

final class ClosersTest {
    @Test
    void aFewThreadsCloseAllHoweverManyBlock() throws Exception {
        try (URLClassLoader plugin = new URLClassLoader(new URL[0]);
                URLClassLoader other = new URLClassLoader(new URL[0])) {
            AtomicInteger inside = new AtomicInteger();
            CountDownLatch go = new CountDownLatch(1);
            CountDownLatch blocked = new CountDownLatch(Burden.MOST);
            CountDownLatch closed = new CountDownLatch(100);
            for (int i = 0; i < 100; i++) {
                assertTrue(Closers.of(plugin).submit(() -> {
                    inside.incrementAndGet();
                    blocked.countDown();
                    awaitQuietly(go);
                    closed.countDown();
                }));
            }
            assertTrue(blocked.await(10, TimeUnit.SECONDS));
            CountDownLatch elsewhere = new CountDownLatch(1);
            assertTrue(Closers.of(other).submit(elsewhere::countDown));
            assertTrue(elsewhere.await(10, TimeUnit.SECONDS), "who blocks holds up himself alone");
            assertEquals(Burden.MOST, inside.get());
            go.countDown();
            assertTrue(closed.await(10, TimeUnit.SECONDS), "what waited is closed as well");
        }
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
