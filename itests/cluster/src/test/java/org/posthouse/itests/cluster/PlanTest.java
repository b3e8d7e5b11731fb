// SPDX-License-Identifier: Apache-2.0
package org.posthouse.itests.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PlanTest {
    private static List<Plan> plans(long seed, int nodes, int from, int to) {
        return IntStream.rangeClosed(from, to)
                .mapToObj(n -> Plan.of(seed, n, nodes, Kind.of(nodes)))
                .toList();
    }

    @Test
    void followsFromSeedAndNumberAlone() {
        assertEquals(plans(7, 3, 1, 60).subList(40, 60), plans(7, 3, 41, 60));
        assertNotEquals(plans(7, 3, 1, 20), plans(8, 3, 1, 20));
    }

    @Test
    void everyKindHasItsTurn() {
        Set<Kind> seen = EnumSet.noneOf(Kind.class);
        plans(1, 3, 1, Kind.values().length).forEach(p -> seen.add(p.kind()));
        assertEquals(EnumSet.allOf(Kind.class), seen);
    }

    @Test
    void oneNodeAloneIsNotCutOffFromOthers() {
        for (Plan plan : plans(1, 1, 1, 50)) {
            assertEquals(1, plan.kind().nodes);
            assertEquals(List.of(1), plan.victims());
        }
    }

    @Test
    void someFaultsOfAClusterAreShorterThanALeaseAndSomeLonger() {
        List<Plan> kills =
                plans(1, 3, 1, 400).stream().filter(p -> p.kind() == Kind.KILL).toList();
        assertTrue(kills.stream().anyMatch(p -> p.seconds() < 6));
        assertTrue(kills.stream().anyMatch(p -> p.seconds() > 15));
    }
}
