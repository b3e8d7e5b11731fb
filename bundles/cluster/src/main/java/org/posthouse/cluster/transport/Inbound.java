// SPDX-License-Identifier: Apache-2.0
package org.posthouse.cluster.transport;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What one member sent and what must be done in the order in which it came, where the disk may be waited for. */
final class Inbound {
    private static final Logger LOG = LoggerFactory.getLogger(Inbound.class);

    private record Waiting(long size, Runnable task) {}

    private final Executor threads;
    private final long most;
    private final Deque<Waiting> waiting = new ArrayDeque<>();
    private long octets;
    private int handedOn;
    private boolean running;

    /**
     * @param threads where the disk may be waited for
     * @param most how many octets may wait, unless one item has more
     */
    Inbound(Executor threads, long most) {
        this.threads = threads;
        this.most = most;
    }

    /** Whether all that was added is done, so that what comes now overtakes nothing. */
    synchronized boolean idle() {
        return !running && handedOn == 0;
    }

    /** The same for what is only to be handed to another thread when its turn has come. */
    synchronized boolean addFor(Executor other, long size, Runnable task) {
        boolean room = add(
                size,
                () -> other.execute(() -> {
                    done();
                    task.run();
                }));
        handedOn += room ? 1 : 0;
        return room;
    }

    private synchronized void done() {
        handedOn--;
    }

    /** Whether there was room. */
    synchronized boolean add(long size, Runnable task) {
        if (octets + size > most && !waiting.isEmpty()) {
            return false;
        }
        octets += size;
        waiting.add(new Waiting(size, task));
        if (!running) {
            running = true;
            threads.execute(this::work);
        }
        return true;
    }

    private void work() {
        for (Waiting next = next(); next != null; next = next()) {
            try {
                next.task().run();
            } catch (RuntimeException e) {
                LOG.error("Cluster: something that another member sent could not be taken", e);
            }
        }
    }

    private synchronized @Nullable Waiting next() {
        Waiting next = waiting.poll();
        if (next == null) {
            running = false;
        } else {
            octets -= next.size();
        }
        return next;
    }
}
