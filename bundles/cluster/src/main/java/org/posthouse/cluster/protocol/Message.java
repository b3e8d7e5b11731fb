// SPDX-License-Identifier: Apache-2.0
package org.posthouse.cluster.protocol;

import java.util.Arrays;
import java.util.List;
import org.posthouse.spool.spi.MessageId;

/** What one member asks of another. Each is answered by an {@link Answer}, or nobody knows. */
public sealed interface Message {
    /** A member with an empty disk asks what is known of everybody, itself included. */
    record Hello() implements Message {}

    /**
     * Renews the lease of the sender.
     *
     * @param leaving whether it is about to stop, and hands over what it owns
     */
    record Renew(boolean leaving) implements Message {}

    /** Asks to vote: this incarnation and all before it are to be fenced. */
    record Fence(Incarnation target) implements Message {}

    /** The owner's records; stored before the answer. The first is the one asked about. */
    record Store(List<HeldMessage> records) implements Message {
        public Store {
            records = List.copyOf(records);
        }
    }

    /** The owner wants no copy of this message here; the absence is on disk before the answer. */
    record Drop(MessageId id, Ballot ballot) implements Message {}

    /**
     * The sender wants to own the message, since its owner is fenced, empty or does not know it.
     *
     * @param record its record under the new ballot
     * @param fences fences that are complete: whoever answers obeys them from then on
     */
    record Claim(HeldMessage record, List<Register> fences) implements Message {
        public Claim {
            fences = List.copyOf(fences);
        }
    }

    /** Asks what is known of a message, and tells what the sender knows. */
    record Inquire(HeldMessage record) implements Message {}

    /** Something that is not about mail, such as what plugins share. */
    record Aside(byte[] octets) implements Message {
        @Override
        public boolean equals(Object other) {
            return other instanceof Aside aside && Arrays.equals(octets, aside.octets);
        }

        @Override
        public int hashCode() {
            return Arrays.hashCode(octets);
        }
    }
}
