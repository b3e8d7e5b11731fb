// SPDX-License-Identifier: Apache-2.0
package org.posthouse.pipeline;

import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Map;
import java.util.Queue;
import java.util.WeakHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The threads that close what one plugin left in notes: a few, for its code may block; what they do not come to waits,
 * bounded.
 */
final class Closers {
    private static final int MOST = Burden.MOST;

    /** With more than so many it is looked whether one of them spins. */
    private static final int FEW = 4;

    private static final int MOST_WAITING = 10_000;
    private static final Map<ClassLoader, Closers> ALL = Collections.synchronizedMap(new WeakHashMap<>());

    private final Queue<Runnable> waiting = new ArrayDeque<>();
    private int running;

    private Closers() {}

    /** Those of the plugin that the class loader is of. */
    static Closers of(ClassLoader loader) {
        return ALL.computeIfAbsent(loader, l -> new Closers());
    }

    /** Takes a task that does not throw; false when too many wait. */
    synchronized boolean submit(Runnable task) {
        if (waiting.size() >= MOST_WAITING) {
            return false;
        }
        waiting.add(task);
        if (running < MOST) {
            running++;
            Thread thread = Thread.ofVirtual().name("notes").start(this::work);
            if (running > FEW) {
                // It may hold a carrier.
                Stragglers.watch(thread);
            }
        }
        return true;
    }

    private void work() {
        for (Runnable task = next(); task != null; task = next()) {
            task.run();
        }
    }

    private synchronized @Nullable Runnable next() {
        Runnable task = waiting.poll();
        if (task == null) {
            running--;
        }
        return task;
    }
}
