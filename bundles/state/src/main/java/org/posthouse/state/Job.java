// SPDX-License-Identifier: Apache-2.0
package org.posthouse.state;

import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Work that is done again and again on a virtual thread of its own, until it is closed. */
final class Job implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Job.class);

    /** Each pause is up to so much shorter or longer, so that what began together does not stay together. */
    private static final double JITTER = 0.1;

    private final StateHouse house;
    private final String owner;
    private final String name;
    private final String key;
    private final Duration period;
    private final Runnable work;
    private final Consumer<Job> ended;
    private final Thread thread;
    private volatile boolean closed;

    Job(StateHouse house, String owner, String name, Duration period, Runnable work, Consumer<Job> ended) {
        this.house = house;
        this.owner = owner;
        this.name = name;
        this.key = owner + ":" + name;
        this.period = period;
        this.work = work;
        this.ended = ended;
        this.thread = Thread.ofVirtual().name("job/" + owner + "/" + name).unstarted(this::run);
    }

    void start() {
        house.jobs().enter(key, this);
        thread.start();
    }

    private void run() {
        try {
            while (!closed) {
                rest();
                turn();
            }
        } finally {
            house.jobs().leave(key, this);
            ended.accept(this);
        }
    }

    private void rest() {
        try {
            Thread.sleep(pause());
        } catch (InterruptedException e) {
            // The end, or what the work left behind.
            LOG.debug("Job {} of {} was woken, closed: {}", name, owner, closed);
        }
    }

    private Duration pause() {
        double factor = 1 - JITTER + 2 * JITTER * ThreadLocalRandom.current().nextDouble();
        // Beyond some centuries it is as good as never.
        double nanos = Math.min(Long.MAX_VALUE / 2.0, period.toSeconds() * 1e9 + period.getNano());
        return Duration.ofNanos(Math.max(1, (long) (nanos * factor)));
    }

    private void turn() {
        if (closed || !house.leads() || !house.jobs().begin(key, this)) {
            return;
        }
        long start = System.nanoTime();
        String result = "done";
        try {
            work.run();
        } catch (Throwable e) {
            // Errors too: a job that fails once is tried again.
            result = "failed";
            LOG.error("Job {} of {} failed", name, owner, e);
        } finally {
            house.jobs().end(key);
            timer(result).record(Duration.ofNanos(System.nanoTime() - start));
        }
    }

    private Timer timer(String result) {
        return Timer.builder("posthouse.jobs")
                .description("Runs of jobs of plugins")
                .tag("plugin", owner)
                .tag("job", name)
                .tag("result", result)
                .register(house.meters());
    }

    /** Ends it; a run that goes on is interrupted and not waited for. */
    @Override
    public void close() {
        closed = true;
        house.jobs().leave(key, this);
        thread.interrupt();
    }
}
