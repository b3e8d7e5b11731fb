// SPDX-License-Identifier: Apache-2.0
package org.posthouse.queue;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Virtual threads, bounded in number, that work through tasks in order; an idle crew has none. */
final class Crew {
    private static final Logger LOG = LoggerFactory.getLogger(Crew.class);

    private final int most;
    private final String name;
    private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    private final AtomicInteger running = new AtomicInteger();
    private volatile boolean open = true;

    Crew(String name, int most) {
        this.name = name;
        this.most = most;
    }

    /** Takes a task; false when the crew went home. Never blocks. */
    boolean submit(Runnable task) {
        if (!open) {
            return false;
        }
        tasks.add(task);
        hire();
        return true;
    }

    private void hire() {
        int now = running.get();
        while (now < most) {
            if (running.compareAndSet(now, now + 1)) {
                Thread.ofVirtual().name(name).start(this::work);
                return;
            }
            now = running.get();
        }
    }

    private void work() {
        for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
            try {
                task.run();
            } catch (RuntimeException | Error e) {
                // Also an Error, which the code of a plugin may throw: this place would be lost for good.
                LOG.error("A task of the {} failed", name, e);
            }
        }
        running.decrementAndGet();
        // A task may have come between the last look and the decrement, when all places were taken.
        if (!tasks.isEmpty()) {
            hire();
        }
    }

    /** Takes no more tasks; what was taken is still done. */
    void close() {
        open = false;
    }

    boolean idle() {
        return running.get() == 0 && tasks.isEmpty();
    }
}
