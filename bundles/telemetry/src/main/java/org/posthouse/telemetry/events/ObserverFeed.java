// SPDX-License-Identifier: Apache-2.0
package org.posthouse.telemetry.events;

import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.function.LongConsumer;
import org.posthouse.api.Event;
import org.posthouse.api.hook.Observer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Shows events to one observer, on a thread and from a queue of its own, so that it slows nobody, not even another. */
final class ObserverFeed {
    private static final Logger LOG = LoggerFactory.getLogger(ObserverFeed.class);

    private final Observer observer;
    private final BlockingQueue<Event> queue;
    private final LongConsumer lost;
    private final Seldom complaint = new Seldom();
    private final Thread thread;
    private volatile boolean stopped;

    ObserverFeed(Observer observer, int buffer, LongConsumer lost) {
        this.observer = observer;
        this.queue = new ArrayBlockingQueue<>(buffer);
        this.lost = lost;
        this.thread = Thread.ofPlatform()
                .daemon()
                .name("posthouse-observer-" + observer.getClass().getSimpleName())
                .unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    void offer(Event event) {
        if (!queue.offer(event)) {
            lost.accept(1);
        }
    }

    /** Ends at once and does not wait for the observer, who may hang. */
    void stop() {
        stopped = true;
        thread.interrupt();
    }

    private void run() {
        while (!stopped) {
            try {
                show(queue.take());
            } catch (InterruptedException e) {
                // The flag says whether this was meant; an observer may have left an interrupt behind.
                continue;
            }
        }
    }

    private void show(Event event) {
        try {
            observer.onEvent(event);
        } catch (Throwable e) {
            // Also errors: a plugin whose classes are gone must not end the feed.
            complaint.run(
                    () -> LOG.warn("the observer {} failed", observer.getClass().getName(), e));
        }
    }
}
