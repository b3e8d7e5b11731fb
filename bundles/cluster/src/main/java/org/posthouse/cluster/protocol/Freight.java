// SPDX-License-Identifier: Apache-2.0
package org.posthouse.cluster.protocol;

import java.util.List;
import java.util.function.Consumer;
import org.posthouse.spool.spi.MessageId;

/** Brings envelopes and octets to other members, ahead of the records that need them. */
public interface Freight {
    /** Nothing is beside the records. */
    Freight NONE = (node, messages, octets, then) -> then.accept(true);

    /**
     * Brings messages to a member.
     *
     * @param octets whether it has none of the octets; else only the envelopes go
     * @param then told once, on the thread of the station: whether all is there, or in front of whatever is sent next
     */
    void bring(String node, List<MessageId> messages, boolean octets, Consumer<Boolean> then);
}
