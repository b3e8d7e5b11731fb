// SPDX-License-Identifier: Apache-2.0
package org.posthouse.cluster.protocol;

import org.posthouse.spool.spi.State;

/**
 * What a cluster is set to; all times are milliseconds.
 *
 * @param copies how many nodes store a message before 250, the owner included
 * @param accept whether a message that found too few nodes is answered 250 with the true count; else it is deferred
 * @param renewEvery how often a lease is renewed
 * @param lease how long after sending a renewal its owner may deliver
 * @param silence how long a voter must not have heard of a node before it votes to fence it; longer than the lease by
 *     more than clocks can drift apart
 * @param replaceAfter how long a holder may take at the commit until another one is asked
 * @param shortAfter when a commit with too few copies is given up
 * @param callTimeout after which a call counts as unknown, and for how long the votes of one proposal count
 * @param patience how long the next in line waits for the one before it
 * @param tombstones how long at least it is remembered that a message has ended
 * @param awaitAbsent whether the memory of an ended message waits for members that are away
 * @param fenceVotes how many members must have stored a fence until it is complete
 * @param leaseBeforeDot whether the lease is asked before each final dot
 * @param doubted what becomes of a recipient that was on its way from a node that failed: DEFERRED or HELD
 */
public record Rules(
        int copies,
        boolean accept,
        long renewEvery,
        long lease,
        long silence,
        long replaceAfter,
        long shortAfter,
        long callTimeout,
        long patience,
        long tombstones,
        boolean awaitAbsent,
        int fenceVotes,
        boolean leaseBeforeDot,
        State doubted) {
    public Rules {
        if (lease * 4 > silence * 3) {
            throw new IllegalArgumentException("the lease must end well before voters lose patience");
        }
    }

    /** The rules of a cluster with a majority: nothing is taken over without a fence. */
    public static Rules standard(Membership members, int copies, boolean accept) {
        return new Rules(
                copies,
                accept,
                2_000,
                6_000,
                10_000,
                4_000,
                10_000,
                5_000,
                3_000,
                7 * 86_400_000L,
                true,
                members.majority(),
                true,
                State.DEFERRED);
    }

    /**
     * The rules of two nodes without a witness that take over from each other all the same: whoever hears nothing of
     * the other one goes on alone, and mail may be delivered twice.
     */
    public Rules takingOverAlone() {
        return new Rules(
                copies,
                accept,
                renewEvery,
                lease,
                silence,
                replaceAfter,
                shortAfter,
                callTimeout,
                patience,
                tombstones,
                awaitAbsent,
                1,
                false,
                doubted);
    }

    /** The same with recipients in doubt held for a person. */
    public Rules holding() {
        return new Rules(
                copies,
                accept,
                renewEvery,
                lease,
                silence,
                replaceAfter,
                shortAfter,
                callTimeout,
                patience,
                tombstones,
                awaitAbsent,
                fenceVotes,
                leaseBeforeDot,
                State.HELD);
    }
}
