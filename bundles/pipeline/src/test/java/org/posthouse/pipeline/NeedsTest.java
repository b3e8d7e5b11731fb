// SPDX-License-Identifier: Apache-2.0
package org.posthouse.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.posthouse.api.Stage.AUTH;
import static org.posthouse.api.Stage.DATA;
import static org.posthouse.api.Stage.DELIVER;
import static org.posthouse.api.Stage.QUEUE;

import java.io.OutputStream;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.posthouse.api.Address;
import org.posthouse.api.Edit;
import org.posthouse.api.Message;
import org.posthouse.api.Need;
import org.posthouse.api.NewBody;
import org.posthouse.api.Recipient;
import org.posthouse.api.Route;
import org.posthouse.api.Sender;
import org.posthouse.api.Session;
import org.posthouse.api.Transaction;
import org.posthouse.api.Verdict;
import org.posthouse.api.hook.Authenticator;
import org.posthouse.api.hook.DataHook;
import org.posthouse.api.hook.DeliverHook;
import org.posthouse.api.hook.QueueHook;
import org.posthouse.pipeline.spi.Conversation;
import org.posthouse.pipeline.spi.Turn;
import org.posthouse.spool.spi.Envelope;
import org.posthouse.spool.spi.MessageId;
import org.posthouse.spool.spi.Progress;
import org.posthouse.spool.spi.Spool;
import org.posthouse.spool.spi.State;

/** What a hook does not declare it is not given, and the attempt is a failure that is told. */
@Timeout(60)
final class NeedsTest {
    private static final String MESSAGE = "Subject: one\r\n\r\nbody\r\n";
    private static final Address OTHER = Address.of("other@example.net");

    private final Bench bench = new Bench();

    /** Something that a hook tries. */
    @FunctionalInterface
    private interface Attempt {
        void on(Transaction tx, Message message) throws Exception;
    }

    private static Map<Need, List<Attempt>> attempts() {
        Map<Need, List<Attempt>> all = new LinkedHashMap<>();
        all.put(Need.BODY, List.of((tx, m) -> m.received(), (tx, m) -> m.current()));
        all.put(
                Need.EDIT_HEADERS,
                List.of(
                        (tx, m) -> tx.edit(Edit.addHeader("X-A", "1")),
                        (tx, m) -> tx.edit(Edit.prependHeader("X-A", "1")),
                        (tx, m) -> tx.edit(new Edit.InsertHeader(1, "X-A", "1")),
                        (tx, m) -> tx.edit(new Edit.ChangeHeader("Subject", 1, "two")),
                        (tx, m) -> tx.edit(new Edit.RemoveHeader("Subject", 1))));
        all.put(Need.EDIT_BODY, List.of((tx, m) -> tx.newBody()));
        all.put(Need.EDIT_SENDER, List.of((tx, m) -> tx.edit(new Edit.ChangeSender(OTHER))));
        all.put(
                Need.EDIT_RECIPIENTS,
                List.of(
                        (tx, m) -> tx.edit(new Edit.AddRecipient(Recipient.of(OTHER))),
                        (tx, m) -> tx.edit(new Edit.RemoveRecipient(OTHER)),
                        (tx, m) -> tx.edit(new Edit.ReplaceRecipient(OTHER, List.of(OTHER)))));
        all.put(
                Need.EDIT_ROUTING,
                List.of(
                        (tx, m) -> tx.edit(new Edit.Zone("z")),
                        (tx, m) -> tx.edit(new Edit.Tenant("t")),
                        (tx, m) -> tx.edit(new Edit.Priority(1)),
                        (tx, m) -> tx.edit(new Edit.Due(Instant.EPOCH)),
                        (tx, m) -> tx.edit(new Edit.Tag("t"))));
        return all;
    }

    /** How the failures of one transaction are told. */
    private List<Object> told(Attempt attempt, boolean swallow, Need... needs) throws Exception {
        bench.clear();
        bench.events.clear();
        bench.hook(
                DATA,
                "a",
                (DataHook) (tx, m) -> {
                    try {
                        attempt.on(tx, m);
                    } catch (Exception e) {
                        if (!swallow || !(e instanceof SecurityException)) {
                            throw new IllegalArgumentException(e);
                        }
                    }
                    return Verdict.next();
                },
                needs);
        try (Turn turn = bench.transaction("b@example.net")) {
            int code = Optional.ofNullable(bench.message(turn, MESSAGE).reply())
                    .map(reply -> reply.code())
                    .orElse(0);
            List<Object> kinds = new ArrayList<>();
            bench.events.forEach(e -> kinds.add(String.valueOf(e.facts().get("kind"))));
            assertEquals(kinds.isEmpty() ? 0 : 451, code);
            return kinds;
        }
    }

    @Test
    void everyAttemptWithoutItsDeclarationIsRefusedAndTold() throws Exception {
        for (Map.Entry<Need, List<Attempt>> entry : attempts().entrySet()) {
            for (Attempt attempt : entry.getValue()) {
                assertEquals(List.of("illegal verdict"), told(attempt, true), "swallowed: " + entry.getKey());
                assertEquals(1, told(attempt, false).size(), "thrown: " + entry.getKey());
            }
        }
    }

    @Test
    void everyAttemptWithItsDeclarationIsTaken() throws Exception {
        for (Map.Entry<Need, List<Attempt>> entry : attempts().entrySet()) {
            for (Attempt attempt : entry.getValue()) {
                assertEquals(
                        List.of(),
                        told(attempt, false, entry.getKey()),
                        entry.getKey().name());
            }
        }
    }

    @Test
    void aSplitNeedsWhatItsEditsNeed() throws Exception {
        Edit.Split split =
                new Edit.Split(List.of(Address.of("b@example.net")), Optional.of(OTHER), List.of(new Edit.Zone("z")));
        List<List<Need>> tries = List.of(
                List.of(Need.EDIT_RECIPIENTS),
                List.of(Need.EDIT_RECIPIENTS, Need.EDIT_SENDER),
                List.of(Need.EDIT_SENDER, Need.EDIT_ROUTING),
                List.of(Need.EDIT_RECIPIENTS, Need.EDIT_SENDER, Need.EDIT_ROUTING));
        List<Boolean> refused = new ArrayList<>();
        for (List<Need> needs : tries) {
            bench.clear();
            bench.hook(
                    QUEUE,
                    "a",
                    (QueueHook) (tx, m) -> {
                        tx.edit(split);
                        return Verdict.next();
                    },
                    needs.toArray(Need[]::new));
            try (Turn turn = bench.transaction("b@example.net", "c@example.net")) {
                bench.message(turn, MESSAGE);
                refused.add(turn.queue().decision().refuses());
            }
        }
        assertEquals(List.of(true, true, true, false), refused);
    }

    /** A body that a hook brings along, so that nothing but the edit itself is asked for. */
    private static NewBody foreign(Transaction tx) {
        return (NewBody) Proxy.newProxyInstance(
                NewBody.class.getClassLoader(), new Class<?>[] {NewBody.class}, (proxy, method, args) -> null);
    }

    @Test
    void aBodyIsNotReplacedWithoutItsDeclarationHoweverItWasMade() throws Exception {
        assertEquals(List.of("illegal verdict"), told((tx, m) -> tx.edit(Edit.body(foreign(tx))), true));
        Attempt whole = (tx, m) -> {
            NewBody body = tx.newBody();
            try (OutputStream out = body.stream()) {
                out.write("other\r\n".getBytes(StandardCharsets.US_ASCII));
            }
            tx.edit(Edit.body(body));
        };
        assertEquals(List.of(), told(whole, false, Need.EDIT_BODY));
    }

    @Test
    void anAttemptIsNotEditedWithoutItsDeclaration() {
        Map<Need, List<Edit>> edits = Map.of(
                Need.EDIT_HEADERS,
                List.of(
                        Edit.addHeader("X-A", "1"),
                        new Edit.InsertHeader(0, "X-A", "1"),
                        new Edit.ChangeHeader("Subject", 1, "two"),
                        new Edit.RemoveHeader("Subject", 1)),
                Need.EDIT_SENDER,
                List.of(new Edit.ChangeSender(OTHER)));
        edits.forEach((need, all) -> all.forEach(edit -> {
            assertInstanceOf(Verdict.Delivery.Delay.class, delivered(edit), edit.toString());
            assertEquals("illegal verdict", bench.events.get(0).facts().get("kind"));
            assertInstanceOf(Verdict.Delivery.Proceed.class, delivered(edit, need), edit.toString());
            assertEquals(List.of(), bench.events);
        }));
    }

    private Verdict.Delivery delivered(Edit edit, Need... needs) {
        bench.clear();
        bench.events.clear();
        DeliverHook hook = asked -> {
            asked.edit(edit);
            return Verdict.Delivery.proceed();
        };
        bench.hook(DELIVER, "a", hook, needs);
        return bench.pipeline
                .attempt(stored(), new Route("smtp", "mx", "example.net", "r"), List.of(0))
                .before();
    }

    private Spool.Stored stored() {
        byte[] octets = MESSAGE.getBytes(StandardCharsets.ISO_8859_1);
        MessageId id = MessageId.next();
        Bench.MemoryDraft draft = bench.draft(id);
        draft.write(octets, 0, octets.length);
        bench.stored.put(id.toString(), octets);
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

    @Test
    void secretsAreNeitherShownNorAskedForWithoutTheirDeclaration() {
        AtomicInteger asked = new AtomicInteger();
        Keeper keeper = new Keeper(asked);
        bench.hook(AUTH, "a", keeper);
        try (Conversation conversation = bench.stranger()) {
            assertEquals(
                    new Authenticator.Answer.Unavailable("hook a failed: illegal verdict"),
                    conversation.authenticate(new Authenticator.Credentials.Password("alice", "secret")));
            assertEquals(Optional.empty(), conversation.scramKeys("alice"));
        }
        assertEquals(0, asked.get());
        assertEquals(2, bench.events.size());
    }

    /** An authenticator that counts how often it is asked. */
    private record Keeper(AtomicInteger asked) implements Authenticator, Authenticator.ScramKeys {
        @Override
        public Answer authenticate(Session session, Credentials credentials) {
            asked.incrementAndGet();
            return new Answer.Granted("alice");
        }

        @Override
        public Optional<Keys> scramKeys(String user) {
            asked.incrementAndGet();
            return Optional.empty();
        }
    }

    @Test
    void onlySessionsOfItsBucketsAskAGeneration() {
        int[] counts = new int[100];
        for (int i = 0; i < 100_000; i++) {
            counts[Terms.bucket("S" + i)]++;
        }
        for (int count : counts) {
            assertTrue(count > 800 && count < 1200, "a bucket with " + count + " of 100000 sessions");
        }
        assertEquals(Terms.bucket("S1"), Terms.bucket("S1"));
    }
}
