// SPDX-License-Identifier: Apache-2.0
package org.posthouse.cluster.transport;

import java.util.Set;
import java.util.function.Consumer;

/** What carries octets to another member. Never blocks; octets may be lost, doubled, late and out of order. */
public interface Carriage extends AutoCloseable {
    /** Begins to look for the others. */
    void start();

    /** What is wrong, or nothing. */
    String trouble();

    @Override
    void close();

    /**
     * Carries octets to a member.
     *
     * @param ended told once and on any thread, when the member has taken them or it is known that it will not; may
     *     never be told
     */
    void carry(String member, byte[] octets, Consumer<Ending> ended);

    /** The members to which octets can be carried now. */
    Set<String> connected();

    /** How it ended. */
    enum Ending {
        /** The member has the octets. */
        TAKEN,
        /** It may have them or not. */
        LOST
    }
}
