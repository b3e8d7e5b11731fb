// SPDX-License-Identifier: Apache-2.0
package org.posthouse.outside.daemon;

import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SocketChannel;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends what takes too long by closing its socket.
 *
 * <p>A socket in the file system has no timeout of its own, and one way for both kinds is one way less to hang.
 */
public final class Watchdog implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Watchdog.class);

    private final ScheduledThreadPoolExecutor timer;
    private final Set<SocketChannel> working = ConcurrentHashMap.newKeySet();

    /** One whose thread has this name in front. */
    public Watchdog(String name) {
        timer = new ScheduledThreadPoolExecutor(
                1, Thread.ofPlatform().name(name + "-watchdog").daemon(true).factory());
        timer.setRemoveOnCancelPolicy(true);
    }

    /** Work on a socket. */
    @FunctionalInterface
    public interface Work<T> {
        T run() throws IOException;
    }

    /**
     * Does the work on a socket within this time.
     *
     * @throws SocketTimeoutException when it took longer; the socket is closed then
     */
    public <T> T within(long nanos, SocketChannel socket, Work<T> work) throws IOException {
        if (nanos <= 0) {
            throw new SocketTimeoutException("no time is left");
        }
        AtomicBoolean late = new AtomicBoolean();
        ScheduledFuture<?> end = timer(nanos, () -> {
            late.set(true);
            shut(socket);
        });
        working.add(socket);
        try {
            return work.run();
        } catch (ClosedByInterruptException e) {
            throw e;
        } catch (ClosedChannelException e) {
            if (late.get()) {
                SocketTimeoutException timeout =
                        new SocketTimeoutException("nothing within " + TimeUnit.NANOSECONDS.toMillis(nanos) + " ms");
                timeout.initCause(e);
                throw timeout;
            }
            throw e;
        } finally {
            working.remove(socket);
            end.cancel(false);
        }
    }

    private ScheduledFuture<?> timer(long nanos, Runnable work) throws IOException {
        try {
            return timer.schedule(work, nanos, TimeUnit.NANOSECONDS);
        } catch (RejectedExecutionException e) {
            throw new IOException("the plugin was stopped", e);
        }
    }

    private static void shut(SocketChannel socket) {
        try {
            socket.close();
        } catch (IOException e) {
            LOG.debug("closing an overdue socket", e);
        }
    }

    /** Ends the work that is being done now. */
    public void cut() {
        working.forEach(Watchdog::shut);
    }

    /** Nothing is watched any more, so nothing may go on. */
    @Override
    public void close() {
        timer.shutdownNow();
        cut();
    }
}
