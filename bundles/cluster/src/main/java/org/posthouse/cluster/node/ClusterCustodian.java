// SPDX-License-Identifier: Apache-2.0
package org.posthouse.cluster.node;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.posthouse.cluster.disk.Captured;
import org.posthouse.cluster.disk.RecordLedger;
import org.posthouse.cluster.protocol.Custody;
import org.posthouse.cluster.protocol.HeldMessage;
import org.posthouse.cluster.protocol.Membership;
import org.posthouse.cluster.protocol.Receipt;
import org.posthouse.cluster.protocol.Rules;
import org.posthouse.cluster.protocol.Stage;
import org.posthouse.cluster.protocol.Standing;
import org.posthouse.cluster.protocol.Station;
import org.posthouse.queue.spi.Custodian;
import org.posthouse.spool.spi.Change;
import org.posthouse.spool.spi.Draft;
import org.posthouse.spool.spi.MessageId;
import org.posthouse.spool.spi.Progress;
import org.posthouse.spool.spi.Spool;
import org.posthouse.spool.spi.SpoolException;
import org.posthouse.spool.spi.State;

/** The custodian over the protocol: what the queue is about to write goes there first, and comes back with records. */
public final class ClusterCustodian implements Custodian {
    /** So many messages are looked at while the protocol waits. */
    private static final int LOOKED_AT = 2_000;

    private static final Word NO_WORD = new Word(Word.Kind.CLOSED, 1);

    private final Membership members;
    private final Rules rules;
    private final Stage stage;
    private final Standing standing;
    private final Custody custody;
    private final RecordLedger ledger;
    private final BooleanSupplier started;
    private final Set<MessageId> admitting = new HashSet<>();

    /**
     * @param started whether what others tell can be written
     */
    public ClusterCustodian(
            Membership members,
            Rules rules,
            Stage stage,
            Station station,
            RecordLedger ledger,
            BooleanSupplier started) {
        this.members = members;
        this.rules = rules;
        this.stage = stage;
        this.standing = station.standing();
        this.custody = station.custody();
        this.ledger = ledger;
        this.started = started;
    }

    @Override
    public String closed() {
        return stage.enter(this::trouble);
    }

    private String trouble() {
        if (!members.storesMail()) {
            return "This member of the cluster is a witness and stores no mail";
        }
        if (!started.getAsBoolean()) {
            return "The cluster is starting";
        }
        if (!standing.living()) {
            return "The disk of this member is empty, and it asks the others what it must know";
        }
        return standing.knowsItself()
                ? ""
                : "This member has not heard " + members.majority() + " of " + members.size() + " since its start";
    }

    @Override
    public boolean owns(MessageId id) {
        return stage.enter(() -> !admitting.contains(id) && !ledger.isUncertain(id) && custody.ready(id));
    }

    @Override
    public String why(MessageId id) {
        return stage.enter(() -> {
            HeldMessage m = ledger.find(id).orElse(null);
            if (m == null || ledger.isUncertain(id)) {
                return "What is on disk of the message is not known at the moment";
            }
            String owner = m.ballot().owner().node();
            if (m.ended()) {
                return "The message has ended";
            }
            if (!owner.equals(members.self())) {
                return "The message is the member " + owner + "'s";
            }
            if (m.claiming()) {
                return "The others are asked for the message";
            }
            return standing.leased()
                    ? "The others are asked what became of the message"
                    : "Fewer than " + members.majority() + " members hear each other, and others have the message too";
        });
    }

    @Override
    public boolean shows(MessageId id) {
        return stage.enter(() -> ledger.find(id).map(this::isOurs).orElse(true));
    }

    private boolean isOurs(HeldMessage m) {
        return m.ballot().owner().node().equals(members.self());
    }

    @Override
    public Spool.Counts shown(Spool.Counts all) {
        List<MessageId> ids = stage.enter(ledger::ids);
        Map<State, Long> recipients = new EnumMap<>(State.class);
        long messages = 0;
        for (int i = 0; i < ids.size(); i += LOOKED_AT) {
            List<MessageId> some = ids.subList(i, Math.min(ids.size(), i + LOOKED_AT));
            messages += stage.enter(() -> count(some, recipients));
        }
        return new Spool.Counts(messages, recipients, all.octets());
    }

    private long count(List<MessageId> ids, Map<State, Long> recipients) {
        long messages = 0;
        for (MessageId id : ids) {
            HeldMessage m = ledger.find(id).orElse(null);
            if (m != null && isOurs(m) && !m.ended()) {
                messages++;
                m.recipients().forEach(p -> recipients.merge(p.state(), 1L, Long::sum));
            }
        }
        return messages;
    }

    @Override
    public boolean shared(MessageId id) {
        return stage.enter(
                () -> ledger.find(id).filter(m -> !m.alone(members.self())).isPresent());
    }

    @Override
    public long epoch(MessageId id) {
        return stage.enter(() -> ledger.find(id).map(m -> m.ballot().epoch()).orElse(0L));
    }

    /** Whoever is on his way for the protocol has not been doubted by it. */
    @Override
    public boolean isDoubted(MessageId id, int recipient) {
        return stage.enter(() -> ledger.find(id)
                .filter(m -> m.recipients().get(recipient).state() != State.IN_TRANSIT)
                .isPresent());
    }

    @Override
    public State doubted() {
        return rules.doubted();
    }

    @Override
    public Pledge admit(List<Spool.Stored> entering, @Nullable Draft octets, Change change) throws SpoolException {
        Admitted admitted = stage.enter(() -> admitted(entering, change));
        if (admitted == null) {
            throw new SpoolException(SpoolException.Kind.SICK, closed());
        }
        return admitted;
    }

    private @Nullable Admitted admitted(List<Spool.Stored> entering, Change change) {
        if (!trouble().isEmpty()) {
            return null;
        }
        Admitted admitted = new Admitted(entering.size());
        admitted.captured = ledger.capture(() -> {
            for (Spool.Stored message : entering) {
                MessageId id = message.envelope().id();
                admitting.add(id);
                custody.admit(id, message.progress(), admitted::answered);
            }
        });
        ledger.addTo(change, admitted.captured);
        return admitted;
    }

    @Override
    public Pledge alter(Turn turn, Change change) throws SpoolException {
        Altered altered = stage.enter(() -> altered(turn, change));
        if (altered == null) {
            throw new SpoolException(SpoolException.Kind.SICK, why(turn.id()));
        }
        return altered;
    }

    private @Nullable Altered altered(Turn turn, Change change) {
        MessageId id = turn.id();
        boolean asked = switch (turn.deed()) {
            case INTENT -> true;
            case DOUBT, VERB, JUDGEMENT -> custody.believes(id);
            // It may have become another node's since it was asked whether this may be said.
            case OUTCOME ->
                turn.changed().stream().allMatch(p -> custody.maySay(id, p.state()))
                        && (turn.entering().isEmpty() || custody.maySay(id, State.FAILED));
            case REST -> turn.changed().stream().allMatch(p -> custody.maySay(id, p.state()));
            case CLEARANCE -> true;
        };
        if (!asked) {
            return null;
        }
        boolean[] done = {true};
        Captured captured = ledger.capture(() -> done[0] = make(turn));
        if (!done[0]) {
            return null;
        }
        ledger.addTo(change, captured);
        return new Altered(id, captured);
    }

    private boolean make(Turn turn) {
        MessageId id = turn.id();
        switch (turn.deed()) {
            case INTENT -> {
                return custody.intend(id, turn.changed());
            }
            case CLEARANCE -> ledger.find(id).ifPresent(m -> ledger.put(List.of(m), () -> {}));
            case DOUBT -> {
                settle(turn);
                custody.doubt(
                        id, turn.changed().stream().map(Progress::recipient).collect(Collectors.toSet()));
            }
            case OUTCOME, REST, VERB, JUDGEMENT -> settle(turn);
        }
        if (turn.rewritten() != null) {
            custody.rewritten(id);
        }
        return true;
    }

    private void settle(Turn turn) {
        List<HeldMessage> entering = new ArrayList<>();
        for (Spool.Stored message : turn.entering()) {
            entering.add(custody.beside(turn.id(), message.envelope().id(), message.progress()));
        }
        custody.settle(turn.id(), turn.changed(), entering);
    }

    @Override
    public boolean maySay(MessageId id, State state) {
        return stage.enter(() -> custody.maySay(id, state));
    }

    @Override
    public void land(MessageId id, List<Integer> recipients) {
        stage.enter(() -> {
            custody.land(id, recipients);
            return true;
        });
    }

    @Override
    public boolean mayGo(MessageId id, List<Integer> recipients) {
        return stage.enter(() -> !ledger.isUncertain(id) && custody.mayGo(id, recipients));
    }

    @Override
    public void leave(boolean now) {
        stage.enter(() -> {
            custody.leave(now);
            return true;
        });
    }

    @Override
    public List<String> unfinished() {
        return stage.enter(() -> {
            long owned = 0;
            long untold = 0;
            for (MessageId id : ledger.ids()) {
                HeldMessage m = ledger.find(id).orElse(null);
                owned += m != null && custody.holds(m) ? 1 : 0;
                untold += m != null && custody.tells(m) ? 1 : 0;
            }
            List<String> left = new ArrayList<>();
            if (owned > 0) {
                left.add("Messages that no other member has taken yet: " + owned);
            }
            if (untold > 0) {
                left.add("Messages of whose end other members have not heard yet: " + untold);
            }
            return left;
        });
    }

    /** New messages that are committed; their client waits for the word. */
    private final class Admitted implements Pledge {
        private final CompletableFuture<Word> word = new CompletableFuture<>();
        private final List<Receipt> receipts = new ArrayList<>();
        private final int expected;
        private Captured captured = ledger.capture(() -> {});

        Admitted(int expected) {
            this.expected = expected;
        }

        /** The client is told what holds for all of them: when they differ, that nobody knows. */
        private void answered(Receipt receipt) {
            receipts.add(receipt);
            if (receipts.size() == expected) {
                captured.ids().forEach(admitting::remove);
                Receipt.Kind kind = receipts.getFirst().kind();
                boolean agreed = receipts.stream().allMatch(r -> r.kind() == kind);
                int copies = receipts.stream().mapToInt(Receipt::copies).min().orElse(1);
                word.complete(agreed ? new Word(kind(kind), copies) : NO_WORD);
            }
        }

        private static Word.Kind kind(Receipt.Kind kind) {
            return switch (kind) {
                case ACCEPTED -> Word.Kind.ACCEPTED;
                case DEFERRED -> Word.Kind.DEFERRED;
                case CLOSED -> Word.Kind.CLOSED;
            };
        }

        @Override
        public void kept() {
            stage.enter(() -> {
                ledger.kept(captured);
                return true;
            });
        }

        @Override
        public void broken() {
            stage.enter(() -> {
                captured.ids().forEach(custody::withdraw);
                captured.ids().forEach(admitting::remove);
                ledger.broken(captured, custody::reread);
                return word.complete(NO_WORD);
            });
        }

        @Override
        public CompletableFuture<Word> word() {
            return word;
        }
    }

    /** A change of a message that is committed. */
    private final class Altered implements Pledge {
        private final MessageId id;
        private final long version;
        private final Captured captured;

        Altered(MessageId id, Captured captured) {
            this.id = id;
            this.version = custody.version(id);
            this.captured = captured;
        }

        @Override
        public void kept() {
            stage.enter(() -> {
                ledger.kept(captured);
                return true;
            });
        }

        @Override
        public void broken() {
            stage.enter(() -> {
                ledger.broken(captured, custody::reread);
                return true;
            });
        }

        @Override
        public CompletableFuture<Word> word() {
            CompletableFuture<Word> word = new CompletableFuture<>();
            return stage.enter(() -> {
                custody.whenSaid(
                        id, version, said -> word.complete(said ? new Word(Word.Kind.ACCEPTED, copies()) : NO_WORD));
                return word;
            });
        }

        private int copies() {
            return (int) ledger.find(id).map(custody::copies).orElse(1L).longValue();
        }
    }
}
