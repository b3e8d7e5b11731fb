// SPDX-License-Identifier: Apache-2.0
package org.posthouse.cluster.protocol;

import java.util.Arrays;
import java.util.List;

/** What a member answers. */
public sealed interface Answer {
    /** No answer in time: it may have happened or not, and may still happen until a later call is answered. */
    record Unknown() implements Answer {}

    /** The call overtook a later one, or is meant for an earlier life of the answering member: nothing happened. */
    record Late() implements Answer {}

    /** The answering member has an empty disk and has not heard of everybody yet; nothing happened. */
    record NotReady() implements Answer {}

    /** The caller is fenced; nothing happened. */
    record Fenced(Register register) implements Answer {}

    /**
     * The lease is renewed.
     *
     * @param register what the voter has on disk of the caller
     * @param out the members that the voter has on disk as fenced, and of which it has seen no later life
     */
    record Renewed(Register register, List<String> out) implements Answer {
        public Renewed {
            out = List.copyOf(out);
        }
    }

    /** The answer to an aside. */
    record Beside(byte[] octets) implements Answer {
        @Override
        public boolean equals(Object other) {
            return other instanceof Beside beside && Arrays.equals(octets, beside.octets);
        }

        @Override
        public int hashCode() {
            return Arrays.hashCode(octets);
        }
    }

    /** The vote for a fence is on disk. */
    record Voted() implements Answer {}

    /** No vote for this fence, and why. */
    record NoVote(String why) implements Answer {}

    /** All registers of the answering member; {@code empty} when it lost them itself. */
    record Registers(List<Register> all, boolean empty) implements Answer {
        public Registers {
            all = List.copyOf(all);
        }
    }

    /**
     * The record as it is on disk now.
     *
     * @param current whether its keeper has heard of everything that was confirmed of it
     */
    record Kept(HeldMessage record, boolean current) implements Answer {}

    /** The answering member owns it: nobody else may. */
    record Mine(HeldMessage record) implements Answer {}

    /** A higher ballot is on disk here. */
    record Outbid(HeldMessage record) implements Answer {}

    /** The octets of a message are not here, so its record was not taken: nothing happened. */
    record Lacking() implements Answer {}

    /** There is no copy here. */
    record Absent() implements Answer {}
}
