// SPDX-License-Identifier: Apache-2.0
package org.posthouse.cluster.sharing;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.posthouse.cluster.protocol.Clocks;
import org.posthouse.spool.spi.Vault;

/** Three nodes that tell each other what they set, over a net that loses, delays and is cut, by seeds. */
class SharingTest {
    private final Random random = new Random(3);
    private final Map<String, Node> nodes = new LinkedHashMap<>();
    private final Set<String> cuts = new HashSet<>();
    private long now = 1_000_000;
    private long time;
    private double loss;
    private long octets;

    /** A node; what its threads would do waits in line. */
    private final class Node implements Clocks {
        private final String name;
        private final MapState state = new MapState();
        private final Deque<Runnable> later = new ArrayDeque<>();
        private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
        private Sharing sharing;

        Node(String name, List<String> others) {
            this.name = name;
            sharing = sharing(others);
        }

        private Sharing sharing(List<String> others) {
            return new Sharing(name, others, state, this, this::say, later::add, later::add, meters);
        }

        private void say(String member, byte[] said, Consumer<byte @Nullable []> answer) {
            octets += said.length;
            byte @Nullable [][] heard = new byte[1][];
            Node to = nodes.get(member);
            if (to != null && passes(name, member)) {
                to.sharing.take(name, said, octets -> heard[0] = octets);
                // What is merged is answered when it is merged; the caller waits for that.
                to.run();
            }
            answer.accept(passes(member, name) ? heard[0] : null);
        }

        void run() {
            for (Runnable next = later.poll(); next != null; next = later.poll()) {
                next.run();
            }
        }

        void set(String key) {
            Vault.Item item = MapState.item(key, ++time, name, "value " + time);
            state.merge(List.of(item));
            sharing.written(List.of(item));
        }

        double count(String what) {
            return meters.get("posthouse.cluster.state." + what).counter().count();
        }

        @Override
        public long monotonic() {
            return now;
        }

        @Override
        public long wall() {
            return now;
        }
    }

    private void three() {
        List<String> names = List.of("a", "b", "c");
        for (String name : names) {
            nodes.put(
                    name,
                    new Node(name, names.stream().filter(n -> !n.equals(name)).toList()));
        }
    }

    private Node node(String name) {
        Node node = nodes.get(name);
        if (node == null) {
            throw new AssertionError(name);
        }
        return node;
    }

    private boolean passes(String from, String to) {
        return !cuts.contains(from + to) && random.nextDouble() >= loss;
    }

    private void second() {
        now += 1_000;
        for (Node node : nodes.values()) {
            Set<String> reachable = new HashSet<>();
            for (String other : nodes.keySet()) {
                if (!other.equals(node.name)
                        && !cuts.contains(node.name + other)
                        && !cuts.contains(other + node.name)) {
                    reachable.add(other);
                }
            }
            node.sharing.look(reachable);
            node.run();
        }
    }

    private void assertSame() {
        assertEquals(node("a").state.all(), node("b").state.all());
        assertEquals(node("a").state.all(), node("c").state.all());
    }

    @Test
    void whatOneSetsTheOthersHave() {
        three();
        node("a").set("k");
        assertEquals("value 1", node("b").state.value("k"));
        node("c").set("k");
        assertEquals("value 2", node("a").state.value("k"));
        assertSame();
    }

    @Test
    void whoeverMissedSomethingIsComparedWithAndGetsOnlyThat() {
        three();
        second();
        for (int i = 0; i < 5_000; i++) {
            node("a").set("before " + i);
        }
        cuts.addAll(Set.of("ac", "ca", "bc", "cb"));
        second();
        for (int i = 0; i < 20; i++) {
            node("b").set("meanwhile " + i);
            node("c").set("alone " + i);
        }
        second();
        assertEquals("", node("c").state.value("meanwhile 3"));
        cuts.clear();
        long told = (long)
                (node("a").count("told") + node("b").count("told") + node("c").count("told"));
        octets = 0;
        for (int i = 0; i < 25; i++) {
            second();
        }
        assertSame();
        long again = (long) (node("a").count("told")
                        + node("b").count("told")
                        + node("c").count("told"))
                - told;
        assertTrue(again < 5_000, again + " were told again to share 40");
        assertTrue(octets < 1_000_000, octets + " octets");
        // And then there is peace.
        octets = 0;
        for (int i = 0; i < 500; i++) {
            second();
        }
        assertEquals(0, octets);
    }

    @Test
    void allIsTheSameAfterAnyScheduleOfLossAndCuts() {
        int steps = 0;
        for (int seed = 1; seed <= 40; seed++) {
            random.setSeed(seed);
            nodes.clear();
            cuts.clear();
            three();
            for (int i = 0; i < 300; i++, steps++) {
                int dice = random.nextInt(100);
                String one = "abc".substring(random.nextInt(3)).substring(0, 1);
                String other = "abc".substring(random.nextInt(3)).substring(0, 1);
                if (dice < 60) {
                    node(one).set("k" + random.nextInt(50));
                } else if (dice < 70) {
                    cuts.add(one + other);
                } else if (dice < 80) {
                    cuts.remove(one + other);
                } else if (dice < 85) {
                    loss = random.nextBoolean() ? 0.3 : 0;
                } else {
                    second();
                }
            }
            cuts.clear();
            loss = 0;
            for (int i = 0; i < 30; i++) {
                second();
            }
            assertSame();
        }
        assertEquals(12_000, steps);
    }

    @Test
    void whatWaitsIsBoundedAndThenTheyAreCompared() {
        Letterbox box = new Letterbox(10_000);
        box.add(List.of(MapState.item("k", 1, "a", "x")));
        assertEquals(1, box.next(1_000).size());
        for (int i = 0; i < 1_000; i++) {
            box.add(List.of(MapState.item("k" + i, 1, "a", "x".repeat(100))));
            assertEquals(List.of(), box.next(1_000));
        }
        assertTrue(box.behind());
        box.told(true);
        assertTrue(box.next(Integer.MAX_VALUE).size() < 100);
    }

    @Test
    void readsEveryMessageAsItWasWrittenAndRefusesDamage() throws IOException {
        Vault.Item item = MapState.item("k", 5, "a", "v");
        StateMessage.Tell tell =
                (StateMessage.Tell) StateMessage.read(new StateMessage.Tell(List.of(item, item)).octets());
        assertEquals(2, tell.items().size());
        assertArrayEquals(item.value(), tell.items().getFirst().value());
        assertEquals(item.expires(), tell.items().getFirst().expires());
        Digest digest = new Digest();
        digest.add(item, new MapState().stamp(item));
        StateMessage.Compare compare =
                (StateMessage.Compare) StateMessage.read(new StateMessage.Compare(digest).octets());
        assertTrue(digest.differences(compare.digest()).isEmpty());
        assertEquals(1, digest.differences(new Digest()).cardinality());
        BitSet some = new BitSet();
        some.set(7);
        some.set(1_023);
        assertEquals(new StateMessage.Differ(some), StateMessage.read(new StateMessage.Differ(some).octets()));
        byte[] whole = new StateMessage.Tell(List.of(item)).octets();
        for (int length = 0; length < whole.length; length++) {
            byte[] torn = Arrays.copyOf(whole, length);
            assertThrows(IOException.class, () -> StateMessage.read(torn));
        }
        List<Integer> huge = new ArrayList<>(List.of(1, 2));
        byte[] wrong = whole.clone();
        huge.forEach(at -> wrong[at] = 0x7f);
        assertThrows(IOException.class, () -> StateMessage.read(wrong));
    }
}
