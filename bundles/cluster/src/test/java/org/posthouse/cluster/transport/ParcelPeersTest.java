// SPDX-License-Identifier: Apache-2.0
package org.posthouse.cluster.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.posthouse.cluster.protocol.Answer;
import org.posthouse.cluster.protocol.Clocks;
import org.posthouse.cluster.protocol.Frame;
import org.posthouse.cluster.protocol.Incarnation;
import org.posthouse.cluster.protocol.Membership;
import org.posthouse.cluster.protocol.Message;
import org.posthouse.cluster.protocol.Response;
import org.posthouse.cluster.protocol.WireFormat;

/** Two members whose net is a list: what is carried arrives when the test says so. */
class ParcelPeersTest {
    private static final long TIMEOUT = 5_000;
    private static final Incarnation A = new Incarnation("a", 7);
    private static final Incarnation B = new Incarnation("b", 3);

    private final Deque<Runnable> tasks = new ArrayDeque<>();
    private final Map<String, Member> members = new HashMap<>();
    private long now = 1_000;

    private record Carried(String to, byte[] octets, Consumer<Carriage.Ending> ended) {}

    /** A member with its counters. */
    private final class Member implements Clocks, Carriage {
        @Override
        public void start() {}

        @Override
        public String trouble() {
            return "";
        }

        @Override
        public void close() {}

        final List<Carried> carried = new ArrayList<>();
        final List<Frame> frames = new ArrayList<>();
        final SimpleMeterRegistry registry = new SimpleMeterRegistry();
        final ParcelPeers peers;
        boolean connected = true;
        final String other;

        Member(Incarnation self, String other, byte[] key) {
            this.other = other;
            peers = new ParcelPeers(
                    new Membership(self.node(), List.of("a", "b"), List.of()),
                    this,
                    TIMEOUT,
                    KeyRing.of(key),
                    tasks::add,
                    this,
                    new Traffic(registry));
            peers.serve(() -> self, (frame, answer) -> {
                frames.add(frame);
                answer.accept(new Response(self, 0, new Answer.Voted()));
            });
            members.put(self.node(), this);
        }

        @Override
        public long monotonic() {
            return now;
        }

        @Override
        public long wall() {
            return now;
        }

        @Override
        public void carry(String member, byte[] octets, Consumer<Ending> ended) {
            carried.add(new Carried(member, octets, ended));
        }

        @Override
        public Set<String> connected() {
            return connected ? Set.of(other) : Set.of();
        }

        double refused(String reason) {
            return registry.get("posthouse.cluster.refused")
                    .tag("reason", reason)
                    .counter()
                    .count();
        }

        double count(String name) {
            return registry.get(name).counter().count();
        }
    }

    private Member a;
    private Member b;
    private final List<Response> answers = new ArrayList<>();

    @BeforeEach
    void start() {
        a = new Member(A, "b", new byte[32]);
        b = new Member(B, "a", new byte[32]);
    }

    private void settle() {
        for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
            task.run();
        }
    }

    /** Carries everything until nothing is left. */
    private void carryAll() {
        settle();
        while (!a.carried.isEmpty() || !b.carried.isEmpty()) {
            for (Member from : List.of(a, b)) {
                List<Carried> all = List.copyOf(from.carried);
                from.carried.clear();
                for (Carried one : all) {
                    members.get(one.to()).peers.arrive(one.octets());
                    one.ended().accept(Carriage.Ending.TAKEN);
                }
            }
            settle();
        }
    }

    private Frame frame(long number) {
        return new Frame(A, 0, B, number, new Message.Renew(false));
    }

    private void call(int times) {
        for (int i = 1; i <= times; i++) {
            a.peers.send(frame(i), answers::add);
        }
    }

    @Test
    void everyCallHasItsAnswer() {
        call(10);
        assertEquals(List.of(), answers);
        carryAll();
        assertEquals(10, b.frames.size());
        assertEquals(
                List.of(1L, 2L, 3L, 4L, 5L, 6L, 7L, 8L, 9L, 10L),
                b.frames.stream().map(Frame::number).toList());
        assertEquals(
                10,
                answers.stream().filter(r -> r.answer() instanceof Answer.Voted).count());
        assertEquals(0, a.peers.waiting());
    }

    @Test
    void whatIsSaidTogetherGoesInOneParcelAndTheRestWaitsForIt() {
        call(3);
        settle();
        assertEquals(1, a.carried.size());
        call(1_000);
        settle();
        assertEquals(1, a.carried.size());
        carryAll();
        assertEquals(1_003, answers.size());
        assertEquals(2, a.registry.get("posthouse.cluster.batch").summary().count());
    }

    @Test
    void aParcelThatNobodyTellsOfIsNotWaitedForForEver() {
        call(1);
        settle();
        a.carried.clear();
        call(1);
        now += TIMEOUT;
        a.peers.tick();
        settle();
        assertEquals(1, a.carried.size());
    }

    @Test
    void noAnswerInTimeIsUnknown() {
        a.connected = false;
        call(2);
        carryAll();
        assertEquals(2, a.count("posthouse.cluster.dropped"));
        now += TIMEOUT - 1;
        a.peers.tick();
        assertEquals(List.of(), answers);
        now += 1;
        a.peers.tick();
        assertEquals(
                2,
                answers.stream()
                        .filter(r -> r.answer() instanceof Answer.Unknown)
                        .count());
        assertEquals(2, a.count("posthouse.cluster.unanswered"));
    }

    @Test
    void anAnswerThatIsTooLateIsForgotten() {
        call(1);
        settle();
        now += TIMEOUT;
        a.peers.tick();
        carryAll();
        assertEquals(1, answers.size());
        assertTrue(answers.getFirst().answer() instanceof Answer.Unknown);
    }

    @Test
    void anotherKeyIsRefusedAndCounted() {
        b = new Member(B, "a", new byte[] {
            1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 6, 7, 8
        });
        call(1);
        carryAll();
        assertEquals(List.of(), b.frames);
        assertEquals(1, b.refused("key"));
    }

    @Test
    void anotherVersionIsRefusedAndCounted() {
        call(1);
        settle();
        byte[] parcel = a.carried.getFirst().octets().clone();
        parcel[1] = 2;
        b.peers.arrive(parcel);
        settle();
        assertEquals(1, b.refused("version"));
        assertEquals(List.of(), b.frames);
    }

    @Test
    void aFrameOfAnotherVersionIsRefusedAndCounted() {
        Label label = new Label(A, B, 1);
        byte[] parcel = new Seal(KeyRing.of(new byte[32]))
                .close(label, Packing.pack(List.of(new Item(Item.Kind.CALL, 1, new byte[] {9, 0, 0}))));
        b.peers.arrive(parcel);
        settle();
        assertEquals(1, b.refused("version"));
    }

    @Test
    void whatSomebodyKeptAndSendsAgainIsRefused() {
        call(1);
        settle();
        byte[] parcel = a.carried.getFirst().octets();
        carryAll();
        b.peers.arrive(parcel);
        settle();
        assertEquals(1, b.frames.size());
        assertEquals(1, b.refused("late"));
    }

    @Test
    void aParcelForSomebodyElseOrOfNobodyIsRefused() {
        Seal seal = new Seal(KeyRing.of(new byte[32]));
        b.peers.arrive(seal.close(new Label(A, new Incarnation("c", 1), 1), new byte[0]));
        b.peers.arrive(seal.close(new Label(new Incarnation("c", 1), B, 1), new byte[0]));
        Frame lies = new Frame(new Incarnation("c", 1), 0, B, 1, new Message.Renew(false));
        b.peers.arrive(seal.close(
                new Label(A, B, 2), Packing.pack(List.of(new Item(Item.Kind.CALL, 1, WireFormat.write(lies))))));
        settle();
        assertEquals(3, b.refused("address"));
        assertEquals(List.of(), b.frames);
    }

    @Test
    void nobodyAnswersForAnother() {
        call(1);
        settle();
        byte[] answer = WireFormat.write(new Response(B, 0, new Answer.Voted()));
        b.peers.arrive(a.carried.getFirst().octets());
        for (long guess = 0; guess < 100; guess++) {
            a.peers.arrive(new Seal(KeyRing.of(new byte[32]))
                    .close(
                            new Label(B, A, 1 + guess),
                            Packing.pack(List.of(new Item(Item.Kind.ANSWER, guess, answer)))));
        }
        settle();
        assertEquals(List.of(), answers);
    }
}
