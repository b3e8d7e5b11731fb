// SPDX-License-Identifier: Apache-2.0
package org.posthouse.cluster.errands;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.posthouse.cluster.protocol.Clocks;
import org.posthouse.cluster.protocol.Membership;
import org.posthouse.telemetry.spi.Clerk;
import org.posthouse.telemetry.spi.Members;
import org.posthouse.telemetry.spi.Members.Reply;
import org.posthouse.telemetry.spi.Members.Request;
import org.posthouse.telemetry.spi.Members.Response;
import org.posthouse.telemetry.spi.Members.Silence;

/** Three nodes that ask each other over a net that loses and doubles; a call that is lost is known to be after 5 s. */
class ErrandsTest {
    private static final int TIMEOUT = 5_000;

    private final Random random = new Random(7);
    private final Map<String, Node> nodes = new LinkedHashMap<>();
    private final Deque<Runnable> tasks = new ArrayDeque<>();
    private final List<Later> later = new ArrayList<>();
    private long now = 1_000_000;
    private double loss;
    private boolean doubling;
    private int flying;
    private int mostFlying;

    private record Later(long due, Runnable task) {}

    /** A node whose clerk counts what it does and sends the body back, turned round. */
    private final class Node implements Clocks, Errands.Sight {
        private final String name;
        private final Errands errands;
        private final Map<String, Integer> done = new HashMap<>();
        private final List<String> heard = new ArrayList<>();
        private long life = 1;
        private boolean alive = true;
        private @Nullable Clerk clerk = this::answer;

        Node(String name) {
            this.name = name;
            this.errands = errands();
        }

        private Errands errands() {
            return new Errands(
                    new Membership(name, List.of("a", "b", "c"), List.of()),
                    this,
                    this,
                    tasks::add,
                    tasks::add,
                    this::say,
                    () -> clerk);
        }

        private Response answer(Request request, String member) {
            done.merge(request.path(), 1, Integer::sum);
            heard.add(request.method() + " " + request.path() + " " + request.query() + " by " + request.peer() + " at "
                    + member);
            byte[] back = request.body().clone();
            for (int i = 0; i < back.length; i++) {
                back[i] = request.body()[back.length - 1 - i];
            }
            return new Response(200, request.contentType(), back);
        }

        private void say(String member, byte[] said, Consumer<byte @Nullable []> answer) {
            Node to = node(member);
            long sentTo = to.life;
            flying++;
            mostFlying = Math.max(mostFlying, flying);
            assertTrue(said.length < 512 * 1024, said.length + " octets in one frame");
            byte @Nullable [][] heardBack = new byte[1][];
            boolean there = random.nextDouble() >= loss;
            boolean back = random.nextDouble() >= loss;
            tasks.add(() -> {
                if (there && to.alive && to.life == sentTo) {
                    to.errands.take(name, said, octets -> heardBack[0] = octets);
                    if (doubling) {
                        to.errands.take(name, said, octets -> {});
                    }
                }
                Runnable ended = () -> {
                    flying--;
                    answer.accept(back ? heardBack[0] : null);
                };
                if (back && heardBack[0] != null) {
                    tasks.add(ended);
                } else {
                    later.add(new Later(now + TIMEOUT, ended));
                }
            });
        }

        @Override
        public long life(String member) {
            return node(member).life;
        }

        @Override
        public boolean reachable(String member) {
            return node(member).alive;
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

    @BeforeEach
    void three() {
        List.of("a", "b", "c").forEach(name -> nodes.put(name, new Node(name)));
    }

    private Node node(String name) {
        Node node = nodes.get(name);
        if (node == null) {
            throw new AssertionError(name);
        }
        return node;
    }

    private void settle() {
        for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
            task.run();
        }
    }

    private void pass(long millis) {
        settle();
        for (long end = now + millis; now < end; ) {
            now += 200;
            List<Later> due = later.stream().filter(l -> l.due() <= now).toList();
            later.removeAll(due);
            due.forEach(l -> l.task().run());
            nodes.values().forEach(n -> n.errands.tick());
            settle();
        }
    }

    private static Request request(String path, byte[] body) {
        return new Request("POST", path, Map.of("limit", List.of("5")), "application/octet-stream", body, "127.0.0.1");
    }

    private CompletableFuture<Reply> ask(String from, String member, Request request, int seconds) {
        return node(from).errands.ask(member, request, Duration.ofSeconds(seconds));
    }

    private static byte[] octets(int size) {
        byte[] octets = new byte[size];
        new Random(size).nextBytes(octets);
        return octets;
    }

    private static void assertTurned(byte[] sent, CompletableFuture<Reply> reply) {
        Response response = assertInstanceOf(Response.class, reply.getNow(new Silence("not yet")));
        assertEquals(200, response.status());
        assertEquals("application/octet-stream", response.contentType());
        byte[] back = response.body().clone();
        for (int i = 0, j = back.length - 1; i < j; i++, j--) {
            byte kept = back[i];
            back[i] = back[j];
            back[j] = kept;
        }
        assertArrayEquals(sent, back);
    }

    private static String why(CompletableFuture<Reply> reply) {
        return assertInstanceOf(Silence.class, reply.getNow(new Response(0, "not yet", new byte[0])))
                .why();
    }

    private void assertClean() {
        pass(60_000);
        nodes.values().forEach(n -> assertEquals(0, n.errands.memory(), n.name));
        assertEquals(0, flying);
    }

    @Test
    void anotherNodeIsAskedAndAnswersAndSoDoesThisOne() {
        byte[] body = octets(100);
        CompletableFuture<Reply> other = ask("a", "b", request("/x", body), 30);
        CompletableFuture<Reply> self = ask("a", "a", request("/y", body), 30);
        assertFalse(other.isDone());
        settle();
        assertTurned(body, other);
        assertTurned(body, self);
        assertEquals(List.of("POST /x {limit=[5]} by 127.0.0.1 at a"), node("b").heard);
        assertEquals(List.of("POST /y {limit=[5]} by 127.0.0.1 at a"), node("a").heard);
        assertEquals("The cluster has no member d", why(settled(ask("a", "d", request("/x", body), 30))));
        assertClean();
    }

    private CompletableFuture<Reply> settled(CompletableFuture<Reply> reply) {
        settle();
        return reply;
    }

    @Test
    void aBodyOfAnySizeGoesInPiecesOfWhichFewAreOnTheirWay() {
        byte[] jar = octets(Members.LARGEST);
        CompletableFuture<Reply> large = ask("a", "b", request("/large", jar), 30);
        List<CompletableFuture<Reply>> small = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            small.add(ask("a", "b", request("/small" + i, octets(i * 40_000)), 30));
        }
        settle();
        assertTurned(jar, large);
        for (int i = 0; i < 20; i++) {
            assertTurned(octets(i * 40_000), small.get(i));
        }
        assertTrue(mostFlying <= 8, mostFlying + " pieces at a time, both ways");
        assertTrue(why(settled(ask("a", "b", request("/x", new byte[Members.LARGEST + 1]), 30)))
                .startsWith("A member of the cluster can be asked with at most 33554432 octets"));
        assertClean();
    }

    @Test
    void whatDoesNotFitInMemoryWaitsUntilItDoes() {
        List<byte[]> bodies = List.of(octets(20_000_000), octets(20_000_001), octets(20_000_002), octets(20_000_003));
        List<CompletableFuture<Reply>> all = new ArrayList<>();
        for (int i = 0; i < bodies.size(); i++) {
            all.add(ask(i % 2 == 0 ? "a" : "c", "b", request("/" + i, bodies.get(i)), 60));
        }
        settle();
        assertTrue(node("b").errands.memory() <= 48 * 1024 * 1024);
        pass(10_000);
        for (int i = 0; i < bodies.size(); i++) {
            assertTurned(bodies.get(i), all.get(i));
        }
        assertClean();
    }

    @Test
    void aFrameThatComesTwiceIsDoneOnce() {
        doubling = true;
        byte[] body = octets(1_000_000);
        CompletableFuture<Reply> small = ask("a", "b", request("/small", new byte[0]), 30);
        CompletableFuture<Reply> large = ask("a", "b", request("/large", body), 30);
        settle();
        assertTurned(new byte[0], small);
        assertTurned(body, large);
        assertEquals(Map.of("/small", 1, "/large", 1), node("b").done);
        assertClean();
    }

    @Test
    void whateverIsLostOnTheWayNothingIsDoneTwice() {
        loss = 0.3;
        doubling = true;
        List<CompletableFuture<Reply>> all = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            all.add(ask(
                    "abc".substring(i % 3, i % 3 + 1),
                    "bca".substring(i % 3, i % 3 + 1),
                    request("/" + i, octets(i % 10 == 0 ? 700_000 : 10)),
                    600));
            pass(200);
        }
        pass(600_000);
        for (int i = 0; i < all.size(); i++) {
            assertTurned(octets(i % 10 == 0 ? 700_000 : 10), all.get(i));
        }
        Set<Integer> times = new HashSet<>();
        nodes.values().forEach(n -> times.addAll(n.done.values()));
        assertEquals(Set.of(1), times);
        assertEquals(300, nodes.values().stream().mapToInt(n -> n.done.size()).sum());
        loss = 0;
        assertClean();
    }

    @Test
    void aNodeThatIsGoneIsNotWaitedForAndOneThatGoesOnlyForSoLong() {
        node("c").alive = false;
        assertEquals("Node c does not answer", why(settled(ask("a", "c", request("/x", new byte[0]), 30))));
        node("c").alive = true;
        CompletableFuture<Reply> reply = ask("a", "c", request("/x", new byte[0]), 30);
        tasks.removeFirst().run();
        node("c").alive = false;
        pass(29_000);
        assertFalse(reply.isDone());
        pass(1_000);
        assertEquals("Node c does not answer in time; it may have done what it was asked or not", why(reply));
        assertClean();
    }

    @Test
    void aLaterLifeOfANodeIsNotAskedAgain() {
        loss = 1;
        CompletableFuture<Reply> reply = ask("a", "b", request("/x", new byte[0]), 30);
        settle();
        loss = 0;
        node("b").life = 2;
        pass(1_000);
        assertEquals("Node b has begun anew meanwhile; it may have done what it was asked or not", why(reply));
        assertEquals(Map.of(), node("b").done);
        assertClean();
    }

    @Test
    void aNodeWithoutAnApiSaysSoAndOneThatFailsToo() {
        node("b").clerk = null;
        assertEquals(
                "The API of node b is not running (yet)", why(settled(ask("a", "b", request("/x", new byte[0]), 30))));
        node("b").clerk = (request, member) -> {
            throw new IllegalStateException("on purpose");
        };
        assertEquals(
                "Node b failed at it; its log says more", why(settled(ask("a", "b", request("/x", new byte[0]), 30))));
        node("b").clerk = (request, member) -> new Response(200, "", new byte[Members.LARGEST + 1]);
        assertEquals(
                "The answer of node b is larger than 33554432 octets",
                why(settled(ask("a", "b", request("/x", new byte[0]), 30))));
        CompletableFuture<Reply> waiting = ask("a", "b", request("/x", new byte[0]), 30);
        tasks.removeFirst().run();
        node("a").errands.close();
        assertEquals("This node stops", why(waiting));
        assertClean();
    }

    @Test
    void whatNobodySentIsRefused() {
        byte[] written = new Piece(Piece.Kind.REPLY, UUID.randomUUID(), 0, 3, 0, octets(5), octets(3)).write();
        List<byte[]> answers = new ArrayList<>();
        node("a").errands.take("b", written, answers::add);
        for (int length = 0; length < written.length - 3; length++) {
            byte[] torn = Arrays.copyOf(written, length);
            assertThrows(IllegalArgumentException.class, () -> Piece.read(torn));
            node("a").errands.take("b", torn, answers::add);
        }
        assertEquals(1 + written.length - 3, answers.size());
        answers.forEach(answer -> assertArrayEquals(new byte[] {'G'}, answer));
        byte[] head = Letter.of(request("/x", new byte[0])).head();
        for (int length = 0; length < head.length; length++) {
            Letter torn = new Letter(Arrays.copyOf(head, length), new byte[0]);
            assertThrows(IOException.class, torn::request);
        }
        assertClean();
    }
}
