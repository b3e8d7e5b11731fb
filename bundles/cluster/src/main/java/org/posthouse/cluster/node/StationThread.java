// SPDX-License-Identifier: Apache-2.0
package org.posthouse.cluster.node;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The one thread on which the protocol runs. What is given to it after its end is forgotten. */
final class StationThread implements Executor, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(StationThread.class);

    private final ScheduledThreadPoolExecutor thread;

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

    /** What this gives, made on the thread; waits for it. */
    <T> T make(Supplier<T> what) {
        return CompletableFuture.supplyAsync(what, thread).join();
    }

    /** Runs this again and again; once, not often, after the process was stopped for a while. */
    void every(long millis, Runnable task) {
        thread.scheduleWithFixedDelay(() -> run(task), millis, millis, TimeUnit.MILLISECONDS);
    }

    /** One frame that fails must not stop the clock of all. */
    private static void run(Runnable task) {
        try {
            task.run();
        } catch (RuntimeException | LinkageError e) {
            LOG.error("Cluster: the station failed at something and goes on", e);
        }
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }
}
