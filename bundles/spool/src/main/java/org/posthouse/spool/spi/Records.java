// SPDX-License-Identifier: Apache-2.0
package org.posthouse.spool.spi;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What the cluster keeps beside the mail: a record of each message it knows of, and of each member. Octets to the spool.
 * They are written by {@link Change}, in one commit with the message and the recipients of which they tell. A node without
 * a cluster has none.
 *
 * <p>All methods block the calling thread (a virtual one may call them) and may be called by many threads at once.
 */
public interface Records {
    /**
     * The record of a message.
     *
     * @return no octets at all when there was a record and it was damaged or lost: nothing is known for certain of the
     *     message then; empty when there never was one, or it was forgotten
     * @throws SpoolException when it can not be told
     */
    Optional<byte[]> find(MessageId id) throws SpoolException;

    /** Records of messages from this one on (exclusive, null for the first), in the order of arrival, at most so many. */
    List<Kept> list(@Nullable MessageId after, int most) throws SpoolException;

    /**
     * The records of members, by their names. Whole or none: what a node voted is no use in parts, so one damaged record,
     * or a repair of the store, makes it forget all of them, as if the disk were new.
     */
    Map<String, byte[]> members() throws SpoolException;

    /** The record of one message; octets as {@link #find} gives them. */
    record Kept(MessageId id, byte[] octets) {}
}
