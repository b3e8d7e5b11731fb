// SPDX-License-Identifier: Apache-2.0
package org.posthouse.queue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BiConsumer;
import java.util.stream.Stream;
import org.posthouse.api.Address;
import org.posthouse.api.Event;
import org.posthouse.api.Recipient;
import org.posthouse.api.Route;
import org.posthouse.api.Sender;
import org.posthouse.pipeline.spi.AttemptStage;
import org.posthouse.pipeline.spi.Conversation;
import org.posthouse.pipeline.spi.Decision;
import org.posthouse.pipeline.spi.Pipeline;
import org.posthouse.pipeline.spi.Sealed;
import org.posthouse.queue.spi.Carrier;
import org.posthouse.queue.spi.Custodian;
import org.posthouse.queue.spi.Holdings;
import org.posthouse.queue.spi.Intake;
import org.posthouse.queue.spi.Lane;
import org.posthouse.queue.spi.Ledger;
import org.posthouse.queue.spi.Parcel;
import org.posthouse.queue.spi.Planner;
import org.posthouse.spool.spi.Draft;
import org.posthouse.spool.spi.Envelope;
import org.posthouse.spool.spi.MessageId;
import org.posthouse.spool.spi.Progress;
import org.posthouse.spool.spi.Spool;
import org.posthouse.spool.spi.SpoolException;
import org.posthouse.spool.spi.State;

/** The queue as it ships over a spool, with a next hop that takes everything. */
public final class Post implements AutoCloseable {
    private static final Duration IDLE = Duration.ofMillis(50);
    private static final Settings QUICK = new Settings(
            RetrySchedule.parse("500ms"), Duration.ofDays(5), 50, 20, 100, Duration.ZERO, 10_000, 32L << 20);
    private static final Envelope.Origin CLIENT =
            new Envelope.Origin("s1", "mx", "192.0.2.1:4711", "client.example", "", "");

    private final Spool spool;
    private final Depot depot;
    private final SpoolIntake intake;
    private final SpoolLedger ledger;
    private final SpoolHoldings holdings;
    private final Scheduler scheduler;
    private final BiConsumer<Spool.Stored, Integer> sink;

    /** Whether the next hop is there. */
    public final AtomicBoolean open = new AtomicBoolean(true);

    /** What was published. */
    public final Queue<Event> events = new ConcurrentLinkedQueue<>();

    /** What happens when the next hop refuses a recipient, which it does for all whose local part is {@code unknown}. */
    public volatile Runnable refusing = () -> {};

    private final CountDownLatch dead = new CountDownLatch(1);

    /** Whether the process ends between the final dot and its record. */
    public final AtomicBoolean dies = new AtomicBoolean();

    /**
     * A queue.
     *
     * @param sink takes each recipient that is handed over
     */
    public Post(Spool spool, Custodian custodian, BiConsumer<Spool.Stored, Integer> sink) {
        this.spool = spool;
        this.sink = sink;
        depot = new Depot(spool, null, events::add, Clocks.SYSTEM, QUICK, (message, lines) -> Optional.empty());
        depot.bindCustodian(custodian);
        intake = new SpoolIntake(depot);
        ledger = new SpoolLedger(depot);
        holdings = new SpoolHoldings(depot);
        scheduler = new Scheduler(depot, Post::plan, new Hand(), new Judging());
        scheduler.start();
    }

    public Holdings holdings() {
        return holdings;
    }

    /** Takes a message as the last step of a session does. */
    public Intake.Receipt accept(byte[] octets, String... recipients) throws IOException {
        MessageId id = MessageId.next();
        try (Draft draft = spool.draft(id)) {
            draft.write(octets, 0, octets.length);
            Envelope envelope = envelope(
                    id,
                    Sender.of(Address.of("alice@example.org")),
                    Stream.of(recipients).map(Address::of).toList(),
                    draft.finish());
            return intake.accept(List.of(new Sealed.Admission(envelope, State.QUEUED, Instant.now())), draft);
        }
    }

    private static Envelope envelope(MessageId id, Sender sender, List<Address> recipients, Envelope.BodyRef body) {
        return new Envelope(
                id,
                Instant.now(),
                CLIENT,
                sender,
                recipients.stream().map(Recipient::of).toList(),
                Envelope.Routing.PLAIN,
                "Received: by test\r\n",
                "",
                false,
                body,
                Map.of(),
                "");
    }

    private static Planner.Plan plan(Spool.Stored message, List<Integer> recipients) {
        return new Planner.Plan(
                List.of(new Planner.Load(
                        new Planner.Site("sink", "sink"), new Route("smtp", "mx", "sink", "test"), recipients)),
                List.of());
    }

    /** Hands over what it is given. */
    private final class Hand implements Carrier {
        @Override
        public void carry(Lane lane) {
            try {
                for (Parcel p = lane.next(IDLE); p != null; p = lane.next(IDLE)) {
                    carry(p);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        private void carry(Parcel parcel) throws IOException, InterruptedException {
            if (!open.get() || !ledger.intend(parcel, parcel.recipients())) {
                ledger.giveBack(parcel, Instant.now().plusMillis(500));
                return;
            }
            List<Integer> unknown =
                    parcel.recipients().stream().filter(r -> unknown(parcel, r)).toList();
            parcel.recipients().stream()
                    .filter(r -> !unknown.contains(r))
                    .forEach(r -> sink.accept(parcel.message(), r));
            if (!unknown.isEmpty()) {
                refusing.run();
            }
            if (dies.get()) {
                dead.await();
            }
            ledger.settle(
                    parcel,
                    parcel.recipients().stream()
                            .map(r -> parcel.message().progress().get(r).attempted())
                            .map(p -> unknown.contains(p.recipient())
                                    ? p.to(State.FAILED, p.due(), "550 5.1.1 unknown", "host")
                                    : p.to(State.DELIVERED, p.due(), "250 2.0.0 ok", "host"))
                            .toList(),
                    unknown.isEmpty() ? List.of() : List.of(notice(parcel)));
        }

        private static boolean unknown(Parcel parcel, int recipient) {
            return parcel.message()
                    .envelope()
                    .recipients()
                    .get(recipient)
                    .address()
                    .toString()
                    .startsWith("unknown@");
        }

        private Ledger.Notice notice(Parcel parcel) throws IOException {
            MessageId id = MessageId.next();
            Draft draft = spool.draft(id);
            byte[] octets = "Subject: failed\r\n\r\nsorry\r\n".getBytes(StandardCharsets.US_ASCII);
            draft.write(octets, 0, octets.length);
            Envelope envelope = envelope(
                    id,
                    Sender.of(Address.NULL),
                    List.of(parcel.message().envelope().sender().address()),
                    draft.finish());
            return new Ledger.Notice(new Sealed.Admission(envelope, State.QUEUED, Instant.now()), draft);
        }

        @Override
        public void conclude(Parcel parcel, List<Planner.Settled> outcomes) {
            throw new UnsupportedOperationException("everything has a route");
        }
    }

    /** Nobody judges. */
    private static final class Judging implements Pipeline {
        @Override
        public Conversation open(Facts facts) {
            throw new UnsupportedOperationException("nobody connects");
        }

        @Override
        public Sealed judge(Spool.Stored message) {
            return new Sealed(
                    Decision.PROCEED, List.of(new Sealed.Admission(message.envelope(), State.QUEUED, Instant.now())));
        }

        @Override
        public AttemptStage attempt(Spool.Stored message, Route route, List<Integer> recipients) {
            throw new UnsupportedOperationException("nobody asks");
        }
    }

    /** The progress of a message on this disk; none when it is not there. */
    public List<Progress> progress(MessageId id) {
        try {
            return spool.load(id).map(Spool.Stored::progress).orElse(List.of());
        } catch (SpoolException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        scheduler.close();
        depot.close();
    }
}
