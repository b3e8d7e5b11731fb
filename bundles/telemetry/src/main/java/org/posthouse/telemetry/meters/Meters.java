// SPDX-License-Identifier: Apache-2.0
package org.posthouse.telemetry.meters;

import io.micrometer.core.instrument.Clock;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.micrometer.core.instrument.binder.jvm.ClassLoaderMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.core.instrument.composite.CompositeMeterRegistry;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.List;

/** All meters of the process: a composite registry for those who count, with Prometheus behind it. */
public final class Meters implements AutoCloseable {
    private final PrometheusMeterRegistry prometheus = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final CompositeMeterRegistry registry = new CompositeMeterRegistry(Clock.SYSTEM, List.of(prometheus));
    private final JvmGcMetrics collector = new JvmGcMetrics();

    /**
     * Sets the registry up with the meters of the JVM and the process.
     *
     * @param version the version of Posthouse, shown as a label of {@code posthouse_info}
     */
    public Meters(String version) {
        List<MeterBinder> binders = List.of(
                new JvmMemoryMetrics(),
                collector,
                new JvmThreadMetrics(),
                new ClassLoaderMetrics(),
                new ProcessorMetrics(),
                new UptimeMetrics(),
                new FileDescriptorMetrics());
        binders.forEach(binder -> binder.bindTo(registry));
        Gauge.builder("posthouse.info", () -> 1)
                .description("Which version runs; always 1")
                .tag("version", version)
                .strongReference(true)
                .register(registry);
    }

    /** Where everybody registers meters. */
    public MeterRegistry registry() {
        return registry;
    }

    /** All values in the text format of Prometheus. */
    public String scrape() {
        return prometheus.scrape();
    }

    /** Ends the notifications of the garbage collector and closes all registries. */
    @Override
    public void close() {
        collector.close();
        registry.close();
        prometheus.close();
    }
}
