// SPDX-License-Identifier: Apache-2.0
package org.posthouse.cluster;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.component.annotations.ReferencePolicyOption;
import org.posthouse.api.operator.Arguments;
import org.posthouse.api.operator.Command;
import org.posthouse.api.operator.Table;
import org.posthouse.queue.spi.Drain;
import org.posthouse.telemetry.spi.ClusterReport;
import org.posthouse.telemetry.spi.ClusterReport.Member;
import org.posthouse.telemetry.spi.ClusterReport.Report;
import org.posthouse.telemetry.spi.Concord;

/** {@code posthouse cluster status}: the members as this node sees them. */
@Component
public final class StatusCommand implements Command {
    private final ClusterReport source;
    private final Drain drain;

    /** There is none while the API is not running. */
    @Reference(
            cardinality = ReferenceCardinality.OPTIONAL,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    private volatile @Nullable Concord concord;

    @Activate
    public StatusCommand(@Reference ClusterReport source, @Reference Drain drain) {
        this.source = source;
        this.drain = drain;
    }

    @Override
    public String group() {
        return "cluster";
    }

    @Override
    public String name() {
        return "status";
    }

    @Override
    public String help() {
        return "Shows the members of the cluster as this node sees them.";
    }

    @Override
    public boolean changes() {
        return false;
    }

    @Override
    public Table run(Arguments arguments) {
        Report report = source.report();
        Concord configuration = concord;
        Map<String, String> compared = configuration == null ? Map.of() : configuration.ask();
        return new Table(
                note(report) + drained(drain.progress()),
                List.of("MEMBER", "ADDRESS", "ROLE", "LIFE", "CONDITION", "HEARD", "CONFIG"),
                report.members().stream()
                        .map(member -> row(member, compared.getOrDefault(member.name(), "-")))
                        .toList());
    }

    private static String note(Report report) {
        String lease = !report.living()
                ? "has no life yet: its disk is empty and it asks the others"
                : report.leased()
                        ? "has the lease"
                        : "has no lease: fewer than " + report.majority() + " members are heard";
        String trouble = report.trouble().isEmpty() ? "" : " " + report.trouble() + ".";
        ClusterReport.Mail mail = report.mail();
        return "Cluster " + report.name() + ": " + report.self() + " " + lease + "." + trouble + "\nMessages: "
                + mail.owned()
                + " owned, " + mail.shortOf() + " of them on fewer than " + report.copies() + " nodes; " + mail.kept()
                + " kept for others; " + mail.ended() + " ended and remembered. Since the start " + mail.takenOver()
                + " taken over, " + mail.doubted() + " recipients in doubt.";
    }

    private static String drained(Drain.Progress progress) {
        return switch (progress.phase()) {
            case OPEN -> "";
            case DRAINING -> "\nThis node drains. " + String.join(". ", progress.left()) + ".";
            case DRAINED -> "\nThis node is drained: it can be stopped.";
        };
    }

    private static List<String> row(Member m, String config) {
        return List.of(
                m.self() ? m.name() + " (this node)" : m.name(),
                m.address(),
                m.witness() ? "witness" : "mail",
                m.life() == 0 ? "-" : Long.toString(m.life()),
                m.self()
                        ? switch (m.condition()) {
                            case HEARD -> "leased";
                            case SETTLING -> "settling";
                            default -> "no lease";
                        }
                        : m.condition().name().toLowerCase(Locale.ROOT),
                m.self() || m.ago() < 0 ? "-" : String.format(Locale.ROOT, "%.1f s ago", m.ago() / 1000.0),
                m.self() ? "-" : config);
    }
}
