// SPDX-License-Identifier: Apache-2.0
package org.posthouse.cluster.protocol;

import org.posthouse.spool.spi.Progress;
import org.posthouse.spool.spi.State;

/**
 * Which of two records of one recipient holds: delivered, then any other end, then the higher epoch and sequence. It
 * does not matter in which order records meet.
 */
public final class Merge {
    private Merge() {}

    /** The record that holds. */
    public static Progress of(Progress one, Progress other) {
        int byRank = Integer.compare(rank(one.state()), rank(other.state()));
        if (byRank != 0) {
            return byRank > 0 ? one : other;
        }
        int byEpoch = Long.compare(one.epoch(), other.epoch());
        if (byEpoch != 0) {
            return byEpoch > 0 ? one : other;
        }
        int bySequence = Long.compare(one.sequence(), other.sequence());
        if (bySequence != 0) {
            return bySequence > 0 ? one : other;
        }
        // Two nodes may have ended a recipient in different ways; both must settle on the same one.
        return one.state().compareTo(other.state()) >= 0 ? one : other;
    }

    private static int rank(State state) {
        return state == State.DELIVERED ? 2 : state.ended() ? 1 : 0;
    }
}
