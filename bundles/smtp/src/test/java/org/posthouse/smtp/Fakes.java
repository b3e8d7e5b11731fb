// SPDX-License-Identifier: Apache-2.0
package org.posthouse.smtp;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.BiFunction;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.posthouse.api.Address;
import org.posthouse.api.Content;
import org.posthouse.api.Event;
import org.posthouse.api.Recipient;
import org.posthouse.api.Reply;
import org.posthouse.api.Sender;
import org.posthouse.api.Session;
import org.posthouse.api.Stage;
import org.posthouse.api.hook.Authenticator;
import org.posthouse.api.service.SharedState;
import org.posthouse.pipeline.spi.Conversation;
import org.posthouse.pipeline.spi.Decision;
import org.posthouse.pipeline.spi.Pipeline;
import org.posthouse.pipeline.spi.Sealed;
import org.posthouse.pipeline.spi.Turn;
import org.posthouse.queue.spi.Custodian;
import org.posthouse.queue.spi.Intake;
import org.posthouse.spool.spi.Draft;
import org.posthouse.spool.spi.Envelope;
import org.posthouse.spool.spi.MessageId;
import org.posthouse.spool.spi.Spool;
import org.posthouse.spool.spi.SpoolException;
import org.posthouse.spool.spi.State;

/** Stand-ins in memory for what stands behind a listener: pipeline, spool, intake, event log. */
final class Fakes {
    /** What a hook of a stage says about an address, a name or nothing; null for no opinion. */
    BiFunction<Stage, String, @Nullable Decision> policy = (stage, about) -> null;

    Intake.Readiness readiness = Intake.Readiness.OPEN;

    @Nullable
    SpoolException commitFails;

    /** What the cluster says to a message. */
    Custodian.Word word = new Custodian.Word(Custodian.Word.Kind.ACCEPTED, 1);

    /** The draft that a queue hook puts in the place of the received one. */
    @Nullable
    FakeDraft replacement;

    Set<String> withdrawn = Set.of();

    /** Whether the client of the newest conversation spoke before its turn. */
    volatile BooleanSupplier spokeEarly = () -> false;

    /** Whether the credentials are right; nobody authenticates while there is none. */
    @Nullable
    Authenticator authenticator;

    SharedState.Counters counters = new MemoryCounters(1000, System::nanoTime);
    final BlockingQueue<Accepted> accepted = new LinkedBlockingQueue<>();
    final List<Event> events = Collections.synchronizedList(new ArrayList<>());
    boolean keep = true;

    /** A message that was accepted. */
    record Accepted(Envelope envelope, byte[] octets) {
        String text() {
            return new String(octets, StandardCharsets.ISO_8859_1);
        }
    }

    void publish(Event event) {
        if (keep) {
            events.add(event);
        }
    }

    static Decision refuse(int code, String enhanced, String text) {
        return new Decision(Decision.Action.REFUSE, new Reply(code, enhanced, text), "fake", "because");
    }

    Pipeline pipeline() {
        return (Pipeline) Proxy.newProxyInstance(
                Fakes.class.getClassLoader(),
                new Class<?>[] {Pipeline.class},
                (proxy, method, arguments) -> switch (method.getName()) {
                    case "open" -> new FakeConversation((Pipeline.Facts) arguments[0]);
                    default -> throw new UnsupportedOperationException(method.getName());
                });
    }

    private static Session session() {
        return (Session) Proxy.newProxyInstance(
                Fakes.class.getClassLoader(), new Class<?>[] {Session.class}, (proxy, method, arguments) -> {
                    throw new UnsupportedOperationException(method.getName());
                });
    }

    Spool spool() {
        return (Spool) Proxy.newProxyInstance(
                Fakes.class.getClassLoader(), new Class<?>[] {Spool.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals("draft")) {
                        return new FakeDraft((MessageId) arguments[0], keep);
                    }
                    throw new UnsupportedOperationException(method.getName());
                });
    }

    Intake intake() {
        return new Intake() {
            @Override
            public Receipt accept(List<Sealed.Admission> admissions, @Nullable Draft draft) throws SpoolException {
                if (commitFails != null) {
                    throw commitFails;
                }
                Envelope envelope = admissions.getFirst().envelope();
                if (keep) {
                    accepted.add(new Accepted(envelope, ((FakeDraft) draft).octets()));
                }
                return new Receipt(envelope.id(), word.copies(), word.kind());
            }

            @Override
            public Readiness readiness() {
                return readiness;
            }
        };
    }

    private Decision ask(Stage stage, String about) {
        Decision decision = policy.apply(stage, about);
        return decision == null ? Decision.PROCEED : decision;
    }

    private final class FakeConversation implements Conversation {
        private final Pipeline.Facts facts;
        private String helo = "";
        private String user = "";

        FakeConversation(Pipeline.Facts facts) {
            this.facts = facts;
        }

        @Override
        public void spokeEarly(BooleanSupplier who) {
            spokeEarly = who;
        }

        @Override
        public Decision connect() {
            return ask(Stage.CONNECT, facts.peer().getAddress().getHostAddress());
        }

        @Override
        public Decision helo(String name, boolean extended) {
            helo = name;
            return ask(Stage.HELO, name);
        }

        @Override
        public Set<String> withdrawn() {
            return withdrawn;
        }

        @Override
        public void secured(String tls) {
            helo = "";
            user = "";
        }

        @Override
        public boolean authenticates() {
            return authenticator != null;
        }

        @Override
        public boolean scram() {
            return authenticator instanceof Authenticator.ScramKeys;
        }

        @Override
        public Authenticator.Answer authenticate(Authenticator.Credentials credentials) {
            return Objects.requireNonNull(authenticator).authenticate(Fakes.session(), credentials);
        }

        @Override
        public Optional<Authenticator.ScramKeys.Keys> scramKeys(String user) {
            return authenticator instanceof Authenticator.ScramKeys keys ? keys.scramKeys(user) : Optional.empty();
        }

        @Override
        public void authenticated(String principal) {
            user = principal;
        }

        @Override
        public Turn begin(MessageId id, Sender sender) {
            return new FakeTurn(id, sender, this);
        }

        @Override
        public Envelope.Origin origin() {
            String peer = facts.peer().getAddress().getHostAddress();
            return new Envelope.Origin(facts.session(), facts.listener(), peer, helo, facts.tls(), user);
        }

        @Override
        public void close() {}
    }

    private final class FakeTurn implements Turn {
        private final MessageId id;
        private final Sender sender;
        private final FakeConversation conversation;
        private final List<Recipient> recipients = new ArrayList<>();
        private Envelope.@Nullable BodyRef body;
        private String trace = "";
        private Decision judged = Decision.PROCEED;

        FakeTurn(MessageId id, Sender sender, FakeConversation conversation) {
            this.id = id;
            this.sender = sender;
            this.conversation = conversation;
        }

        @Override
        public MessageId id() {
            return id;
        }

        @Override
        public Sender sender() {
            return sender;
        }

        @Override
        public List<Recipient> recipients() {
            return List.copyOf(recipients);
        }

        @Override
        public Decision mail() {
            return ask(Stage.MAIL, sender.address().toString());
        }

        @Override
        public Decision rcpt(Recipient recipient) {
            Decision decision = ask(Stage.RCPT, recipient.address().toString());
            Address address = recipient.address();
            boolean ours =
                    address.domain().equals("local.test") || address.domain().isEmpty();
            if (!conversation.facts.trusted() && conversation.user.isEmpty() && !ours && !decision.refuses()) {
                return refuse(550, "5.7.1", "Relaying denied");
            }
            if (!decision.refuses()) {
                recipients.add(recipient);
            }
            return decision;
        }

        @Override
        public Decision headers(String block) {
            return ask(Stage.DATA, block);
        }

        @Override
        public Decision message(Draft draft, Envelope.BodyRef ref, String lines) {
            body = ref;
            trace = lines;
            judged = ask(Stage.DATA, "message");
            return judged;
        }

        @Override
        public Sealed queue() {
            Decision asked = ask(Stage.QUEUE, id.toString());
            Decision decision = asked == Decision.PROCEED ? judged : asked;
            boolean held = decision.action() == Decision.Action.HOLD;
            if (decision != Decision.PROCEED && !held) {
                return new Sealed(decision, List.of(), replacement);
            }
            Envelope envelope = new Envelope(
                    id,
                    Instant.now(),
                    conversation.origin(),
                    sender,
                    recipients,
                    Envelope.Routing.PLAIN,
                    trace,
                    "",
                    false,
                    Objects.requireNonNull(body),
                    Map.of(),
                    "");
            return new Sealed(
                    decision, List.of(new Sealed.Admission(envelope, held ? State.HELD : State.QUEUED, Instant.now())));
        }

        @Override
        public void close() {}
    }

    /** A draft in memory, or one that only counts. */
    static final class FakeDraft implements Draft {
        private final MessageId id;
        private final boolean keep;
        private final ByteArrayOutputStream octets = new ByteArrayOutputStream();
        private long size;
        boolean closed;

        FakeDraft(MessageId id, boolean keep) {
            this.id = id;
            this.keep = keep;
        }

        byte[] octets() {
            return octets.toByteArray();
        }

        @Override
        public MessageId id() {
            return id;
        }

        @Override
        public void write(byte[] from, int offset, int length) {
            size += length;
            if (keep || octets.size() < 65536) {
                octets.write(from, offset, length);
            }
        }

        @Override
        public long size() {
            return size;
        }

        @Override
        public Envelope.BodyRef finish() {
            String all = octets.toString(StandardCharsets.ISO_8859_1);
            int empty = all.startsWith("\r\n") ? 0 : all.indexOf("\r\n\r\n") + 2;
            int head = empty == 1 ? all.length() : empty;
            return new Envelope.BodyRef(id, false, size, head, Math.min(head + 2, all.length()), false, 0, "");
        }

        @Override
        public Content content() {
            byte[] all = octets.toByteArray();
            return new Content() {
                @Override
                public long size() {
                    return all.length;
                }

                @Override
                public InputStream open() throws IOException {
                    return new ByteArrayInputStream(all);
                }
            };
        }

        @Override
        public void close() {
            octets.reset();
            closed = true;
        }
    }
}
