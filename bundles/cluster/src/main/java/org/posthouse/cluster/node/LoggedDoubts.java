// SPDX-License-Identifier: Apache-2.0
package org.posthouse.cluster.node;

import org.posthouse.cluster.protocol.Ballot;
import org.posthouse.cluster.protocol.Journal;
import org.posthouse.spool.spi.MessageId;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Writes down what was taken over, and which recipients may get a message twice. */
final class LoggedDoubts implements Journal {
    private static final Logger LOG = LoggerFactory.getLogger(LoggedDoubts.class);

    @Override
    public void doubted(MessageId id, int recipient) {
        LOG.warn(
                "Cluster: recipient {} of {} may already have it: it was on its way when its owner failed",
                recipient,
                id);
    }

    @Override
    public void claimed(MessageId id, Ballot ballot) {
        LOG.info("Cluster: {} is owned by {} now, epoch {}", id, ballot.owner(), ballot.epoch());
    }
}
