// SPDX-License-Identifier: Apache-2.0
package org.posthouse.admin;

import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.posthouse.telemetry.spi.ClusterReport;

/** The cluster as this node sees it; the names of the record components are the names in the JSON. */
record ClusterView(
        String name,
        String self,
        boolean living,
        boolean leased,
        int majority,
        int copies,
        String trouble,
        List<Member> members,
        Mail mail) {
    /** The messages of this node. */
    record Mail(long owned, long kept, long underReplicated, long ended, long doubted, long takenOver) {}

    /** A member; {@code heardMillisAgo} is null for this node and for one that was never heard. */
    record Member(
            String name,
            String address,
            boolean witness,
            boolean self,
            String condition,
            long life,
            @Nullable Long heardMillisAgo) {}

    static ClusterView of(ClusterReport.Report report) {
        return new ClusterView(
                report.name(),
                report.self(),
                report.living(),
                report.leased(),
                report.majority(),
                report.copies(),
                report.trouble(),
                report.members().stream().map(ClusterView::member).toList(),
                mail(report.mail()));
    }

    private static Mail mail(ClusterReport.Mail m) {
        return new Mail(m.owned(), m.kept(), m.shortOf(), m.ended(), m.doubted(), m.takenOver());
    }

    private static Member member(ClusterReport.Member m) {
        return new Member(
                m.name(),
                m.address(),
                m.witness(),
                m.self(),
                m.condition().name().toLowerCase(Locale.ROOT),
                m.life(),
                m.self() || m.ago() < 0 ? null : m.ago());
    }
}
