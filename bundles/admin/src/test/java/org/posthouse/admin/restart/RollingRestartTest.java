// SPDX-License-Identifier: Apache-2.0
package org.posthouse.admin.restart;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class RollingRestartTest {
    private static final RollingRestart.Limits QUICK =
            new RollingRestart.Limits(Duration.ofMillis(300), Duration.ofMillis(1_500));

    private final Map<String, Sight> sights = new HashMap<>();
    private final List<String> done = new ArrayList<>();
    private boolean comesBack = true;

    /** Three members of which c leads and w only votes. */
    private final Fleet fleet = new Fleet() {
        @Override
        public List<Ship> others() {
            return List.of(new Ship("a", true), new Ship("w", false));
        }

        @Override
        public Ship self() {
            return new Ship("c", true);
        }

        @Override
        public Sight look(String member) throws Unheard {
            Sight sight = sights.get(member);
            if (sight == null) {
                throw new Unheard(member + " is not heard");
            }
            return sight;
        }

        @Override
        public void restart(String member, Duration drain) {
            done.add(member);
            if (comesBack) {
                sights.put(member, sight(member, 2, true, 0));
            } else {
                sights.remove(member);
            }
        }
    };

    private final RollingRestart rolling = new RollingRestart(fleet, QUICK, () -> done.add("c"));

    private static Sight sight(String name, long startedAt, boolean ready, long missing) {
        return new Sight(name, startedAt, ready, ready ? "" : "listeners: closed", true, startedAt, missing, "open");
    }

    @BeforeEach
    void begin() {
        sights.put("a", sight("a", 1, true, 0));
        sights.put("w", sight("w", 1, true, 0));
        sights.put("c", sight("c", 1, true, 0));
    }

    private String step(String node) {
        return rolling.progress().steps().stream()
                .filter(s -> s.node().equals(node))
                .map(s -> s.state().word() + " " + s.detail())
                .findFirst()
                .orElseThrow();
    }

    @Test
    void restartsTheOthersAndItselfLast() {
        rolling.run();
        assertEquals(List.of("a", "w", "c"), done);
        assertEquals(RollingRestart.State.RUNNING, rolling.progress().state());
        assertTrue(step("w").startsWith("done Back after"), step("w"));
    }

    @Test
    void beginsNothingWhileAMemberIsAway() {
        sights.remove("w");
        rolling.run();
        assertEquals(List.of(), done);
        assertEquals(RollingRestart.State.FAILED, rolling.progress().state());
        assertTrue(step("w").contains("w is not heard"), step("w"));
    }

    @Test
    void aWitnessNeedNotTakeMail() {
        sights.put("w", sight("w", 1, false, 0));
        rolling.run();
        assertEquals(List.of("a", "w", "c"), done);
    }

    @Test
    void stopsAtOneThatIsNotBack() {
        comesBack = false;
        rolling.run();
        assertEquals(List.of("a"), done);
        assertEquals("failed It is not back: a is not heard", step("a"));
        assertTrue(step("w").startsWith("waiting"), step("w"));
    }

    @Test
    void waitsUntilNothingIsShortOfCopies() {
        sights.put("c", sight("c", 1, true, 3));
        rolling.run();
        assertEquals(List.of("a"), done);
        assertEquals("failed It is not back: 3 messages of c are on too few nodes", step("a"));
    }
}
