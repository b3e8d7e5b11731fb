// SPDX-License-Identifier: Apache-2.0
package org.posthouse.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.posthouse.api.Address;
import org.posthouse.api.Attempt;
import org.posthouse.api.Headers;
import org.posthouse.api.Message;
import org.posthouse.api.Need;
import org.posthouse.api.Recipient;
import org.posthouse.api.Reply;
import org.posthouse.api.Route;
import org.posthouse.api.Sender;
import org.posthouse.api.Session;
import org.posthouse.api.Stage;
import org.posthouse.api.Transaction;
import org.posthouse.api.Verdict;
import org.posthouse.api.hook.Authenticator;
import org.posthouse.api.hook.ConnectHook;
import org.posthouse.api.hook.DataHook;
import org.posthouse.api.hook.DeliverHook;
import org.posthouse.api.hook.HeloHook;
import org.posthouse.api.hook.MailHook;
import org.posthouse.api.hook.QueueHook;
import org.posthouse.api.hook.RcptHook;
import org.posthouse.pipeline.spi.AttemptStage;
import org.posthouse.pipeline.spi.Conversation;
import org.posthouse.pipeline.spi.Turn;
import org.posthouse.spool.spi.Envelope;
import org.posthouse.spool.spi.MessageId;
import org.posthouse.spool.spi.Progress;
import org.posthouse.spool.spi.Spool;
import org.posthouse.spool.spi.State;

/** Whatever a hook throws, at whatever stage, the one who asked it is deferred and its thread goes on. */
@Timeout(60)
final class ErrorsTest {
    private static final String MESSAGE = "Subject: one\r\n\r\nbody\r\n";

    private final Bench bench = new Bench();

    /** The ways to go wrong. */
    enum Wrong {
        OVERFLOW(() -> {
            throw new AssertionError(deeper(1));
        }),
        LINKAGE(() -> {
            throw new LinkageError("no such method");
        }),
        ASSERTION(() -> {
            throw new AssertionError("never");
        }),
        LAZY_CLASS(() -> Lazy.VALUE.length()),
        UNREADABLE(() -> {
            throw new Unreadable();
        }),
        CIRCLE(() -> {
            throw new Circle();
        }),
        CHECKED(() -> {
            throw ErrorsTest.<RuntimeException>sneak(new java.io.IOException("unchecked"));
        });

        private final Supplier<Integer> act;

        Wrong(Supplier<Integer> act) {
            this.act = act;
        }
    }

    private static int deeper(int depth) {
        return deeper(depth + 1) + 1;
    }

    @SuppressWarnings("unchecked")
    private static <T extends Throwable> T sneak(Throwable t) throws T {
        throw (T) t;
    }

    /** Fails when it is first used, and is not there when it is used again. */
    private static final class Lazy {
        static final String VALUE = List.<String>of().get(0);
    }

    /** An exception whose own methods throw. */
    private static final class Unreadable extends RuntimeException {
        private static final long serialVersionUID = 1L;

        @Override
        public String getMessage() {
            throw new IllegalStateException("not even the message");
        }

        @Override
        public String toString() {
            throw new AssertionError("not even the name");
        }

        @Override
        public synchronized Throwable getCause() {
            throw new LinkageError("not even the cause");
        }
    }

    /** An exception that is its own cause. */
    private static final class Circle extends RuntimeException {
        private static final long serialVersionUID = 1L;

        @Override
        public synchronized Throwable getCause() {
            return this;
        }
    }

    /** A hook of every stage that goes wrong at each. */
    private record Everywhere(Wrong wrong)
            implements ConnectHook,
                    HeloHook,
                    Authenticator,
                    Authenticator.ScramKeys,
                    MailHook,
                    RcptHook,
                    DataHook,
                    QueueHook,
                    DeliverHook {
        private <T> T go(T never) {
            wrong.act.get();
            return never;
        }

        @Override
        public Verdict onConnect(Session session) {
            return go(Verdict.next());
        }

        @Override
        public Verdict onHelo(Session session) {
            return go(Verdict.next());
        }

        @Override
        public Answer authenticate(Session session, Credentials credentials) {
            return go(new Answer.Granted("anybody"));
        }

        @Override
        public Optional<Keys> scramKeys(String user) {
            return go(Optional.of(new Keys(new byte[8], 4096, new byte[32], new byte[32])));
        }

        @Override
        public Verdict onMail(Transaction tx, Sender sender) {
            return go(Verdict.next());
        }

        @Override
        public Verdict onRcpt(Transaction tx, Recipient recipient) {
            return go(Verdict.accept());
        }

        @Override
        public Verdict onHeaders(Transaction tx, Headers headers) {
            return go(Verdict.next());
        }

        @Override
        public Verdict onMessage(Transaction tx, Message message) {
            return go(Verdict.next());
        }

        @Override
        public Verdict onQueue(Transaction tx, Message message) {
            return go(Verdict.next());
        }

        @Override
        public Verdict.Delivery beforeAttempt(Attempt attempt) {
            return go(Verdict.Delivery.proceed());
        }

        @Override
        public Verdict.Delivery onConnected(Attempt attempt) {
            return go(Verdict.Delivery.proceed());
        }

        @Override
        public Verdict.Delivery onReply(Attempt attempt, Reply reply) {
            return go(Verdict.Delivery.proceed());
        }
    }

    private void only(Stage stage, Wrong wrong) {
        bench.clear();
        bench.hook(stage, "wrong", new Everywhere(wrong), Need.SECRETS, Need.ACCEPT);
    }

    @ParameterizedTest
    @EnumSource
    void isContainedInASession(Wrong wrong) {
        only(Stage.CONNECT, wrong);
        Conversation conversation = bench.stranger();
        assertEquals(451, conversation.connect().reply().code());
        only(Stage.HELO, wrong);
        assertEquals(451, conversation.helo("client", true).reply().code());
        only(Stage.AUTH, wrong);
        assertInstanceOf(
                Authenticator.Answer.Unavailable.class,
                conversation.authenticate(new Authenticator.Credentials.Password("a", "secret")));
        assertEquals(Optional.empty(), conversation.scramKeys("a"));
        assertEquals(4, bench.events.size());
    }

    @ParameterizedTest
    @EnumSource
    void isContainedInATransaction(Wrong wrong) throws Exception {
        only(Stage.MAIL, wrong);
        try (Turn turn = Bench.begin(bench.trusted())) {
            assertEquals(451, turn.mail().reply().code());
        }
        only(Stage.RCPT, wrong);
        try (Turn turn = Bench.begin(bench.trusted())) {
            assertEquals(
                    451,
                    turn.rcpt(Recipient.of(Address.of("b@example.net"))).reply().code());
            assertTrue(turn.recipients().isEmpty());
        }
        only(Stage.DATA, wrong);
        try (Turn turn = bench.transaction("b@example.net")) {
            assertEquals(451, turn.headers("Subject: one\r\n").reply().code());
        }
        try (Turn turn = bench.transaction("b@example.net")) {
            assertEquals(451, bench.message(turn, MESSAGE).reply().code());
        }
        only(Stage.QUEUE, wrong);
        try (Turn turn = bench.transaction("b@example.net")) {
            assertFalse(bench.message(turn, MESSAGE).refuses());
            assertEquals(451, turn.queue().decision().reply().code());
        }
        assertEquals(5, bench.events.size());
    }

    @ParameterizedTest
    @EnumSource
    void isContainedInAnAttempt(Wrong wrong) {
        only(Stage.DELIVER, wrong);
        AttemptStage attempt =
                bench.pipeline.attempt(stored(), new Route("smtp", "mx", "example.net", "r"), List.of(0));
        assertInstanceOf(Verdict.Delivery.Delay.class, attempt.before());
        assertInstanceOf(Verdict.Delivery.Delay.class, attempt.connected("mx.example.net"));
        assertInstanceOf(Verdict.Delivery.Delay.class, attempt.replied(new Reply(250, "2.0.0", "ok")));
        assertEquals(3, bench.events.size());
    }

    private Spool.Stored stored() {
        byte[] octets = MESSAGE.getBytes(StandardCharsets.ISO_8859_1);
        MessageId id = MessageId.next();
        Bench.MemoryDraft draft = bench.draft(id);
        draft.write(octets, 0, octets.length);
        Envelope envelope = new Envelope(
                id,
                Instant.EPOCH,
                Envelope.Origin.INTERNAL,
                Sender.of(Address.NULL),
                List.of(Recipient.of(Address.of("b@example.net"))),
                Envelope.Routing.PLAIN,
                "",
                "",
                false,
                draft.finish(),
                Map.of(),
                "");
        return new Spool.Stored(envelope, List.of(Progress.initial(0, State.QUEUED, Instant.EPOCH)));
    }
}
