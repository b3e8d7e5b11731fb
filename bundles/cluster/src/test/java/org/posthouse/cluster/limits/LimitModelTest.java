// SPDX-License-Identifier: Apache-2.0
package org.posthouse.cluster.limits;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.posthouse.cluster.protocol.Membership;

/**
 * Shares and loans as they ship in a world where everything goes wrong, by seeds: {@code -Dposthouse.seed=N} plays one of
 * them again.
 */
@Timeout(1200)
class LimitModelTest {
    private static final boolean FULL = "full".equals(System.getProperty("posthouse.scale"));
    private static final Membership THREE = new Membership("", List.of("a", "b", "c"), List.of());
    private static final Membership TWO_AND_WITNESS = new Membership("", List.of("a", "b"), List.of("w"));
    private static final Membership TWO = new Membership("", List.of("a", "b"), List.of());
    private static final Membership FIVE = new Membership("", List.of("a", "b", "c", "d", "e"), List.of());

    private static long steps(long build, long full) {
        return FULL ? full : build;
    }

    private static void explore(String name, LimitWorld.Setup setup, long steps) {
        long done = 0;
        long episodes = 0;
        long granted = 0;
        long denied = 0;
        long seed = Long.getLong("posthouse.seed", 1);
        Map<String, Integer> faults = new TreeMap<>();
        long began = System.nanoTime();
        do {
            LimitWorld world = new LimitWorld(seed++, setup);
            world.run();
            if (world.verdict != null) {
                fail(name + ": " + world.verdict);
            }
            done += world.steps;
            episodes++;
            for (LimitWorld.Watched limit : world.limits.values()) {
                granted += limit.granted;
                denied += limit.denied;
            }
            world.faults.forEach((k, v) -> faults.merge(k, v, Integer::sum));
        } while (done < steps && Long.getLong("posthouse.seed") == null);
        System.out.printf(
                "%s: %d steps in %d episodes, %d ms; granted %d, denied %d, faults %s%n",
                name, done, episodes, (System.nanoTime() - began) / 1_000_000, granted, denied, faults);
        assertTrue(granted > 0 && denied > 0);
    }

    @Test
    void threeNodesNeverGrantMore() {
        explore("three", new LimitWorld.Setup(THREE), steps(300_000, 3_000_000));
    }

    @Test
    void twoNodesAndAWitnessNeverGrantMore() {
        explore("two and witness", new LimitWorld.Setup(TWO_AND_WITNESS), steps(100_000, 1_000_000));
    }

    @Test
    void twoNodesNeverGrantMore() {
        explore("two", new LimitWorld.Setup(TWO), steps(100_000, 1_000_000));
    }

    @Test
    void fiveNodesNeverGrantMore() {
        explore("five", new LimitWorld.Setup(FIVE), steps(100_000, 1_000_000));
    }

    @Test
    void aClusterThatBeginsWithEmptyDisksNeverGrantsMore() {
        explore("empty", new LimitWorld.Setup(THREE, LimitRules.STANDARD, 0, true, 1), steps(50_000, 500_000));
    }

    private static void find(LimitWorld.Setup setup) {
        for (int seed = 1; seed <= 1_000; seed++) {
            LimitWorld world = new LimitWorld(seed, setup);
            world.run();
            if (world.verdict != null) {
                System.out.println("found with seed " + seed + " after " + world.steps + " steps: "
                        + world.verdict.lines().findFirst().orElse(""));
                assertTrue(world.verdict.contains("is overdrawn"), world.verdict);
                return;
            }
        }
        fail("nothing in 1000 episodes");
    }

    private static LimitRules with(long margin, boolean forgetful) {
        LimitRules r = LimitRules.STANDARD;
        return new LimitRules(r.loan(), margin, r.busy(), r.most(), forgetful);
    }

    @Test
    void findsALenderThatTakesItBackTooEarly() {
        find(new LimitWorld.Setup(THREE, with(-2_500, true), 0, false, 0));
    }

    @Test
    void findsAKilledNodeThatBelievesItGrantedNothing() {
        find(new LimitWorld.Setup(THREE, with(1_000, false), 0, false, 0));
    }

    @Test
    void findsANodeThatIsBackBeforeItsDeputyHasStopped() {
        find(new LimitWorld.Setup(THREE, LimitRules.STANDARD, 10_000, false, 0));
    }

    /** A world in which nothing goes wrong but what the test does, with these nodes asked for all of a limit. */
    private static long used(String limit, List<String> asked, String killed, long seconds) {
        LimitWorld world = new LimitWorld(7, new LimitWorld.Setup(THREE));
        world.calm();
        world.nodes.forEach(LimitNode::boot);
        world.until(world.now + 100_000);
        LimitWorld.Watched watched = world.limits.get("l:test:limits/" + limit);
        long every = 1_000 * watched.rate.per().toSeconds() / watched.rate.events();
        long end = world.now + seconds * 1_000;
        long begin = world.now;
        asked.forEach(n -> world.demand(watched, world.node(n), Math.max(1, every / 3), end));
        if (!killed.isEmpty()) {
            world.always(seconds * 333, world.nodes.getFirst(), () -> world.down(world.node(killed), 1_000_000));
        }
        world.until(end);
        if (world.verdict != null) {
            fail(world.verdict);
        }
        long most = watched.rate.burst()
                + (world.now - begin)
                        * watched.rate.events()
                        / watched.rate.per().toMillis();
        System.out.printf(
                "%s of %s asked at %s, killed %s: %d of %d%n",
                limit, watched.rate, asked, killed, watched.granted, most);
        return 100 * watched.granted / most;
    }

    @Test
    void usesThreeQuartersThoughOneIsKilled() {
        for (String killed : List.of("a", "b", "c")) {
            long used = used("0", List.of("a", "b", "c"), killed, 60);
            assertTrue(used >= 75, used + " %");
        }
    }

    @Test
    void sharesGoToTheNodeThatIsAsked() {
        assertTrue(used("0", List.of("b"), "", 60) >= 90);
        assertTrue(used("1", List.of("b"), "", 60) >= 90);
        assertTrue(used("2", List.of("b"), "", 60) >= 85);
    }

    @Test
    void theOnlyUnitGoesToWhoIsAsked() {
        assertTrue(used("3", List.of("a"), "", 300) >= 80);
        assertTrue(used("3", List.of("b"), "", 300) >= 80);
        assertTrue(used("3", List.of("c"), "", 300) >= 80);
    }
}
