// SPDX-License-Identifier: Apache-2.0
package org.posthouse.queue.spi;

import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.posthouse.spool.spi.Draft;
import org.posthouse.spool.spi.Envelope;
import org.posthouse.spool.spi.MessageId;
import org.posthouse.spool.spi.Progress;
import org.posthouse.spool.spi.SpoolException;

/**
 * What this node has of the messages that a cluster keeps together. The {@link Custodian} writes here what it learns from
 * other nodes; what it learns from this one it is shown before it is written.
 */
public interface Holdings {
    /**
     * Does something under the lock of a message, so that nothing of it changes meanwhile: what the custodian was told and
     * what is on disk are one. May be called under the lock of the same message, and for a notice under that of the
     * message that it tells of; never under that of another one.
     */
    <T> T under(MessageId id, Supplier<T> work);

    /**
     * Writes this of messages, all in one change, each at most once; when it returns it is synced.
     *
     * <ul>
     *   <li>A message that is not here comes in with its copy. It enters the due index only when it is ours.
     *   <li>A message that becomes ours enters the due index, and is delivered like any other; one that ceases to be ours
     *       leaves it.
     *   <li>A message whose recipients have all ended leaves the spool, and its record stays as the memory of it.
     *   <li>A message without a record is dropped: another node keeps it, or has ended it.
     * </ul>
     *
     * @throws SpoolException when it is not written, or that can not be told; drafts are the caller's again then
     */
    void keep(List<Holding> holdings) throws SpoolException;

    /**
     * This recipient may have the message already, since it was on its way when its owner failed: that is counted, and told
     * by an event. Reads the message; not for the stage of the protocol.
     */
    void doubted(MessageId id, int recipient);

    /** What could not be delivered from here may be by now: everything that is due is looked at anew. */
    void look();

    /**
     * What is to be on disk of one message.
     *
     * @param record the record of the cluster; null forgets the message
     * @param recipients how far each recipient is, in the order of their numbers; written as they are
     * @param ours whether this node owns it
     * @param copy the message itself, when it is not here yet or its envelope is another one
     */
    record Holding(
            MessageId id,
            byte @Nullable [] record,
            List<Progress> recipients,
            boolean ours,
            @Nullable Copy copy) {
        public Holding(
                MessageId id, byte @Nullable [] record, List<Progress> recipients, boolean ours, @Nullable Copy copy) {
            this.id = id;
            this.record = record;
            this.recipients = List.copyOf(recipients);
            this.ours = ours;
            this.copy = copy;
        }

        /** Nothing of a message. */
        public static Holding forgotten(MessageId id) {
            return new Holding(id, null, List.of(), false, null);
        }
    }

    /**
     * A message as another node sent it.
     *
     * @param draft its octets, finished; null when they are in the spool. Taken, or closed when they are not needed
     */
    record Copy(Envelope envelope, @Nullable Draft draft) {}
}
