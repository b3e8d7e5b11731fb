// SPDX-License-Identifier: Apache-2.0
package org.posthouse.queue;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;
import org.posthouse.spool.spi.State;

/** The figures of the queue; read when asked for, none grows with the number of sites. */
final class QueueMeters implements AutoCloseable {
    private final MeterRegistry registry;
    private final List<Meter> meters = new ArrayList<>();

    QueueMeters(MeterRegistry registry, Depot depot, Scheduler scheduler) {
        this.registry = registry;
        gauge(
                "posthouse.queue.messages",
                "Messages in the queue.",
                depot,
                d -> d.spool().counts().messages());
        for (State state : State.values()) {
            meters.add(Gauge.builder("posthouse.queue.recipients", depot, d -> recipients(d, state))
                    .description("Recipients by state.")
                    .tag("state", state.name().toLowerCase(Locale.ROOT))
                    .register(registry));
        }
        gauge("posthouse.queue.ready", "Parcels that wait for a connection.", scheduler, Scheduler::ready);
        gauge("posthouse.queue.lanes", "Open connections.", scheduler, Scheduler::lanes);
        gauge(
                "posthouse.queue.loaded",
                "Messages in memory.",
                depot,
                d -> d.flights().count());
        gauge(
                "posthouse.queue.loaded.bytes",
                "Estimated octets of the envelopes in memory.",
                depot,
                d -> d.flights().octets());
        gauge(
                "posthouse.queue.oldest.due.age.seconds",
                "How long the oldest recipient that is due waits.",
                scheduler,
                s -> s.oldest().toMillis() / 1000.0);
        counter("posthouse.queue.scans", "Pages read of the due index.", scheduler, Scheduler::scans);
        counter("posthouse.queue.scanned", "Entries read of the due index.", scheduler, Scheduler::scanned);
        counter("posthouse.queue.loads", "Messages read because they were due.", scheduler, Scheduler::loaded);
        counter(
                "posthouse.queue.possible.duplicates",
                "Recipients that were in transit when the process ended.",
                depot,
                d -> d.flights().possibleDuplicates());
    }

    private static double recipients(Depot depot, State state) {
        return depot.spool().counts().recipients().getOrDefault(state, 0L);
    }

    private <T> void gauge(String name, String what, T source, ToDoubleFunction<T> figure) {
        meters.add(Gauge.builder(name, source, figure).description(what).register(registry));
    }

    private <T> void counter(String name, String what, T source, ToDoubleFunction<T> figure) {
        meters.add(
                FunctionCounter.builder(name, source, figure).description(what).register(registry));
    }

    @Override
    public void close() {
        meters.forEach(registry::remove);
    }
}
