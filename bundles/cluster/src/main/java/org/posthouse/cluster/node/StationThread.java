// SPDX-License-Identifier: Apache-2.0
package org.posthouse.cluster.node;

import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.posthouse.cluster.protocol.Stage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The thread on which the protocol runs; others may come in between for a moment. What is given to it after its end is
 * forgotten.
 */
final class StationThread implements Stage, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(StationThread.class);

    private final ScheduledThreadPoolExecutor thread;
    private final ReentrantLock lock = new ReentrantLock();

    StationThread() {
        thread = new ScheduledThreadPoolExecutor(
                1,
                task -> Thread.ofPlatform().daemon().name("posthouse-cluster").unstarted(task),
                (task, closed) -> LOG.trace("Cluster: the station has closed"));
        thread.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    }

    @Override
    public void execute(Runnable task) {
        thread.execute(() -> run(task));
    }

    @Override
    public <T> T enter(Supplier<T> what) {
        lock.lock();
        try {
            return what.get();
        } finally {
            lock.unlock();
        }
    }

    /** Runs this again and again; once, not often, after the process was stopped for a while. */
    void every(long millis, Runnable task) {
        thread.scheduleWithFixedDelay(() -> run(task), millis, millis, TimeUnit.MILLISECONDS);
    }

    /** One frame that fails must not stop the clock of all. */
    private void run(Runnable task) {
        lock.lock();
        try {
            task.run();
        } catch (RuntimeException | LinkageError e) {
            LOG.error("Cluster: the station failed at something and goes on", e);
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }
}
