// SPDX-License-Identifier: Apache-2.0
package org.posthouse.queue;

import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.posthouse.pipeline.spi.Pipeline;
import org.posthouse.queue.spi.Carrier;
import org.posthouse.queue.spi.Planner;
import org.posthouse.telemetry.spi.HealthSource;

/** Runs the scheduler while there is somebody to plan and to carry, and says when it is stuck. */
@Component(service = HealthSource.class, immediate = true)
public final class SchedulerComponent implements HealthSource {
    private static final Duration SLOW = Duration.ofMinutes(1);
    private static final Duration STUCK = Duration.ofMinutes(5);

    private final Scheduler scheduler;
    private final QueueMeters meters;

    @Activate
    public SchedulerComponent(
            @Reference Depot depot,
            @Reference Planner planner,
            @Reference Carrier carrier,
            @Reference Pipeline pipeline,
            @Reference MeterRegistry registry) {
        this.scheduler = new Scheduler(depot, planner, carrier, pipeline);
        this.meters = new QueueMeters(registry, depot, scheduler);
        scheduler.start();
    }

    @Deactivate
    void close() {
        meters.close();
        scheduler.close();
    }

    @Override
    public String name() {
        return "scheduler";
    }

    @Override
    public Health health() {
        return health(scheduler.silence());
    }

    /** The scheduler looks every few seconds even when nothing is due. */
    static Health health(Duration silence) {
        if (silence.compareTo(SLOW) < 0) {
            return Health.GOOD;
        }
        String detail = "The scheduler has not looked at the queue for " + silence.toSeconds() + " s";
        return new Health(silence.compareTo(STUCK) < 0, false, detail);
    }
}
