// SPDX-License-Identifier: Apache-2.0
package org.posthouse.cluster.node;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;
import org.posthouse.telemetry.spi.ClusterReport;
import org.posthouse.telemetry.spi.ClusterReport.Condition;
import org.posthouse.telemetry.spi.ClusterReport.Report;

/** How the members stand, as numbers. */
final class ClusterMeters implements AutoCloseable {
    private final MeterRegistry registry;
    private final ClusterReport source;
    private final List<Meter> all = new ArrayList<>();

    ClusterMeters(MeterRegistry registry, ClusterReport source) {
        this.registry = registry;
        this.source = source;
        for (Condition condition : List.of(Condition.HEARD, Condition.SILENT, Condition.FENCED, Condition.UNKNOWN)) {
            gauge(Gauge.builder("posthouse.cluster.members", this, m -> m.value(r -> count(r, condition)))
                    .description("Other members by how they stand with this node")
                    .tag("condition", condition.name().toLowerCase(Locale.ROOT)));
        }
        gauge(Gauge.builder("posthouse.cluster.lease", this, m -> m.value(r -> r.leased() ? 1 : 0))
                .description("Whether this node may deliver what others hold too; 1 or 0"));
        gauge(Gauge.builder("posthouse.cluster.life", this, m -> m.value(ClusterMeters::life))
                .description("The life of this node; rises at each start and when it was fenced"));
        messages("owned", r -> r.mail().owned());
        messages("kept", r -> r.mail().kept());
        messages("ended", r -> r.mail().ended());
        gauge(Gauge.builder(
                        "posthouse.cluster.underreplicated",
                        this,
                        m -> m.value(r -> r.mail().shortOf()))
                .description("Messages of this node that are on fewer nodes than configured"));
        all.add(FunctionCounter.builder(
                        "posthouse.cluster.doubts",
                        source,
                        s -> s.report().mail().doubted())
                .description(
                        "Recipients that may have got a message twice, since it was on its way when its owner failed")
                .register(registry));
        all.add(FunctionCounter.builder(
                        "posthouse.cluster.takeovers",
                        source,
                        s -> s.report().mail().takenOver())
                .description("Messages that this node took over from another one")
                .register(registry));
    }

    private void messages(String role, ToDoubleFunction<Report> of) {
        gauge(Gauge.builder("posthouse.cluster.messages", this, m -> m.value(of))
                .description("Messages by what this node is to them: owned, kept for another one, ended and remembered")
                .tag("role", role));
    }

    private void gauge(Gauge.Builder<ClusterMeters> builder) {
        all.add(builder.strongReference(true).register(registry));
    }

    private double value(ToDoubleFunction<Report> of) {
        return of.applyAsDouble(source.report());
    }

    private static double count(Report report, Condition condition) {
        return report.members().stream()
                .filter(m -> !m.self() && m.condition() == condition)
                .count();
    }

    private static double life(Report report) {
        return report.members().stream()
                .filter(ClusterReport.Member::self)
                .mapToLong(ClusterReport.Member::life)
                .sum();
    }

    @Override
    public void close() {
        all.forEach(registry::remove);
    }
}
