// SPDX-License-Identifier: Apache-2.0
package org.posthouse.queue;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.posthouse.api.Address;
import org.posthouse.api.Event;
import org.posthouse.api.Outcome;
import org.posthouse.api.Recipient;
import org.posthouse.api.Reply;
import org.posthouse.api.Route;
import org.posthouse.api.Sender;
import org.posthouse.pipeline.spi.AttemptStage;
import org.posthouse.pipeline.spi.Conversation;
import org.posthouse.pipeline.spi.Decision;
import org.posthouse.pipeline.spi.Pipeline;
import org.posthouse.pipeline.spi.Sealed;
import org.posthouse.queue.spi.Carrier;
import org.posthouse.queue.spi.Lane;
import org.posthouse.queue.spi.Ledger;
import org.posthouse.queue.spi.NoticeWriter;
import org.posthouse.queue.spi.Parcel;
import org.posthouse.queue.spi.Planner;
import org.posthouse.spool.spi.Envelope;
import org.posthouse.spool.spi.MessageId;
import org.posthouse.spool.spi.Progress;
import org.posthouse.spool.spi.Spool;
import org.posthouse.spool.spi.SpoolException;
import org.posthouse.spool.spi.State;
import org.posthouse.spool.spi.Vault;

/** A queue with a scripted planner and carrier around it: sites are domains, and the script says how each parcel ends. */
final class House implements AutoCloseable {
    static final Duration IDLE = Duration.ofMillis(50);
    static final Settings QUICK = new Settings(
            RetrySchedule.parse("20ms"), Duration.ofDays(5), 200, 20, 100, Duration.ZERO, 10_000, 32L << 20);

    private static final Envelope.Origin CLIENT =
            new Envelope.Origin("s1", "mx", "192.0.2.1:4711", "client.example", "", "");

    /** How the handing over of a recipient ends. */
    enum End {
        DELIVER,
        DEFER,
        FAIL
    }

    /** How a parcel is treated; the default delivers. */
    interface Script {
        End end(Parcel parcel, int recipient);

        /** Before intent; false to give the parcel back, an exception to break the lane. */
        default boolean before(Lane lane, Parcel parcel) throws InterruptedException {
            return true;
        }

        /** Between intent and outcome. */
        default void inTransit(Parcel parcel) throws InterruptedException {}
    }

    static final Script DELIVER = (parcel, recipient) -> End.DELIVER;

    /** Everything is in transit until the latch opens, and is delivered then. */
    static Script deliverAfter(CountDownLatch latch) {
        return new Script() {
            @Override
            public End end(Parcel parcel, int recipient) {
                return End.DELIVER;
            }

            @Override
            public void inTransit(Parcel parcel) throws InterruptedException {
                latch.await();
            }
        };
    }

    final FakeSpool spool;
    final Depot depot;
    final SpoolIntake intake;
    final SpoolLedger ledger;
    final SpoolQueue queue;
    final AtomicLong ahead = new AtomicLong();
    private final AtomicLong passed = new AtomicLong();
    final ConcurrentLinkedQueue<Event> events = new ConcurrentLinkedQueue<>();
    final Map<String, AtomicInteger> delivered = new ConcurrentHashMap<>();
    final ConcurrentLinkedQueue<Parcel> carried = new ConcurrentLinkedQueue<>();
    final ConcurrentLinkedQueue<MessageId> notices = new ConcurrentLinkedQueue<>();
    final AtomicInteger doubled = new AtomicInteger();
    private final Map<String, Boolean> handed = new ConcurrentHashMap<>();
    volatile Script script = DELIVER;
    volatile Function<Spool.Stored, Sealed> judge = House::pass;
    volatile Function<String, Planner.Settled> settled = domain -> null;
    volatile Duration giveBackFor = Duration.ofSeconds(1);
    Scheduler scheduler;

    House(FakeSpool spool, Settings settings) {
        this(spool, null, settings);
    }

    House(FakeSpool spool, @Nullable Vault vault, Settings settings) {
        this.spool = spool;
        Clocks clocks = new Clocks(
                () -> Instant.now().plusMillis(ahead.get()),
                () -> System.nanoTime() + Duration.ofMillis(passed.get()).toNanos());
        this.depot = new Depot(spool, vault, events::add, clocks, settings, this::write);
        this.intake = new SpoolIntake(depot);
        this.ledger = new SpoolLedger(depot);
        this.queue = new SpoolQueue(depot);
    }

    static House open() {
        return open(new FakeSpool(), QUICK);
    }

    static House open(FakeSpool spool, Settings settings) {
        House house = new House(spool, settings);
        house.start();
        return house;
    }

    void start() {
        scheduler = new Scheduler(depot, this::plan, new Scripted(), new Judging());
        scheduler.start();
    }

    void stop() {
        if (scheduler != null) {
            scheduler.close();
        }
    }

    @Override
    public void close() {
        stop();
        depot.close();
    }

    private Optional<Ledger.Notice> write(Spool.Stored message, List<NoticeWriter.Line> lines) {
        if (message.envelope().sender().address().isNull()) {
            return Optional.empty();
        }
        MessageId id = MessageId.next();
        notices.add(id);
        Envelope envelope = envelope(
                id, Address.NULL, List.of(message.envelope().sender().address().toString()));
        return Optional.of(new Ledger.Notice(
                new Sealed.Admission(envelope, State.UNJUDGED, depot.now()), new FakeSpool.FakeDraft(id)));
    }

    private Planner.Plan plan(Spool.Stored message, List<Integer> recipients) {
        Map<String, List<Integer>> byDomain = new LinkedHashMap<>();
        List<Planner.Settled> decided = new ArrayList<>();
        for (int r : recipients) {
            String domain = message.envelope().recipients().get(r).domain();
            Planner.Settled end = settled.apply(domain);
            if (end == null) {
                byDomain.computeIfAbsent(domain, d -> new ArrayList<>()).add(r);
            } else {
                decided.add(new Planner.Settled(r, end.outcome()));
            }
        }
        List<Planner.Load> loads = new ArrayList<>();
        byDomain.forEach((domain, all) -> loads.add(
                new Planner.Load(new Planner.Site(domain, domain), new Route("smtp", "mx", domain, "test"), all)));
        return new Planner.Plan(loads, decided);
    }

    static Sealed pass(Spool.Stored message) {
        return new Sealed(
                Decision.PROCEED, List.of(new Sealed.Admission(message.envelope(), State.QUEUED, Instant.now())));
    }

    static Envelope envelope(MessageId id, Address sender, List<String> recipients) {
        return envelope(id, Envelope.Origin.INTERNAL, sender, recipients);
    }

    static Envelope envelope(MessageId id, Envelope.Origin origin, Address sender, List<String> recipients) {
        return new Envelope(
                id,
                Instant.now(),
                origin,
                Sender.of(sender),
                recipients.stream().map(r -> Recipient.of(Address.of(r))).toList(),
                Envelope.Routing.PLAIN,
                "",
                "",
                false,
                new Envelope.BodyRef(id, false, 0, 0, 0, false, 0, ""),
                Map.of(),
                "");
    }

    Sealed.Admission admission(String... recipients) {
        return new Sealed.Admission(
                envelope(MessageId.next(), CLIENT, Address.of("alice@example.org"), List.of(recipients)),
                State.QUEUED,
                depot.now());
    }

    MessageId accept(String... recipients) {
        return accept(admission(recipients));
    }

    MessageId accept(Sealed.Admission admission) {
        try {
            return intake.accept(List.of(admission), null).id();
        } catch (SpoolException e) {
            throw new AssertionError(e);
        }
    }

    /** Lets time pass. */
    void pass(Duration span) {
        passed.addAndGet(span.toMillis());
        jump(span);
    }

    /** The wall clock jumps, and no time passes. */
    void jump(Duration span) {
        ahead.addAndGet(span.toMillis());
        scheduler.look();
    }

    int deliveries() {
        return delivered.values().stream().mapToInt(AtomicInteger::get).sum();
    }

    void awaitEmpty() {
        await("the spool is empty", () -> spool.messages() == 0);
        quiet();
        assertEquals(List.of(), spool.inconsistencies());
    }

    /** Everything is at rest: nothing is in memory. */
    void quiet() {
        await("nothing is in memory", () -> depot.flights().count() == 0 && scheduler.settledDown());
        assertEquals(0, doubled.get(), "parcels of the same recipient at the same time");
        assertEquals(0, depot.flights().octets());
        assertEquals(0, depot.flights().expressCount());
    }

    State state(MessageId id, int recipient) {
        try {
            return spool.load(id).map(s -> s.progress().get(recipient).state()).orElse(null);
        } catch (SpoolException e) {
            throw new AssertionError(e);
        }
    }

    int attempts(MessageId id) {
        try {
            return spool.load(id).map(s -> s.progress().get(0).attempts()).orElse(0);
        } catch (SpoolException e) {
            throw new AssertionError(e);
        }
    }

    static void await(String what, BooleanSupplier condition) {
        long end = System.nanoTime() + Duration.ofSeconds(60).toNanos();
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() < end, "waited in vain until " + what);
            LockSupport.parkNanos(1_000_000);
        }
    }

    /** Serves lanes by the script. */
    private final class Scripted implements Carrier {
        @Override
        public void carry(Lane lane) {
            try {
                for (Parcel p = lane.next(IDLE); p != null; p = lane.next(IDLE)) {
                    carry(lane, p);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } catch (SpoolException e) {
                throw new java.io.UncheckedIOException(e);
            }
        }

        private void carry(Lane lane, Parcel parcel) throws InterruptedException, SpoolException {
            carried.add(parcel);
            List<String> keys = parcel.recipients().stream()
                    .map(r -> parcel.message().envelope().id() + "/" + r)
                    .toList();
            keys.stream().filter(k -> handed.put(k, true) != null).forEach(k -> doubled.incrementAndGet());
            boolean ours = true;
            try {
                if (!script.before(lane, parcel) || !ledger.intend(parcel, parcel.recipients())) {
                    keys.forEach(handed::remove);
                    ours = false;
                    ledger.giveBack(parcel, depot.now().plus(giveBackFor));
                    return;
                }
                script.inTransit(parcel);
                List<Progress> next = parcel.recipients().stream()
                        .map(r -> next(parcel, r, script.end(parcel, r)))
                        .toList();
                keys.forEach(handed::remove);
                ours = false;
                ledger.settle(parcel, next, List.of());
            } finally {
                if (ours) {
                    keys.forEach(handed::remove);
                }
            }
        }

        private Progress next(Parcel parcel, int recipient, End end) {
            Progress now = parcel.message().progress().get(recipient).attempted();
            if (end == End.DELIVER) {
                delivered
                        .computeIfAbsent(parcel.message().envelope().id() + "/" + recipient, k -> new AtomicInteger())
                        .incrementAndGet();
                return stamped(now.to(State.DELIVERED, now.due(), "250 2.0.0 ok", "host"));
            }
            Optional<Instant> due = ledger.nextAttempt(parcel.message(), now.attempts(), depot.now());
            return stamped(
                    end == End.FAIL
                            ? now.to(State.FAILED, now.due(), "550 5.1.1 no", "host")
                            : due.isEmpty()
                                    ? now.to(State.EXPIRED, now.due(), "451 4.0.0 later", "host")
                                    : now.to(State.DEFERRED, due.get(), "451 4.0.0 later", "host"));
        }

        /** By the clock of this house. */
        private Progress stamped(Progress p) {
            return new Progress(
                    p.recipient(),
                    p.state(),
                    p.epoch(),
                    p.sequence(),
                    p.attempts(),
                    p.due(),
                    p.reply(),
                    p.host(),
                    depot.now());
        }

        @Override
        public void conclude(Parcel parcel, List<Planner.Settled> outcomes) {
            List<Progress> next = outcomes.stream()
                    .map(s -> next(parcel, s.recipient(), s.outcome().reply().permanent() ? End.FAIL : End.DEFER))
                    .toList();
            List<Integer> failed = next.stream()
                    .filter(p -> p.state() != State.DEFERRED)
                    .map(Progress::recipient)
                    .toList();
            try {
                if (failed.isEmpty() || ledger.announce(parcel, failed)) {
                    ledger.settle(parcel, next, List.of());
                } else {
                    ledger.giveBack(parcel, depot.now().plus(giveBackFor));
                }
            } catch (SpoolException e) {
                throw new java.io.UncheckedIOException(e);
            }
        }
    }

    static Planner.Settled decided(int code, String enhanced) {
        return new Planner.Settled(0, new Outcome(new Reply(code, enhanced, "decided"), "", "", false));
    }

    /** Answers what the test says. */
    private final class Judging implements Pipeline {
        @Override
        public Conversation open(Facts facts) {
            throw new UnsupportedOperationException("nobody connects");
        }

        @Override
        public Sealed judge(Spool.Stored message) {
            return judge.apply(message);
        }

        @Override
        public AttemptStage attempt(Spool.Stored message, Route route, List<Integer> recipients) {
            throw new UnsupportedOperationException("nobody asks");
        }
    }
}
