// SPDX-License-Identifier: Apache-2.0
package org.posthouse.cluster.transport;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** What is counted of the traffic between members. */
public final class Traffic implements AutoCloseable {
    private final MeterRegistry registry;
    private final List<Meter> all = new ArrayList<>();
    private final DistributionSummary batch;
    private final Counter sent;
    private final Counter received;
    private final Counter unanswered;
    private final Counter dropped;
    private final Timer round;
    private final Map<Refusal.Reason, Counter> refused = new EnumMap<>(Refusal.Reason.class);

    public Traffic(MeterRegistry registry) {
        this.registry = registry;
        batch = keep(DistributionSummary.builder("posthouse.cluster.batch")
                .description("Calls and answers in one parcel to a member")
                .register(registry));
        sent = keep(octets("sent"));
        received = keep(octets("received"));
        unanswered = keep(Counter.builder("posthouse.cluster.unanswered")
                .description("Calls to a member that were not answered in time")
                .register(registry));
        dropped = keep(Counter.builder("posthouse.cluster.dropped")
                .description("Calls and answers for which there was no connection or no room")
                .register(registry));
        round = keep(Timer.builder("posthouse.cluster.call")
                .description("Time from a call to its answer")
                .register(registry));
        for (Refusal.Reason reason : Refusal.Reason.values()) {
            refused.put(
                    reason,
                    keep(Counter.builder("posthouse.cluster.refused")
                            .description("Parcels of other members that were not taken")
                            .tag("reason", reason.name().toLowerCase(Locale.ROOT))
                            .register(registry)));
        }
    }

    private Counter octets(String direction) {
        return Counter.builder("posthouse.cluster.octets")
                .description("Octets of parcels")
                .baseUnit("bytes")
                .tag("direction", direction)
                .register(registry);
    }

    private <T extends Meter> T keep(T meter) {
        all.add(meter);
        return meter;
    }

    void sent(int items, int octets) {
        batch.record(items);
        sent.increment(octets);
    }

    void received(int octets) {
        received.increment(octets);
    }

    void answered(long millis) {
        round.record(millis, TimeUnit.MILLISECONDS);
    }

    void unanswered(int calls) {
        unanswered.increment(calls);
    }

    void dropped(int items) {
        dropped.increment(items);
    }

    void refused(Refusal.Reason reason) {
        Counter counter = refused.get(reason);
        if (counter != null) {
            counter.increment();
        }
    }

    /** How many parcels were refused for any reason. */
    public long refused() {
        return (long) refused.values().stream().mapToDouble(Counter::count).sum();
    }

    @Override
    public void close() {
        all.forEach(registry::remove);
    }
}
