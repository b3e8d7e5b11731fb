// SPDX-License-Identifier: Apache-2.0
package org.posthouse.spool;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.IntSupplier;

/** What is measured of the spool. */
final class Meters implements AutoCloseable {
    private final MeterRegistry registry;
    private final List<Meter> all = new ArrayList<>();
    private final DistributionSummary batch;
    private final Timer sync;
    private final Counter octets;
    private final Counter aside;

    Meters(MeterRegistry registry) {
        this.registry = registry;
        batch = keep(DistributionSummary.builder("posthouse.spool.batch")
                .description("Changes written together")
                .register(registry));
        sync = keep(Timer.builder("posthouse.spool.sync")
                .description("Time to write and sync one batch")
                .register(registry));
        octets = keep(Counter.builder("posthouse.spool.written")
                .description("Octets written to the log of the spool")
                .baseUnit("bytes")
                .register(registry));
        aside = keep(Counter.builder("posthouse.spool.aside")
                .description("Damaged things set aside")
                .register(registry));
    }

    private <T extends Meter> T keep(T meter) {
        all.add(meter);
        return meter;
    }

    void waiting(IntSupplier size) {
        keep(Gauge.builder("posthouse.spool.waiting", size, IntSupplier::getAsInt)
                .description("Commits that wait for the committer")
                .strongReference(true)
                .register(registry));
    }

    void written(int changes, long size, boolean synced, long nanos) {
        batch.record(changes);
        octets.increment(size);
        if (synced) {
            sync.record(nanos, TimeUnit.NANOSECONDS);
        }
    }

    void setAside() {
        aside.increment();
    }

    @Override
    public void close() {
        all.forEach(registry::remove);
    }
}
