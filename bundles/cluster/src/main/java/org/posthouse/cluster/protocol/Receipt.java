// SPDX-License-Identifier: Apache-2.0
package org.posthouse.cluster.protocol;

/**
 * What became of a message at the final dot.
 *
 * @param kind what to answer
 * @param copies on how many nodes it is, this one included
 */
public record Receipt(Kind kind, int copies) {
    /** What to answer. */
    public enum Kind {
        /** 250. */
        ACCEPTED,
        /** 451: no node will ever deliver it. */
        DEFERRED,
        /** No reply, the connection is closed: somebody may have it and deliver it. */
        CLOSED
    }
}
