// SPDX-License-Identifier: Apache-2.0
package org.posthouse.cluster.node;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.posthouse.cluster.protocol.Ballot;
import org.posthouse.cluster.protocol.Journal;
import org.posthouse.queue.spi.Holdings;
import org.posthouse.spool.spi.MessageId;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Counts what was taken over, and has the queue tell which recipients may get a message twice: it knows their addresses.
 * Called on the stage, but for what is counted.
 */
final class LoggedDoubts implements Journal {
    private static final Logger LOG = LoggerFactory.getLogger(LoggedDoubts.class);

    private record Doubt(MessageId id, int recipient) {}

    private final Executor threads;
    private final AtomicLong doubted = new AtomicLong();
    private final AtomicLong takenOver = new AtomicLong();
    private final AtomicLong handedOver = new AtomicLong();
    private final List<Doubt> untold = new ArrayList<>();
    private @Nullable Holdings holdings;

    /**
     * @param threads where the disk may be waited for
     */
    LoggedDoubts(Executor threads) {
        this.threads = threads;
    }

    /** What was not told while there was no queue is told by this one; null when it goes away. */
    void serve(@Nullable Holdings now) {
        holdings = now;
        if (now != null) {
            untold.forEach(d -> tell(now, d));
            untold.clear();
        }
    }

    private void tell(Holdings place, Doubt doubt) {
        threads.execute(() -> place.doubted(doubt.id(), doubt.recipient()));
    }

    @Override
    public void doubted(MessageId id, int recipient) {
        doubted.incrementAndGet();
        LOG.debug("Cluster: recipient {} of {} was on its way when its owner failed", recipient, id);
        Doubt doubt = new Doubt(id, recipient);
        Holdings place = holdings;
        if (place == null) {
            untold.add(doubt);
        } else {
            tell(place, doubt);
        }
    }

    @Override
    public void claimed(MessageId id, Ballot ballot) {
        takenOver.incrementAndGet();
        LOG.debug("Cluster: {} is owned by {} now, epoch {}", id, ballot.owner(), ballot.epoch());
    }

    @Override
    public void handedOver(MessageId id, Ballot ballot) {
        handedOver.incrementAndGet();
        LOG.debug("Cluster: {} is left to {}, epoch {}", id, ballot.owner(), ballot.epoch());
    }

    long handedOver() {
        return handedOver.get();
    }

    long doubted() {
        return doubted.get();
    }

    long takenOver() {
        return takenOver.get();
    }
}
