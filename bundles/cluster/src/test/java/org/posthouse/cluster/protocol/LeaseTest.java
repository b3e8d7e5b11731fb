// SPDX-License-Identifier: Apache-2.0
package org.posthouse.cluster.protocol;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class LeaseTest {
    private long monotonic = 50_000;
    private long wall = 1_000_000;
    private final Lease lease = new Lease(
            new Clocks() {
                @Override
                public long monotonic() {
                    return monotonic;
                }

                @Override
                public long wall() {
                    return wall;
                }
            },
            6_000);

    private void pass(long time) {
        monotonic += time;
        wall += time;
    }

    @Test
    void countsFromTheSendingOfTheRenewal() {
        assertFalse(lease.holds());
        long sent = monotonic;
        long sentWall = wall;
        pass(5_000);
        lease.renewed(sent, sentWall);
        assertTrue(lease.holds());
        pass(1_000);
        assertFalse(lease.holds());
    }

    @Test
    void endsWhenTheMachineWasSuspended() {
        lease.renewed(monotonic, wall);
        wall += 6_000;
        assertFalse(lease.holds());
    }

    @Test
    void endsWhenTheWallClockIsSetBack() {
        lease.renewed(monotonic, wall);
        pass(1_000);
        wall -= 251;
        assertFalse(lease.holds());
    }

    @Test
    void endsWhenTheMachineWasSuspendedAndTheWallClockSetBackMeanwhile() {
        lease.renewed(monotonic, wall);
        wall += 16_250 - 11_847;
        assertFalse(lease.holds());
    }

    @Test
    void outlivesClocksThatDriftApart() {
        lease.renewed(monotonic, wall);
        pass(5_000);
        wall -= 250;
        assertTrue(lease.holds());
    }

    @Test
    void isNotShortenedByAnOlderRenewalThatIsAnsweredLater() {
        long sent = monotonic;
        long sentWall = wall;
        pass(2_000);
        lease.renewed(monotonic, wall);
        lease.renewed(sent, sentWall);
        pass(5_000);
        assertTrue(lease.holds());
    }
}
