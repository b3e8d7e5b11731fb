// SPDX-License-Identifier: Apache-2.0
package org.posthouse.cluster.node;

import org.posthouse.telemetry.spi.ClusterReport.Condition;
import org.posthouse.telemetry.spi.ClusterReport.Member;
import org.posthouse.telemetry.spi.ClusterReport.Report;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Says in the log what has changed among the members since the last look. */
final class Bulletin {
    private static final Logger LOG = LoggerFactory.getLogger(Bulletin.class);

    void compare(Report before, Report now) {
        if (before.leased() != now.leased()) {
            if (now.leased()) {
                LOG.info("Cluster: {} has the lease", now.self());
            } else {
                LOG.warn(
                        "Cluster: {} has lost the lease: what others hold too is not delivered until {} members are heard",
                        now.self(),
                        now.majority());
            }
        }
        long taken = now.mail().takenOver() - before.mail().takenOver();
        if (taken > 0) {
            LOG.info("Cluster: {} has taken over {} messages", now.self(), taken);
        }
        if (now.mail().shortOf() == 0 && before.mail().shortOf() > 0) {
            LOG.info("Cluster: all messages are on {} nodes again", now.copies());
        } else if (now.mail().shortOf() > 0 && before.mail().shortOf() == 0) {
            LOG.warn(
                    "Cluster: {} messages are on fewer than {} nodes",
                    now.mail().shortOf(),
                    now.copies());
        }
        for (Member member : now.members()) {
            before.members().stream()
                    .filter(m -> m.name().equals(member.name()))
                    .findFirst()
                    .ifPresent(m -> compare(m, member));
        }
    }

    private static void compare(Member before, Member now) {
        if (now.self()) {
            if (before.life() != now.life()) {
                LOG.info("Cluster: this node is {}@{}", now.name(), now.life());
            }
        } else if (before.condition() != now.condition()) {
            tell(before, now);
        } else if (before.life() != now.life() && now.condition() == Condition.HEARD) {
            LOG.info("Cluster: {} began a new life, {}@{}", now.name(), now.name(), now.life());
        }
    }

    private static void tell(Member before, Member now) {
        switch (now.condition()) {
            case HEARD ->
                LOG.info(
                        "Cluster: {}@{} is {}",
                        now.name(),
                        now.life(),
                        before.condition() == Condition.UNKNOWN ? "heard" : "back");
            case SILENT ->
                LOG.warn("Cluster: {}@{} is lost: nothing heard for {} ms", now.name(), now.life(), now.ago());
            case FENCED ->
                LOG.warn("Cluster: {}@{} is fenced: a majority takes nothing of it any more", now.name(), now.life());
            case UNKNOWN, SETTLING -> LOG.info("Cluster: {} is not known yet", now.name());
        }
    }
}
