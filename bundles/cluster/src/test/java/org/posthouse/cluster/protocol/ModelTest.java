// SPDX-License-Identifier: Apache-2.0
package org.posthouse.cluster.protocol;

import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * The protocol as it ships in a world where everything goes wrong, by seeds: {@code -Dposthouse.seed=N} plays one of
 * them again.
 */
@Timeout(1200)
class ModelTest {
    private static final boolean FULL = "full".equals(System.getProperty("posthouse.scale"));
    private static final Membership THREE = new Membership("", List.of("a", "b", "c"), List.of());
    private static final Membership TWO_AND_WITNESS = new Membership("", List.of("a", "b"), List.of("w"));
    private static final Membership TWO = new Membership("", List.of("a", "b"), List.of());
    private static final Membership ONE = new Membership("", List.of("a"), List.of());
    private static final Membership FIVE = new Membership("", List.of("a", "b", "c", "d", "e"), List.of());

    private long accepted;
    private long deliveries;
    private long doubled;
    private long takeovers;
    private long handovers;
    private long episodes;
    private final Map<String, Integer> faults = new TreeMap<>();

    private static Rules rules(Membership members, int copies, boolean accept) {
        return Rules.standard(members, copies, accept);
    }

    private void explore(String name, World.Setup setup, long steps, long firstSeed) {
        long done = 0;
        long seed = Long.getLong("posthouse.seed", firstSeed);
        long began = System.nanoTime();
        do {
            World world = new World(seed++, setup);
            world.run();
            if (world.oracle.verdict != null) {
                fail(name + ": " + world.oracle.verdict);
            }
            done += world.steps;
            accepted += world.oracle.accepted;
            deliveries += world.oracle.deliveries;
            doubled += world.oracle.doubled;
            takeovers += world.oracle.takeovers;
            handovers += world.oracle.handovers;
            episodes++;
            world.faults.forEach((k, v) -> faults.merge(k, v, Integer::sum));
        } while (done < steps && Long.getLong("posthouse.seed") == null);
        System.out.printf(
                "%s: %d steps in %d episodes, %d ms; accepted %d, delivered %d, in doubt and doubled %d, claims %d, handed over %d, faults %s%n",
                name,
                done,
                episodes,
                (System.nanoTime() - began) / 1_000_000,
                accepted,
                deliveries,
                doubled,
                takeovers,
                handovers,
                faults);
        assertTrue(accepted > 0 && deliveries > 0);
    }

    private static long steps(long build, long full) {
        return FULL ? full : build;
    }

    @Test
    void threeNodesKeepTheirPromises() {
        explore(
                "three, copies 2",
                new World.Setup(THREE, rules(THREE, 2, true), false, 1),
                steps(200_000, 1_000_000),
                1);
    }

    @Test
    void threeNodesThatDeferWhenShortKeepTheirPromises() {
        explore("three, defer", new World.Setup(THREE, rules(THREE, 2, false), false, 1), steps(15_000, 400_000), 1);
    }

    @Test
    void threeCopiesKeepTheirPromises() {
        explore("three, copies 3", new World.Setup(THREE, rules(THREE, 3, true), false, 1), steps(10_000, 300_000), 1);
    }

    @Test
    void twoNodesAndAWitnessKeepTheirPromises() {
        explore(
                "two and witness",
                new World.Setup(TWO_AND_WITNESS, rules(TWO_AND_WITNESS, 2, true), false, 1),
                steps(25_000, 600_000),
                1);
    }

    @Test
    void twoNodesThatWaitKeepTheirPromises() {
        explore("two, wait", new World.Setup(TWO, rules(TWO, 2, true), false, 1), steps(10_000, 200_000), 1);
    }

    @Test
    void twoNodesThatTakeOverAloneLoseNothing() {
        Rules alone = rules(TWO, 2, true).takingOverAlone();
        explore("two, takeover", new World.Setup(TWO, alone, false, 1), steps(5_000, 100_000), 1);
    }

    @Test
    void twoOfThreeCopiesMayBeLostInFive() {
        explore("five, copies 3", new World.Setup(FIVE, rules(FIVE, 3, true), false, 2), steps(5_000, 300_000), 1);
    }

    @Test
    void fiveNodesKeepTheirPromises() {
        explore("five", new World.Setup(FIVE, rules(FIVE, 2, true), false, 1), steps(10_000, 400_000), 1);
    }

    @Test
    void oneNodeAloneKeepsItsPromises() {
        explore("one", new World.Setup(ONE, rules(ONE, 1, true), false, 0), steps(2_000, 50_000), 1);
    }

    @Test
    void aClusterBeginsWithEmptyDisks() {
        explore("empty", new World.Setup(THREE, rules(THREE, 2, true), true, 1), steps(3_000, 100_000), 1);
    }

    private static String find(Membership members, UnaryOperator<Rules> bug, int most) {
        Rules rules = bug.apply(rules(members, 2, true));
        for (int seed = 1; seed <= most; seed++) {
            World world = new World(seed, new World.Setup(members, rules, false, 0));
            world.run();
            if (world.oracle.verdict != null) {
                System.out.println("found with seed " + seed + " after " + world.steps + " steps: "
                        + world.oracle.verdict.lines().findFirst().orElse(""));
                return world.oracle.verdict;
            }
        }
        return "nothing in " + most + " episodes";
    }

    private static Rules with(Rules r, long tombstones, boolean await, int votes, boolean lease) {
        return new Rules(
                r.copies(),
                r.accept(),
                r.renewEvery(),
                r.lease(),
                r.silence(),
                r.replaceAfter(),
                r.shortAfter(),
                r.callTimeout(),
                r.patience(),
                tombstones,
                await,
                votes,
                lease,
                r.doubted());
    }

    private static void assertBroken(String verdict, String invariant) {
        assertNotNull(verdict);
        assertTrue(verdict.matches("(?s)" + invariant + ".*"), verdict);
    }

    @Test
    void findsThatThereIsNoFence() {
        assertBroken(find(THREE, r -> with(r, r.tombstones(), true, 0, true), 200), "I[2-5]");
    }

    @Test
    void findsAFenceWithoutMajority() {
        assertBroken(find(THREE, r -> with(r, r.tombstones(), true, 1, true), 200), "I[2-5]");
    }

    @Test
    void findsThatTheLeaseIsIgnoredBeforeTheDot() {
        assertBroken(find(THREE, r -> with(r, r.tombstones(), true, r.fenceVotes(), false), 200), "I[2-5]");
    }

    @Test
    void findsATombstoneThatIsDroppedEarly() {
        assertBroken(find(TWO_AND_WITNESS, r -> with(r, 0, false, r.fenceVotes(), true), 400), "I[245]");
    }
}
