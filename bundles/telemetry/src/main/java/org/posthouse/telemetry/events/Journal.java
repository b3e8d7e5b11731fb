// SPDX-License-Identifier: Apache-2.0
package org.posthouse.telemetry.events;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;
import org.posthouse.api.Event;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes events to a file, from a bounded queue, on one thread of its own.
 *
 * <p>A caller pays for one hand-over; the JSON is made here. What does not fit, or can not be written, is lost and
 * counted, for the log must never stop mail.
 */
final class Journal {
    private static final Logger LOG = LoggerFactory.getLogger(Journal.class);
    private static final int BATCH = 512;
    private static final int STOP_SECONDS = 5;

    private final BlockingQueue<Event> queue;
    private final Path path;
    private final RotatingFile file;
    private final LongConsumer lost;
    private final Thread thread;
    private final Seldom complaint = new Seldom();
    private long sequence = -1;
    private volatile Limits limits;

    /**
     * How large the files grow and how many are kept beside the present one.
     *
     * @param size octets
     * @param keep old files
     */
    record Limits(long size, int keep) {}

    Journal(Path file, int buffer, Limits limits, LongConsumer lost) {
        this.queue = new ArrayBlockingQueue<>(buffer);
        this.path = file;
        this.file = new RotatingFile(file);
        this.limits = limits;
        this.lost = lost;
        this.thread = Thread.ofPlatform().daemon().name("posthouse-events").unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    /** Takes an event, or loses it when the queue is full. */
    void offer(Event event) {
        if (!queue.offer(event)) {
            lost.accept(1);
        }
    }

    void limit(Limits now) {
        limits = now;
    }

    /** How many events wait to be written. */
    int waiting() {
        return queue.size();
    }

    /** Writes what waits, then ends. */
    void stop() throws InterruptedException {
        thread.interrupt();
        thread.join(TimeUnit.SECONDS.toMillis(STOP_SECONDS));
    }

    private void run() {
        List<Event> batch = new ArrayList<>(BATCH);
        StringBuilder text = new StringBuilder(64 * 1024);
        boolean running = true;
        while (running || !queue.isEmpty()) {
            try {
                batch.add(running ? queue.take() : queue.remove());
            } catch (InterruptedException e) {
                running = false;
                continue;
            }
            queue.drainTo(batch, BATCH - 1);
            write(batch, text);
            batch.clear();
            text.setLength(0);
        }
        close();
    }

    private void write(List<Event> batch, StringBuilder text) {
        try {
            Limits now = limits;
            if (sequence < 0) {
                sequence = LogReader.last(path);
            }
            for (Event event : batch) {
                // Counted on when the write fails: whoever reads sees by the gap how many are missing.
                EventLine.append(text, event, ++sequence);
            }
            file.append(text.toString().getBytes(StandardCharsets.UTF_8), now.size(), now.keep());
        } catch (Throwable e) {
            // Errors too: this is the only thread of the log.
            lost.accept(batch.size());
            complaint.run(() -> LOG.error("the event log can not be written; events are lost", e));
            close();
        }
    }

    private void close() {
        try {
            file.close();
        } catch (IOException e) {
            complaint.run(() -> LOG.error("the event log can not be closed", e));
        }
    }
}
