// SPDX-License-Identifier: Apache-2.0
package org.posthouse.cluster.protocol;

import org.posthouse.spool.spi.MessageId;

/** Hears what an operator must be able to read later. */
public interface Journal {
    /** This recipient may already have the message: it was on its way when its owner failed. */
    void doubted(MessageId id, int recipient);

    /** This node owns the message now. */
    void claimed(MessageId id, Ballot ballot);

    /** This node owns the message no more: it left it to the owner of this ballot. */
    default void handedOver(MessageId id, Ballot ballot) {}
}
