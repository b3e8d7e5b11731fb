// SPDX-License-Identifier: Apache-2.0
package org.posthouse.cluster.node;

import java.util.concurrent.atomic.AtomicLong;
import org.posthouse.cluster.protocol.Ballot;
import org.posthouse.cluster.protocol.Journal;
import org.posthouse.spool.spi.MessageId;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Writes down and counts what was taken over, and which recipients may get a message twice. */
final class LoggedDoubts implements Journal {
    private static final Logger LOG = LoggerFactory.getLogger(LoggedDoubts.class);

    private final AtomicLong doubted = new AtomicLong();
    private final AtomicLong takenOver = new AtomicLong();

    @Override
    public void doubted(MessageId id, int recipient) {
        doubted.incrementAndGet();
        LOG.warn(
                "Cluster: recipient {} of {} may already have it: it was on its way when its owner failed",
                recipient,
                id);
    }

    @Override
    public void claimed(MessageId id, Ballot ballot) {
        takenOver.incrementAndGet();
        LOG.debug("Cluster: {} is owned by {} now, epoch {}", id, ballot.owner(), ballot.epoch());
    }

    long doubted() {
        return doubted.get();
    }

    long takenOver() {
        return takenOver.get();
    }
}
