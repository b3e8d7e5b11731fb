// SPDX-License-Identifier: Apache-2.0
package org.posthouse.spool;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import org.posthouse.spool.spi.SpoolException;

/** The few platform threads that read for virtual ones. */
final class Readers implements AutoCloseable {
    private static final int THREADS = 3;

    private final Keeper keeper;
    private final ExecutorService threads = Executors.newFixedThreadPool(
            THREADS, Thread.ofPlatform().name("spool-read-", 1).daemon().factory());

    Readers(Keeper keeper) {
        this.keeper = keeper;
    }

    /** Reads on a platform thread while the caller waits; an interrupt does not end the wait, which is short. */
    <T> T call(Keeper.Task<T> task) throws SpoolException {
        try {
            return CompletableFuture.supplyAsync(() -> run(task), threads).join();
        } catch (RejectedExecutionException e) {
            throw new SpoolException(SpoolException.Kind.SICK, "The spool is closed", e);
        } catch (CompletionException e) {
            if (e.getCause() instanceof SpoolException known) {
                // A fresh one, so that the trace shows the caller too.
                throw new SpoolException(known.kind(), String.valueOf(known.getMessage()), known);
            }
            throw e;
        }
    }

    private <T> T run(Keeper.Task<T> task) {
        try {
            return keeper.use(task);
        } catch (SpoolException e) {
            throw new CompletionException(e);
        }
    }

    /** Runs something in the background, on one of the same threads. */
    void later(Runnable task) {
        try {
            threads.execute(task);
        } catch (RejectedExecutionException e) {
            // Closing; whatever it was is found again at the next start.
            return;
        }
    }

    @Override
    public void close() {
        threads.close();
    }
}
