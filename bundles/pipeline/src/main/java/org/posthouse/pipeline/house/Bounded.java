// SPDX-License-Identifier: Apache-2.0
package org.posthouse.pipeline.house;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.posthouse.pipeline.spi.HookScope;

/**
 * Runs what may run code of a plugin (constructors, activators) on a thread of its own, in the scope of the caller, and does
 * not wait forever.
 */
final class Bounded {
    private Bounded() {}

    static <T> T call(String what, Duration limit, Callable<T> work) throws HouseException {
        HookScope scope = HookScope.now();
        FutureTask<T> task = new FutureTask<>(
                scope == null
                        ? work
                        : () -> {
                            HookScope.Closing entered = scope.enter();
                            try {
                                return work.call();
                            } finally {
                                entered.close();
                            }
                        });
        Thread thread = Thread.ofPlatform().daemon().name("plugin " + what).start(task);
        try {
            return task.get(limit.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            thread.interrupt();
            throw new HouseException(what + " took longer than " + limit.toSeconds() + " s", e);
        } catch (ExecutionException e) {
            Throwable cause = e.getCause();
            if (cause instanceof HouseException known) {
                throw known;
            }
            throw new HouseException(what + " failed: " + (cause == null ? e : cause), cause);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new HouseException(what + " was interrupted", e);
        }
    }
}
