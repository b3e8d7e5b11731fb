// SPDX-License-Identifier: Apache-2.0
package org.posthouse.cluster.protocol;

import java.util.List;
import java.util.Optional;
import org.posthouse.spool.spi.MessageId;

/**
 * The records on this node's disk. A write is seen by reads at once and is on stable storage when it calls back; of
 * writes that were not, a crash keeps the first ones, never a later one without an earlier one.
 */
public interface Ledger {
    /** The record of a message. */
    Optional<HeldMessage> find(MessageId id);

    /** Whether a record can not be put, for the octets that belong to it are not here. */
    default boolean lacks(HeldMessage record) {
        return false;
    }

    /** Whether the octets of a message that had ended here are needed again, and nobody has brought them. */
    default boolean lacksOctets(MessageId id) {
        return false;
    }

    /** Whether what is put gets to the disk at the moment. */
    default boolean writes() {
        return true;
    }

    /** Writes records in one change, then calls back. */
    void put(List<HeldMessage> records, Runnable synced);

    /** Forgets a message, then calls back. */
    void remove(MessageId id, Runnable synced);

    /** The registers as they are on disk. */
    List<Register> registers();

    /** Since which incarnation the disk has had everything; 0 when it was never replaced. */
    long emptySince();

    /** Writes registers, then calls back. */
    void put(List<Register> registers, long emptySince, Runnable synced);
}
