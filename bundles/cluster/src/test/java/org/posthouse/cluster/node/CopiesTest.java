// SPDX-License-Identifier: Apache-2.0
package org.posthouse.cluster.node;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.posthouse.api.Event;
import org.posthouse.cluster.disk.Disks;
import org.posthouse.cluster.settings.ClusterSettings;
import org.posthouse.cluster.settings.Socket;
import org.posthouse.cluster.transport.Carriage;
import org.posthouse.queue.Post;
import org.posthouse.queue.spi.Custodian;
import org.posthouse.queue.spi.Intake;
import org.posthouse.spool.Disk;
import org.posthouse.spool.spi.MessageId;
import org.posthouse.spool.spi.Spool;

/** Three nodes with the spool and the queue that ship, over a net in memory. */
@Timeout(240)
class CopiesTest {
    @TempDir
    private Path folder;

    private final Map<String, Socket> members = new LinkedHashMap<>();
    private final Map<String, Node> nodes = new LinkedHashMap<>();
    private final Map<String, Consumer<byte[]>> net = new ConcurrentHashMap<>();
    private final Set<String> cut = ConcurrentHashMap.newKeySet();
    private final Map<String, AtomicInteger> handed = new ConcurrentHashMap<>();
    private final Set<String> notices = ConcurrentHashMap.newKeySet();
    private final ScheduledExecutorService wires = Executors.newScheduledThreadPool(2);

    /** The way from one node to the others. */
    private final class Wire implements Carriage {
        private final String self;

        Wire(String self, Consumer<byte[]> receiver) {
            this.self = self;
            net.put(self, receiver);
        }

        @Override
        public void start() {}

        @Override
        public String trouble() {
            return "";
        }

        @Override
        public void close() {
            net.remove(self);
        }

        @Override
        public void carry(String member, byte[] octets, Consumer<Ending> ended) {
            wires.execute(() -> {
                Consumer<byte[]> to = net.get(member);
                if (to == null || cut.contains(self) || cut.contains(member)) {
                    ended.accept(Ending.LOST);
                } else {
                    to.accept(octets);
                    ended.accept(Ending.TAKEN);
                }
            });
        }

        @Override
        public Set<String> connected() {
            Set<String> others = new HashSet<>(net.keySet());
            others.remove(self);
            return others;
        }
    }

    private final class Node implements AutoCloseable {
        final String name;
        final Disk disk;
        final ClusterNode cluster;
        final Post post;

        Node(String name, int copies, boolean accept) throws IOException {
            this.name = name;
            disk = new Disk(folder.resolve(name));
            if (disk.records().members().isEmpty()) {
                Disks.lived(disk.spool(), name);
            }
            ClusterSettings settings = new ClusterSettings(
                    "test",
                    members,
                    Set.of(),
                    name,
                    members.get(name),
                    false,
                    List.of(folder.resolve("key")),
                    copies,
                    accept,
                    false,
                    false);
            cluster = new ClusterNode(
                    settings,
                    disk.spool(),
                    disk.records(),
                    disk.copies(),
                    new SimpleMeterRegistry(),
                    receiver -> new Wire(name, receiver));
            post = new Post(disk.spool(), cluster.custodian(), this::hand);
            cluster.serve(post.holdings());
            nodes.put(name, this);
        }

        private void hand(Spool.Stored message, int recipient) {
            if (message.envelope().sender().address().isNull()) {
                notices.add(message.envelope().id() + "/" + recipient);
            }
            handed.computeIfAbsent(message.envelope().id() + "/" + recipient, k -> new AtomicInteger())
                    .incrementAndGet();
        }

        /** As far as the others can tell. */
        void dies() throws IOException {
            nodes.remove(name);
            cut.add(name);
            net.remove(name);
            post.open.set(false);
            close();
            cut.remove(name);
        }

        @Override
        public void close() throws IOException {
            cluster.close();
            post.close();
            disk.close();
        }
    }

    @BeforeEach
    void configure() throws IOException {
        int port = 1;
        for (String name : List.of("a", "b", "c")) {
            members.put(name, new Socket("127.0.0.1", port++));
        }
        byte[] key = new byte[32];
        new Random(1).nextBytes(key);
        Files.writeString(folder.resolve("key"), Base64.getEncoder().encodeToString(key));
    }

    @AfterEach
    void stop() throws IOException {
        for (Node node : nodes.values()) {
            node.close();
        }
        wires.shutdownNow();
    }

    private static void await(String what, long seconds, BooleanSupplier condition) {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() < end, "waited in vain until " + what);
            LockSupport.parkNanos(5_000_000);
        }
    }

    private void start(int copies, boolean accept) throws IOException {
        for (String name : members.keySet()) {
            new Node(name, copies, accept);
        }
        await(
                "all have the lease",
                30,
                () -> nodes.values().stream()
                        .allMatch(n -> n.cluster.report().leased()
                                && n.cluster.custodian().closed().isEmpty()));
    }

    private static byte[] letter(int size) {
        StringBuilder text = new StringBuilder("Subject: hello\r\n\r\n");
        while (text.length() < size) {
            text.append("line ").append(text.length()).append("\r\n");
        }
        return text.toString().getBytes(StandardCharsets.US_ASCII);
    }

    private void empty(long seconds) {
        await(
                "no message is left",
                seconds,
                () -> nodes.values().stream()
                        .allMatch(n -> n.disk.spool().counts().messages() == 0));
    }

    private void once(List<MessageId> ids) {
        for (MessageId id : ids) {
            AtomicInteger times = handed.get(id + "/0");
            assertEquals(1, times == null ? 0 : times.get(), "deliveries of " + id);
        }
    }

    @Test
    void whatIsAcceptedIsOnTwoDisksAndIsDeliveredOnce() throws Exception {
        start(2, true);
        nodes.get("a").post.open.set(false);
        Intake.Receipt receipt = nodes.get("a").post.accept(letter(2_000), "x@example.net", "y@example.net");
        assertEquals(Custodian.Word.Kind.ACCEPTED, receipt.kind());
        assertEquals(2, receipt.copies());
        List<Node> keepers = nodes.values().stream()
                .filter(n -> !n.post.progress(receipt.id()).isEmpty())
                .toList();
        assertEquals(2, keepers.size());
        assertEquals(Map.of(), handed);

        nodes.get("a").post.open.set(true);
        empty(30);
        once(List.of(receipt.id()));
        assertEquals(1, handed.get(receipt.id() + "/1").get());
        await(
                "it is remembered",
                10,
                () -> nodes.get("a").cluster.report().mail().ended() == 1);
        assertEquals(0, nodes.get("a").cluster.report().mail().doubted());
    }

    @Test
    void aLargeBodyArrivesWhole() throws Exception {
        start(3, true);
        nodes.get("a").post.open.set(false);
        byte[] octets = letter(3_000_000);
        Intake.Receipt receipt = nodes.get("a").post.accept(octets, "x@example.net");
        assertEquals(3, receipt.copies());
        for (Node node : nodes.values()) {
            Spool.Stored there = node.disk.spool().load(receipt.id()).orElseThrow();
            try (InputStream in = node.disk.spool().received(there.envelope()).open()) {
                assertArrayEquals(octets, in.readAllBytes(), node.name);
            }
        }
        nodes.get("a").post.open.set(true);
        empty(30);
        once(List.of(receipt.id()));
    }

    @Test
    void othersDeliverWhatANodeThatDiedHasAccepted() throws Exception {
        start(2, true);
        nodes.get("a").post.open.set(false);
        List<MessageId> ids = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            Intake.Receipt receipt = nodes.get("a").post.accept(letter(1_000), "x@example.net");
            assertEquals(2, receipt.copies());
            ids.add(receipt.id());
        }
        long died = System.nanoTime();
        nodes.get("a").dies();
        await("the first is delivered", 20, () -> !handed.isEmpty());
        System.out.printf("first delivery %d ms after the death%n", (System.nanoTime() - died) / 1_000_000);
        empty(60);
        once(ids);

        // Back with all of it on its disk.
        new Node("a", 2, true);
        empty(60);
        once(ids);
    }

    @Test
    void othersDeliverAtOnceWhatANodeThatLeavesHandsOver() throws Exception {
        start(2, true);
        Node a = nodes.get("a");
        a.post.open.set(false);
        List<MessageId> ids = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            ids.add(a.post.accept(letter(1_000), "x@example.net").id());
        }
        assertEquals(
                List.of("Messages that no other member has taken yet: 50"),
                a.cluster.custodian().unfinished());
        long left = System.nanoTime();
        a.cluster.leaving(true);
        await("all is delivered", 9, () -> handed.size() == 50);
        await(
                "nothing is left to do",
                5,
                () -> a.cluster.custodian().unfinished().isEmpty());
        System.out.printf("50 handed over and delivered in %d ms%n", (System.nanoTime() - left) / 1_000_000);
        a.dies();
        empty(30);
        new Node("a", 2, true);
        empty(60);
        once(ids);
        assertEquals(
                0,
                nodes.values().stream()
                        .mapToLong(n -> n.cluster.report().mail().takenOver()
                                + n.cluster.report().mail().doubted())
                        .sum());
    }

    @Test
    void aRecipientThatWasOnItsWayIsDoubtedAndTriedAgain() throws Exception {
        start(2, true);
        nodes.get("a").post.dies.set(true);
        Intake.Receipt receipt = nodes.get("a").post.accept(letter(1_000), "x@example.net");
        await("the dot", 10, () -> handed.containsKey(receipt.id() + "/0"));
        nodes.get("a").dies();
        await("it is delivered again", 40, () -> handed.get(receipt.id() + "/0").get() == 2);
        assertEquals(
                List.of(Map.of(
                        "id", receipt.id().toString(), "recipient", "x@example.net", "inTransitAtCrash", "true")),
                nodes.values().stream()
                        .flatMap(n -> n.post.events.stream())
                        .map(Event::facts)
                        .toList());
        await(
                "it is doubted once",
                10,
                () -> nodes.values().stream()
                                .mapToLong(n -> n.cluster.report().mail().doubted())
                                .sum()
                        == 1);
        empty(30);
    }

    @Test
    void theSenderIsToldOnceOfAFailureThatTwoNodesCameTo() throws Exception {
        start(2, true);
        Node a = nodes.get("a");
        // Nobody ever hears what this node is about to record.
        a.post.refusing = () -> cut.add("a");
        Intake.Receipt receipt = a.post.accept(letter(1_000), "unknown@example.net");
        assertEquals(2, receipt.copies());
        await("another node tells the sender", 60, () -> told() == 1);
        assertEquals(1, a.disk.spool().counts().messages(), "the notice of this node waits");
        cut.clear();
        empty(90);
        assertEquals(1, told());
    }

    private long told() {
        return handed.entrySet().stream()
                .filter(e -> notices.contains(e.getKey()))
                .mapToLong(e -> e.getValue().get())
                .sum();
    }

    @Test
    void aNodeWithoutOthersAnswersWithTheTrueCount() throws Exception {
        start(2, true);
        nodes.get("b").dies();
        nodes.get("c").dies();
        nodes.get("a").post.open.set(false);
        await("they are missed", 20, () -> !nodes.get("a").cluster.report().leased());
        Intake.Receipt receipt = nodes.get("a").post.accept(letter(1_000), "x@example.net");
        assertEquals(1, receipt.copies());
        assertEquals(Custodian.Word.Kind.ACCEPTED, receipt.kind());
        nodes.get("a").post.open.set(true);
        empty(20);
        once(List.of(receipt.id()));
    }
}
