// SPDX-License-Identifier: Apache-2.0
package org.posthouse.queue.spi;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.posthouse.pipeline.spi.Sealed;
import org.posthouse.spool.spi.Draft;
import org.posthouse.spool.spi.Progress;
import org.posthouse.spool.spi.Spool;
import org.posthouse.spool.spi.SpoolException;

/** The queue's record of intent and outcome; what is written here is committed before anything else happens. */
public interface Ledger {
    /**
     * Before the final dot: these recipients are in transit. When {@link #shared others} may have the message it waits,
     * bounded, until they all know that; the dot follows at once.
     *
     * @return false when the transfer must not happen: held, deleted or taken over meanwhile, or the disk is sick, or the
     *     others can not be asked
     */
    boolean intend(Parcel parcel, List<Integer> recipients);

    /** Whether other nodes may have the message, so that {@link #intend} may take long. */
    default boolean shared(Parcel parcel) {
        return false;
    }

    /**
     * Before recipients end of whose end the sender is told: those that were never in transit, such as those that were
     * refused before the body, are put in transit like by {@link #intend}. Else another node could take over and deliver
     * meanwhile, and the sender would hear of both. Costs nothing where nobody else has the message.
     *
     * @return false when they must not end now
     */
    default boolean announce(Parcel parcel, List<Integer> recipients) {
        return true;
    }

    /**
     * After the attempt: the new records of the parcel's recipients and the notices they cause, in one commit. Deferred
     * recipients are scheduled by their due time; the message is forgotten when all its recipients ended.
     *
     * @param next the new record of each recipient of the parcel
     * @param notices notices (DSNs) with their octets
     */
    void settle(Parcel parcel, List<Progress> next, List<Notice> notices) throws SpoolException;

    /** The parcel was not tried: its recipients go back as they were, due at this time. */
    void giveBack(Parcel parcel, Instant due) throws SpoolException;

    /** When a recipient with so many attempts is tried next; empty when it is too old and expires. */
    Optional<Instant> nextAttempt(Spool.Stored message, int attempts, Instant now);

    /** A message that the server made itself. */
    record Notice(Sealed.Admission admission, Draft draft) {}
}
