// SPDX-License-Identifier: Apache-2.0
package org.posthouse.delivery;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.posthouse.api.Address;
import org.posthouse.api.BodyType;
import org.posthouse.api.Content;
import org.posthouse.api.Recipient;
import org.posthouse.api.Reply;
import org.posthouse.api.Route;
import org.posthouse.api.Sender;
import org.posthouse.api.Verdict.Delivery;
import org.posthouse.pipeline.spi.AttemptStage;
import org.posthouse.pipeline.spi.Conversation;
import org.posthouse.pipeline.spi.Pipeline;
import org.posthouse.pipeline.spi.Sealed;
import org.posthouse.queue.spi.Lane;
import org.posthouse.queue.spi.Ledger;
import org.posthouse.queue.spi.Parcel;
import org.posthouse.queue.spi.Planner;
import org.posthouse.spool.spi.Change;
import org.posthouse.spool.spi.Draft;
import org.posthouse.spool.spi.Envelope;
import org.posthouse.spool.spi.MessageId;
import org.posthouse.spool.spi.Progress;
import org.posthouse.spool.spi.Spool;
import org.posthouse.spool.spi.SpoolException;
import org.posthouse.spool.spi.State;

/** The other parts of the engine as far as delivery sees them, in memory. */
public final class Fakes {
    private Fakes() {}

    /** A message from a sender to recipients. */
    public static Spool.Stored stored(Sender sender, int octets, boolean eightBit, Recipient... recipients) {
        MessageId id = MessageId.next();
        Envelope envelope = new Envelope(
                id,
                Instant.now(),
                Envelope.Origin.INTERNAL,
                sender,
                List.of(recipients),
                Envelope.Routing.PLAIN,
                "",
                "",
                false,
                new Envelope.BodyRef(id, false, octets, 0, 0, eightBit, 0, ""),
                Map.of(),
                "");
        List<Progress> progress = new ArrayList<>();
        for (int i = 0; i < recipients.length; i++) {
            progress.add(Progress.initial(i, State.QUEUED, Instant.now()));
        }
        return new Spool.Stored(envelope, progress);
    }

    public static Spool.Stored stored(String... recipients) {
        Recipient[] all = List.of(recipients).stream()
                .map(r -> Recipient.of(Address.of(r)))
                .toArray(Recipient[]::new);
        Sender sender = new Sender(Address.of("a@us.test"), -1, BodyType.SEVEN_BIT, false, "", "");
        return stored(sender, 10, false, all);
    }

    public static Parcel parcel(Spool.Stored message, Route route) {
        List<Integer> all = message.progress().stream().map(Progress::recipient).toList();
        return new Parcel(message, new Planner.Site("key", "site"), route, all);
    }

    /** Octets in memory. */
    public static Content content(byte[] octets) {
        return new Content() {
            @Override
            public long size() {
                return octets.length;
            }

            @Override
            public InputStream open() {
                return new ByteArrayInputStream(octets);
            }
        };
    }

    /** A ledger that remembers what it was told. */
    public static final class MemoryLedger implements Ledger {
        public final List<List<Progress>> settled = new ArrayList<>();
        public final List<Notice> notices = new ArrayList<>();
        public final List<List<Integer>> intents = new ArrayList<>();
        public final List<Instant> givenBack = new ArrayList<>();
        public Optional<Duration> retry = Optional.of(Duration.ofMinutes(5));
        public boolean willing = true;
        public boolean announces = true;
        public boolean shared;
        public boolean sick;

        @Override
        public boolean shared(Parcel parcel) {
            return shared;
        }

        @Override
        public boolean announce(Parcel parcel, List<Integer> recipients) {
            return announces;
        }

        @Override
        public synchronized boolean intend(Parcel parcel, List<Integer> recipients) {
            intents.add(recipients);
            return willing;
        }

        @Override
        public synchronized void settle(Parcel parcel, List<Progress> next, List<Notice> more) throws SpoolException {
            if (sick) {
                throw new SpoolException(SpoolException.Kind.SICK, "no disk");
            }
            settled.add(List.copyOf(next));
            notices.addAll(more);
        }

        @Override
        public synchronized void giveBack(Parcel parcel, Instant due) {
            givenBack.add(due);
        }

        @Override
        public Optional<Instant> nextAttempt(Spool.Stored message, int attempts, Instant now) {
            return retry.map(now::plus);
        }
    }

    /** A lane over a list. */
    public static final class ListLane implements Lane {
        public final Deque<Parcel> parcels = new ArrayDeque<>();
        public final List<Duration> waits = new ArrayList<>();
        public Duration pause = Duration.ZERO;

        @Override
        public Planner.Site site() {
            return new Planner.Site("key", "site");
        }

        @Override
        public Parcel next(Duration idle) {
            waits.add(idle);
            return parcels.poll();
        }

        @Override
        public void unreachable(Duration time, String why) {
            pause = time;
        }
    }

    /** A pipeline without hooks, or with one. */
    public static final class PlainPipeline implements Pipeline {
        public Delivery before = Delivery.proceed();
        public Delivery replied = Delivery.proceed();
        public boolean failing;

        @Override
        public Conversation open(Facts facts) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Sealed judge(Spool.Stored message) {
            throw new UnsupportedOperationException();
        }

        @Override
        public AttemptStage attempt(Spool.Stored message, Route route, List<Integer> recipients) {
            return new AttemptStage() {
                @Override
                public Delivery before() {
                    return route.name().equals("rerouted") ? Delivery.proceed() : before;
                }

                @Override
                public Delivery connected(String host) {
                    return Delivery.proceed();
                }

                @Override
                public Delivery replied(Reply reply) {
                    if (failing && !reply.positive()) {
                        throw new IllegalStateException("broken hooks");
                    }
                    return replied;
                }

                @Override
                public Address sender() {
                    return message.envelope().sender().address();
                }

                @Override
                public Content content(Content stored) {
                    return stored;
                }
            };
        }
    }

    /** A spool of octets in memory. */
    public static final class MemorySpool implements Spool {
        public final Map<MessageId, byte[]> octets = new ConcurrentHashMap<>();
        public final Map<MessageId, String> aside = new HashMap<>();
        public byte[] standard = "Subject: x\r\n\r\nhello\r\n".getBytes(StandardCharsets.US_ASCII);
        public boolean damaged;
        public boolean full;
        public int closed;

        @Override
        public Draft draft(MessageId id) {
            return new MemoryDraft(id);
        }

        @Override
        public Content content(Envelope envelope) {
            if (damaged) {
                return broken();
            }
            return Fakes.content(octets.getOrDefault(envelope.id(), standard));
        }

        private static Content broken() {
            return new Content() {
                @Override
                public long size() {
                    return 10;
                }

                @Override
                public InputStream open() throws IOException {
                    throw new IOException("checksum");
                }
            };
        }

        @Override
        public void setAside(MessageId id, String why) {
            aside.put(id, why);
        }

        @Override
        public void commit(Change change) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Optional<Stored> load(MessageId id) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Content received(Envelope envelope) {
            throw new UnsupportedOperationException();
        }

        @Override
        public List<DueEntry> due(DueEntry from, int most) {
            throw new UnsupportedOperationException();
        }

        @Override
        public List<Stored> list(MessageId after, int most) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Counts counts() {
            throw new UnsupportedOperationException();
        }

        @Override
        public List<SetAside> setAside() {
            return List.of();
        }

        @Override
        public Condition condition() {
            return Condition.GOOD;
        }

        @Override
        public AutoCloseable onCondition(Consumer<Condition> listener) {
            return () -> {};
        }

        /** A draft in memory. */
        private final class MemoryDraft implements Draft {
            private final MessageId id;
            private final ByteArrayOutputStream out = new ByteArrayOutputStream();
            private boolean eightBit;

            MemoryDraft(MessageId id) {
                this.id = id;
            }

            @Override
            public MessageId id() {
                return id;
            }

            @Override
            public void write(byte[] block, int offset, int length) throws IOException {
                if (full) {
                    throw new IOException("no space");
                }
                for (int i = offset; i < offset + length; i++) {
                    eightBit |= block[i] < 0;
                }
                out.write(block, offset, length);
            }

            @Override
            public long size() {
                return out.size();
            }

            @Override
            public Envelope.BodyRef finish() {
                octets.put(id, out.toByteArray());
                return new Envelope.BodyRef(id, false, out.size(), 0, 0, eightBit, 0, "");
            }

            @Override
            public Content content() {
                return Fakes.content(out.toByteArray());
            }

            @Override
            public void close() {
                closed++;
            }
        }
    }
}
