// SPDX-License-Identifier: Apache-2.0
package org.posthouse.cluster.protocol;

/**
 * Who owns a message, and by which claim: of two ballots the higher one holds.
 *
 * @param epoch raised by each claim; 0 on the node that accepted the message
 * @param owner the claimant
 */
public record Ballot(long epoch, Incarnation owner) implements Comparable<Ballot> {
    @Override
    public int compareTo(Ballot other) {
        int byEpoch = Long.compare(epoch, other.epoch);
        if (byEpoch != 0) {
            return byEpoch;
        }
        int byNode = owner.node().compareTo(other.owner.node());
        return byNode != 0 ? byNode : Long.compare(owner.number(), other.owner.number());
    }

    /** The next ballot of this node. */
    public Ballot next(Incarnation claimant) {
        return new Ballot(epoch + 1, claimant);
    }
}
