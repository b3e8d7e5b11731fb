// SPDX-License-Identifier: Apache-2.0
package org.posthouse.cluster.protocol;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.posthouse.spool.spi.MessageId;

/** One of three members, which knows the others from before; they answer or are silent as the test says. */
class StandingTest {
    private static final Membership THREE = new Membership("a", List.of("a", "b", "c"), List.of());

    private final Set<String> silent = new HashSet<>();
    private final Set<String> unready = new HashSet<>();
    private boolean writes = true;
    private final List<Message> said = new ArrayList<>();
    private List<Register> disk = List.of(new Register("a", 1, 0), new Register("b", 5, 0), new Register("c", 9, 0));
    private final List<Runnable> answers = new ArrayList<>();
    private long now = 100_000;

    private final Clocks clocks = new Clocks() {
        @Override
        public long monotonic() {
            return now;
        }

        @Override
        public long wall() {
            return now;
        }
    };

    private final Ledger ledger = new Ledger() {
        @Override
        public Optional<HeldMessage> find(MessageId id) {
            return Optional.empty();
        }

        @Override
        public void put(List<HeldMessage> records, Runnable synced) {
            throw new AssertionError("no mail is meant here");
        }

        @Override
        public void remove(MessageId id, Runnable synced) {
            throw new AssertionError("no mail is meant here");
        }

        @Override
        public List<Register> registers() {
            return disk;
        }

        @Override
        public long emptySince() {
            return 0;
        }

        @Override
        public boolean writes() {
            return writes;
        }

        @Override
        public void put(List<Register> registers, long emptySince, Runnable synced) {
            disk = registers;
            answers.add(synced);
        }
    };

    private final Station station = new Station(
            THREE,
            Rules.standard(THREE, 2, true),
            clocks,
            ledger,
            this::send,
            new Journal() {
                @Override
                public void doubted(MessageId id, int recipient) {
                    throw new AssertionError("no mail is meant here");
                }

                @Override
                public void claimed(MessageId id, Ballot ballot) {
                    throw new AssertionError("no mail is meant here");
                }
            },
            Freight.NONE);

    private void send(Frame frame, Consumer<Response> answer) {
        said.add(frame.message());
        String to = frame.to().node();
        Response response = silent.contains(to)
                ? new Response(new Incarnation(to, 0), 0, new Answer.Unknown())
                : new Response(frame.to(), 0, unready.contains(to) ? new Answer.NotReady() : yes(frame));
        answers.add(() -> answer.accept(response));
    }

    private static Answer yes(Frame frame) {
        return frame.message() instanceof Message.Fence
                ? new Answer.Voted()
                : new Answer.Renewed(new Register("a", frame.from().number(), 0), List.of());
    }

    private void pass(int seconds) {
        for (int i = 0; i < seconds; i++) {
            now += 1_000;
            station.tick();
            while (!answers.isEmpty()) {
                answers.removeFirst().run();
            }
        }
    }

    private long floor(String member) {
        return disk.stream()
                .filter(r -> r.node().equals(member))
                .mapToLong(Register::floor)
                .sum();
    }

    private boolean fenced(String member) {
        return station.standing().sightings().stream().anyMatch(s -> s.node().equals(member) && s.fenced());
    }

    @Test
    void oneOfTwoThatAreHeardIsEnoughToFenceTheSilentOne() {
        silent.add("b");
        pass(9);
        assertEquals(0, floor("b"));
        pass(6);
        assertTrue(fenced("b"));
        assertEquals(6, floor("b"));
    }

    @Test
    void oneThatIsCutOffVotesAgainstNobody() {
        silent.addAll(List.of("b", "c"));
        pass(60);
        assertEquals(0, floor("b"));
        assertEquals(0, floor("c"));
        assertTrue(said.stream().noneMatch(m -> m instanceof Message.Fence), said.toString());
    }

    @Test
    void oneThatCanNotWriteLosesItsLeaseAndHasItAgainWhenItCan() {
        pass(5);
        assertTrue(station.standing().leased());
        writes = false;
        pass(4);
        assertTrue(station.standing().leased(), "a short trouble is nobody's business");
        pass(4);
        assertFalse(station.standing().leased());
        said.clear();
        pass(20);
        assertTrue(said.stream().noneMatch(m -> m instanceof Message.Renew), said.toString());
        writes = true;
        pass(3);
        assertTrue(station.standing().leased());
    }

    @Test
    void oneThatCanNotWriteJudgesNobodyAndListensFirstWhenItCan() {
        pass(5);
        writes = false;
        silent.add("b");
        pass(30);
        writes = true;
        silent.remove("b");
        pass(9);
        assertTrue(said.stream().noneMatch(m -> m instanceof Message.Fence), said.toString());
        silent.add("b");
        pass(15);
        assertTrue(fenced("b"));
    }

    @Test
    void oneThatIsNotReadyIsNotReachable() {
        pass(5);
        assertTrue(station.standing().reachable("b"));
        unready.add("b");
        pass(5);
        assertFalse(station.standing().reachable("b"));
        assertTrue(station.standing().reachable("c"));
    }

    @Test
    void oneThatIsNoMemberAnyMoreIsGone() {
        assertTrue(station.standing().gone("d", 7));
        assertFalse(station.standing().gone("c", 9));
    }
}
