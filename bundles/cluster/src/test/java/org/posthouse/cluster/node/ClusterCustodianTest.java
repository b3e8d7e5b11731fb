// SPDX-License-Identifier: Apache-2.0
package org.posthouse.cluster.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.posthouse.api.Address;
import org.posthouse.api.Recipient;
import org.posthouse.api.Sender;
import org.posthouse.cluster.cargo.Dock;
import org.posthouse.cluster.disk.Disks;
import org.posthouse.cluster.disk.RecordLedger;
import org.posthouse.cluster.protocol.Answer;
import org.posthouse.cluster.protocol.Ballot;
import org.posthouse.cluster.protocol.Clocks;
import org.posthouse.cluster.protocol.Frame;
import org.posthouse.cluster.protocol.Freight;
import org.posthouse.cluster.protocol.HeldMessage;
import org.posthouse.cluster.protocol.Incarnation;
import org.posthouse.cluster.protocol.Journal;
import org.posthouse.cluster.protocol.Membership;
import org.posthouse.cluster.protocol.Message;
import org.posthouse.cluster.protocol.Register;
import org.posthouse.cluster.protocol.Response;
import org.posthouse.cluster.protocol.Rules;
import org.posthouse.cluster.protocol.Stage;
import org.posthouse.cluster.protocol.Station;
import org.posthouse.queue.spi.Custodian;
import org.posthouse.queue.spi.Holdings;
import org.posthouse.spool.Disk;
import org.posthouse.spool.spi.Change;
import org.posthouse.spool.spi.Envelope;
import org.posthouse.spool.spi.MessageId;
import org.posthouse.spool.spi.Progress;
import org.posthouse.spool.spi.Spool;
import org.posthouse.spool.spi.SpoolException;
import org.posthouse.spool.spi.State;

/** The custodian with others that answer what the test says, on a thread that does what it is given when it is told. */
class ClusterCustodianTest {
    private static final Membership THREE = new Membership("a", List.of("a", "b", "c"), List.of());
    private static final Rules RULES = Rules.standard(THREE, 2, true);

    @TempDir
    private Path folder;

    private final Deque<Runnable> waiting = new ArrayDeque<>();
    private final List<Message> said = new ArrayList<>();
    private final List<String> doubts = new ArrayList<>();
    private boolean silent;
    private long now = 1_000_000;
    private Disk disk;
    private RecordLedger ledger;
    private Station station;
    private ClusterCustodian custodian;

    private final Stage stage = new Stage() {
        @Override
        public <T> T enter(Supplier<T> what) {
            return what.get();
        }

        @Override
        public void execute(Runnable task) {
            waiting.add(task);
        }
    };

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

    private final Journal journal = new Journal() {
        @Override
        public void doubted(MessageId id, int recipient) {
            doubts.add(id + "/" + recipient);
        }

        @Override
        public void claimed(MessageId id, Ballot ballot) {}
    };

    @BeforeEach
    void start() throws IOException {
        disk = new Disk(folder);
        Disks.lived(disk.spool(), "a");
        Dock dock = new Dock(disk.spool(), disk.copies(), clocks);
        ledger = new RecordLedger(THREE, disk.spool(), disk.records(), dock, stage, Runnable::run);
        ledger.load();
        ledger.serve(new Holdings() {
            @Override
            public <T> T under(MessageId id, Supplier<T> work) {
                return work.get();
            }

            @Override
            public void keep(List<Holding> holdings) {}

            @Override
            public void doubted(MessageId id, int recipient) {}

            @Override
            public void look() {}
        });
        station = new Station(THREE, RULES, clocks, ledger, this::send, journal, Freight.NONE);
        custodian = new ClusterCustodian(THREE, RULES, stage, station, ledger, () -> true);
        run();
    }

    @AfterEach
    void stop() throws IOException {
        disk.close();
    }

    private void run() {
        for (Runnable next = waiting.poll(); next != null; next = waiting.poll()) {
            next.run();
        }
    }

    private void tick() {
        now += 1_000;
        station.tick();
        run();
        station.custody().restless().forEach(station.custody()::work);
        run();
    }

    private void send(Frame frame, Consumer<Response> answer) {
        said.add(frame.message());
        Incarnation from = new Incarnation(frame.to().node(), silent ? 0 : 5);
        Answer given = silent
                ? new Answer.Unknown()
                : switch (frame.message()) {
                    case Message.Renew renew -> new Answer.Renewed(new Register("a", 2, 0), List.of());
                    case Message.Store store -> new Answer.Kept(store.records().getFirst(), true);
                    default -> new Answer.Unknown();
                };
        waiting.add(() -> answer.accept(new Response(from, 0, given)));
    }

    private List<Message.Store> stores() {
        return said.stream()
                .filter(Message.Store.class::isInstance)
                .map(Message.Store.class::cast)
                .toList();
    }

    private static Spool.Stored message() {
        return message("b@example.net");
    }

    private static Spool.Stored message(String... recipients) {
        MessageId id = MessageId.next();
        Envelope envelope = new Envelope(
                id,
                Instant.EPOCH,
                Envelope.Origin.INTERNAL,
                Sender.of(Address.of("a@example.org")),
                Stream.of(recipients).map(r -> Recipient.of(Address.of(r))).toList(),
                Envelope.Routing.PLAIN,
                "",
                "",
                false,
                new Envelope.BodyRef(id, false, 0, 0, 0, false, 0, ""),
                Map.of(),
                "");
        return new Spool.Stored(
                envelope,
                IntStream.range(0, recipients.length)
                        .mapToObj(r -> Progress.initial(r, State.QUEUED, Instant.EPOCH))
                        .toList());
    }

    /** What is to become of one recipient. */
    private record Turn(MessageId id, Custodian.Deed deed, List<Progress> changed, boolean removes)
            implements Custodian.Turn {
        @Override
        public @Nullable Envelope rewritten() {
            return null;
        }

        @Override
        public List<Spool.Stored> entering() {
            return List.of();
        }
    }

    private Turn turn(Spool.Stored message, Custodian.Deed deed, State state, int sequence) {
        return turn(message, 0, deed, state, sequence);
    }

    private Turn turn(Spool.Stored message, int recipient, Custodian.Deed deed, State state, int sequence) {
        Progress p = message.progress().get(recipient);
        return new Turn(
                message.envelope().id(),
                deed,
                List.of(new Progress(recipient, state, 0, sequence, 1, p.due(), "", "", p.changed())),
                state.ended());
    }

    private static long records(Change change) {
        return change.steps().stream()
                .filter(Change.Step.Custody.class::isInstance)
                .count();
    }

    private Spool.Stored admitted() throws SpoolException {
        return admitted(message());
    }

    private Spool.Stored admitted(Spool.Stored message) throws SpoolException {
        Custodian.Pledge pledge = custodian.admit(List.of(message), null, new Change());
        pledge.kept();
        run();
        assertEquals(
                new Custodian.Word(Custodian.Word.Kind.ACCEPTED, 2),
                pledge.word().join());
        return message;
    }

    @Test
    void showsWhatItOwnsWhetherItMayDeliverItOrNot() throws Exception {
        tick();
        MessageId id =
                admitted(message("b@example.net", "c@example.net")).envelope().id();
        assertTrue(custodian.owns(id));
        assertTrue(custodian.shows(id));
        Spool.Counts all = new Spool.Counts(7, Map.of(State.DEFERRED, 9L), 4711);
        assertEquals(new Spool.Counts(1, Map.of(State.QUEUED, 2L), 4711), custodian.shown(all));
        now += 20_000;
        assertFalse(custodian.owns(id), "no lease any more");
        assertTrue(custodian.shows(id));
    }

    @Test
    void showsNothingThatItKeepsForAnotherMember() throws Exception {
        tick();
        assertTrue(custodian.shows(MessageId.next()), "of one that nobody knows it is not known to be another's");
        admitted();
        MessageId id = admitted().envelope().id();
        HeldMessage own = ledger.find(id).orElseThrow();
        HeldMessage taken = new HeldMessage(
                id,
                new Ballot(9, new Incarnation("b", 5)),
                false,
                own.version(),
                own.since(),
                own.keepers(),
                own.recipients(),
                own.doubted(),
                own.companions(),
                own.stamped());
        ledger.put(List.of(taken), () -> {});
        assertFalse(custodian.shows(id));
        assertEquals(1, custodian.shown(new Spool.Counts(2, Map.of(), 0)).messages());
    }

    @Test
    void takesNothingBeforeItHasHeardAMajority() {
        assertFalse(custodian.closed().isEmpty());
        assertThrows(SpoolException.class, () -> custodian.admit(List.of(message()), null, new Change()));
        tick();
        assertEquals("", custodian.closed());
    }

    @Test
    void tellsOthersOfAMessageOnlyWhenItIsOnThisDiskAndTheClientWhenItIsOnTheirs() throws Exception {
        tick();
        Spool.Stored message = message();
        Change change = new Change();
        Custodian.Pledge pledge = custodian.admit(List.of(message), null, change);
        run();
        assertEquals(1, records(change));
        assertEquals(List.of(), stores());
        pledge.kept();
        assertFalse(pledge.word().isDone());
        assertFalse(custodian.owns(message.envelope().id()));
        run();
        assertEquals(
                new Custodian.Word(Custodian.Word.Kind.ACCEPTED, 2),
                pledge.word().join());
        assertTrue(custodian.owns(message.envelope().id()));
        assertTrue(custodian.shared(message.envelope().id()));
    }

    @Test
    void letsNobodyGoBeforeTheIntentIsKnownToOthers() throws Exception {
        tick();
        Spool.Stored message = admitted();
        MessageId id = message.envelope().id();
        Custodian.Pledge intent =
                custodian.alter(turn(message, Custodian.Deed.INTENT, State.IN_TRANSIT, 1), new Change());
        assertFalse(custodian.mayGo(id, List.of(0)));
        intent.kept();
        assertFalse(custodian.mayGo(id, List.of(0)));
        run();
        assertTrue(intent.word().isDone());
        assertTrue(custodian.mayGo(id, List.of(0)));
        custodian
                .alter(turn(message, Custodian.Deed.OUTCOME, State.DELIVERED, 2), new Change())
                .kept();
        run();
        assertFalse(custodian.mayGo(id, List.of(0)));
        assertTrue(stores().getLast().records().getFirst().ended());
        assertEquals(List.of(), doubts);
    }

    @Test
    void whatElseIsSaidOfAMessageHoldsUpNoIntentThatIsKnown() throws Exception {
        tick();
        Spool.Stored message = admitted(message("b@example.net", "c@example.net"));
        MessageId id = message.envelope().id();
        Custodian.Pledge first =
                custodian.alter(turn(message, 0, Custodian.Deed.INTENT, State.IN_TRANSIT, 1), new Change());
        first.kept();
        Custodian.Pledge second =
                custodian.alter(turn(message, 1, Custodian.Deed.INTENT, State.IN_TRANSIT, 1), new Change());
        run();
        assertEquals(Custodian.Word.Kind.ACCEPTED, first.word().join().kind());
        assertTrue(custodian.mayGo(id, List.of(0)));
        assertFalse(custodian.mayGo(id, List.of(1)));
        second.kept();
        assertTrue(custodian.mayGo(id, List.of(0)));
        run();
        assertTrue(custodian.mayGo(id, List.of(0, 1)));
        custodian
                .alter(turn(message, 0, Custodian.Deed.OUTCOME, State.DELIVERED, 2), new Change())
                .kept();
        assertTrue(custodian.mayGo(id, List.of(1)));
        assertFalse(custodian.mayGo(id, List.of(0, 1)));
        assertEquals(Custodian.Word.Kind.ACCEPTED, second.word().join().kind());
    }

    @Test
    void doesNotOwnWhatOthersHaveWhenTheLeaseIsOver() throws Exception {
        tick();
        Spool.Stored message = admitted();
        silent = true;
        for (int i = 0; i < 7; i++) {
            tick();
        }
        assertFalse(custodian.owns(message.envelope().id()));
        assertFalse(custodian.why(message.envelope().id()).isEmpty());
        assertThrows(
                SpoolException.class,
                () -> custodian.alter(turn(message, Custodian.Deed.INTENT, State.IN_TRANSIT, 1), new Change()));
        // What has happened is true in any case.
        custodian.alter(turn(message, Custodian.Deed.OUTCOME, State.DELIVERED, 2), new Change());
    }

    @Test
    void tellsNobodyOfAChangeThatMayNotBeOnDiskAndReadsItAgain() throws Exception {
        tick();
        Spool.Stored message = admitted();
        int before = stores().size();
        custodian
                .alter(turn(message, Custodian.Deed.INTENT, State.IN_TRANSIT, 1), new Change())
                .broken();
        run();
        tick();
        assertEquals(before, stores().size());
        // This test has never committed anything, so the disk knows of nothing.
        assertFalse(custodian.owns(message.envelope().id()));
        assertFalse(custodian.mayGo(message.envelope().id(), List.of(0)));
    }
}
