// SPDX-License-Identifier: Apache-2.0
package org.posthouse.cluster;

import java.util.List;
import org.posthouse.telemetry.spi.ClusterReport.Condition;
import org.posthouse.telemetry.spi.ClusterReport.Member;
import org.posthouse.telemetry.spi.ClusterReport.Report;
import org.posthouse.telemetry.spi.HealthSource.Health;

/** Whether mail should be sent to this node, as far as the cluster decides it. */
final class Fitness {
    private Fitness() {}

    /**
     * The health of a node.
     *
     * @param closed why it takes no mail, or empty
     * @param takesMail whether new mail is taken, and finds what its answer promises
     */
    static Health of(Report report, String closed, boolean takesMail) {
        return new Health(true, takesMail, detail(report, closed));
    }

    private static String detail(Report report, String closed) {
        if (!report.trouble().isEmpty()) {
            return report.trouble();
        }
        if (!closed.isEmpty()) {
            return closed;
        }
        if (!report.leased()) {
            return "Fewer than " + report.majority()
                    + " members hear each other: what others hold too is not delivered from here";
        }
        List<String> away = report.members().stream()
                .filter(m -> !m.self() && m.condition() != Condition.HEARD)
                .map(Member::name)
                .toList();
        return away.isEmpty() ? "" : "Not heard: " + String.join(", ", away);
    }
}
