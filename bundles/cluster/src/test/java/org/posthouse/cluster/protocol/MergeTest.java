// SPDX-License-Identifier: Apache-2.0
package org.posthouse.cluster.protocol;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.posthouse.spool.spi.Progress;
import org.posthouse.spool.spi.State;

class MergeTest {
    private static Progress at(State state, long epoch, long sequence) {
        return new Progress(0, state, epoch, sequence, 1, Instant.EPOCH, "", "", Instant.EPOCH);
    }

    @Test
    void deliveredHoldsAgainstAnythingLater() {
        Progress delivered = at(State.DELIVERED, 0, 1);
        assertEquals(delivered, Merge.of(at(State.FAILED, 5, 9), delivered));
        assertEquals(delivered, Merge.of(delivered, at(State.IN_TRANSIT, 5, 9)));
    }

    @Test
    void anEndHoldsAgainstALaterAttempt() {
        Progress failed = at(State.FAILED, 0, 1);
        assertEquals(failed, Merge.of(at(State.DEFERRED, 2, 7), failed));
    }

    @Test
    void doesNotAskInWhichOrderRecordsMeet() {
        List<Progress> all = new ArrayList<>();
        for (State state : State.values()) {
            for (long epoch = 0; epoch < 3; epoch++) {
                all.add(at(state, epoch, 2 - epoch));
                all.add(at(state, epoch, 3));
            }
        }
        for (Progress a : all) {
            assertEquals(a, Merge.of(a, a));
            for (Progress b : all) {
                assertEquals(Merge.of(a, b), Merge.of(b, a));
                for (Progress c : all) {
                    assertEquals(Merge.of(Merge.of(a, b), c), Merge.of(a, Merge.of(b, c)));
                }
            }
        }
    }
}
