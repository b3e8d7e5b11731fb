// SPDX-License-Identifier: Apache-2.0
package org.posthouse.delivery.client;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * Closes connections whose other side stopped reading: a blocking write knows no timeout of its own (RFC 5321 4.5.3.2.5
 * allows three minutes for a block of data).
 */
public final class StalledWrites implements AutoCloseable {
    private final Map<Wire, Long> writing = new ConcurrentHashMap<>();
    private final long limit;
    private final ScheduledExecutorService clock;

    public StalledWrites(Duration limit) {
        this.limit = limit.toNanos();
        this.clock = Executors.newSingleThreadScheduledExecutor(
                Thread.ofPlatform().name("delivery-stalled-writes").daemon().factory());
        long pause = Math.max(limit.toMillis() / 10, 10);
        clock.scheduleWithFixedDelay(this::sweep, pause, pause, TimeUnit.MILLISECONDS);
    }

    void begin(Wire wire) {
        writing.put(wire, System.nanoTime());
    }

    void end(Wire wire) {
        writing.remove(wire);
    }

    private void sweep() {
        long now = System.nanoTime();
        writing.forEach((wire, since) -> {
            if (now - since > limit) {
                wire.abort();
            }
        });
    }

    /** Ends the watch and what is being written. */
    @Override
    public void close() {
        clock.shutdownNow();
        writing.keySet().forEach(Wire::abort);
    }
}
