// SPDX-License-Identifier: Apache-2.0
package org.posthouse.telemetry.events;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.posthouse.api.Event;
import org.posthouse.config.spi.ReloadListener;
import org.posthouse.telemetry.spi.EventSink;

/** Counts reloads of the configuration and publishes them as events. */
@Component
public final class ReloadReport implements ReloadListener {
    private final EventSink events;
    private final Counter applied;
    private final Counter refused;

    @Activate
    public ReloadReport(@Reference EventSink events, @Reference MeterRegistry meters) {
        this.events = events;
        this.applied = counter(meters, "applied");
        this.refused = counter(meters, "refused");
    }

    @Override
    public void reloaded(Result result) {
        (result.applied() ? applied : refused).increment();
        events.publish(Event.of(Event.Type.CONFIG)
                .with("result", result.applied() ? "applied" : "refused")
                .with("changed", String.join(",", result.changed()))
                .with("findings", String.join("\n", result.findings()))
                .build());
    }

    private static Counter counter(MeterRegistry meters, String result) {
        return Counter.builder("posthouse.config.reloads")
                .description("Reloads of the configuration by result")
                .tag("result", result)
                .register(meters);
    }
}
