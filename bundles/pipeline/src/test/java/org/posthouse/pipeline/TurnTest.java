// SPDX-License-Identifier: Apache-2.0
package org.posthouse.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.posthouse.api.Stage.DATA;
import static org.posthouse.api.Stage.DELIVER;
import static org.posthouse.api.Stage.MAIL;
import static org.posthouse.api.Stage.QUEUE;
import static org.posthouse.api.Stage.RCPT;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.posthouse.api.Address;
import org.posthouse.api.AuthResults;
import org.posthouse.api.Edit;
import org.posthouse.api.Need;
import org.posthouse.api.NewBody;
import org.posthouse.api.Note;
import org.posthouse.api.OnFailure;
import org.posthouse.api.Recipient;
import org.posthouse.api.Route;
import org.posthouse.api.Sender;
import org.posthouse.api.Verdict;
import org.posthouse.api.hook.DataHook;
import org.posthouse.api.hook.DeliverHook;
import org.posthouse.api.hook.MailHook;
import org.posthouse.api.hook.QueueHook;
import org.posthouse.api.hook.RcptHook;
import org.posthouse.pipeline.spi.AttemptStage;
import org.posthouse.pipeline.spi.Decision;
import org.posthouse.pipeline.spi.Sealed;
import org.posthouse.pipeline.spi.Turn;
import org.posthouse.spool.spi.Envelope;
import org.posthouse.spool.spi.MessageId;
import org.posthouse.spool.spi.Progress;
import org.posthouse.spool.spi.Spool;
import org.posthouse.spool.spi.State;

@Timeout(60)
final class TurnTest {
    private static final String MESSAGE = "From: a@example.com\r\nSubject: one\r\n\tfolded\r\nX-A: 1\r\n\r\nbody\r\n";

    private final Bench bench = new Bench();

    private static Recipient to(String address) {
        return Recipient.of(Address.of(address));
    }

    @Test
    void rcptIsClosedWithoutAVote() {
        try (Turn turn = Bench.begin(bench.stranger())) {
            assertEquals(
                    "550 5.7.1 Relaying denied",
                    String.valueOf(turn.rcpt(to("b@example.net")).reply()));
            assertTrue(turn.recipients().isEmpty());
        }
    }

    @Test
    void rcptIsOpenForTrustedAndAuthenticatedClientsAndTheBarePostmaster() {
        try (Turn turn = Bench.begin(bench.trusted())) {
            assertEquals(Decision.PROCEED, turn.rcpt(to("b@example.net")));
        }
        var conversation = bench.stranger();
        conversation.authenticated("user");
        try (Turn turn = Bench.begin(conversation)) {
            assertEquals(Decision.PROCEED, turn.rcpt(to("b@example.net")));
        }
        try (Turn turn = Bench.begin(bench.stranger())) {
            assertEquals(Decision.PROCEED, turn.rcpt(to("PostMaster")));
            assertTrue(turn.rcpt(to("postmaster@example.net")).refuses());
        }
    }

    @Test
    void acceptIsAVoteAndDoesNotSkipTheHookBehindIt() {
        bench.hook(RCPT, "a", (RcptHook) (tx, r) -> Verdict.accept(), Need.ACCEPT);
        bench.hook(RCPT, "greylist", (RcptHook)
                (tx, r) -> r.domain().equals("grey.example") ? Verdict.defer("4.7.1", "Come back") : Verdict.next());
        try (Turn turn = Bench.begin(bench.stranger())) {
            assertEquals(Decision.PROCEED, turn.rcpt(to("b@example.net")));
            assertEquals(
                    "451 4.7.1 Come back",
                    String.valueOf(turn.rcpt(to("b@grey.example")).reply()));
            assertEquals(List.of(to("b@example.net")), turn.recipients());
        }
    }

    @Test
    void acceptWithoutItsDeclarationIsAFailure() {
        bench.hook(RCPT, "a", (RcptHook) (tx, r) -> Verdict.accept());
        try (Turn turn = Bench.begin(bench.stranger())) {
            assertEquals(451, turn.rcpt(to("b@example.net")).reply().code());
        }
        assertEquals("illegal verdict", bench.events.get(0).facts().get("kind"));
    }

    @Test
    void holdBeatsDiscardOverBothStages() throws Exception {
        bench.hook(DATA, "d", (DataHook) (tx, m) -> Verdict.discard());
        bench.hook(DATA, "h", (DataHook) (tx, m) -> Verdict.hold("look"));
        try (Turn turn = bench.transaction("b@example.net")) {
            assertEquals(Decision.Action.HOLD, bench.message(turn, MESSAGE).action());
            Sealed sealed = turn.queue();
            assertEquals(Decision.Action.HOLD, sealed.decision().action());
            assertEquals(State.HELD, sealed.admissions().get(0).state());
            assertEquals("look", sealed.admissions().get(0).envelope().routing().holdReason());
        }
    }

    @Test
    void discardLeavesNothingToCommit() throws Exception {
        bench.hook(DATA, "d", (DataHook) (tx, m) -> Verdict.discard());
        try (Turn turn = bench.transaction("b@example.net")) {
            assertEquals(Decision.Action.DISCARD, bench.message(turn, MESSAGE).action());
            assertTrue(turn.queue().admissions().isEmpty());
        }
    }

    @Test
    void aFailedDataHookMayHoldTheMessage() throws Exception {
        bench.hook(DATA, "d", (DataHook) (tx, m) -> null, 5000, OnFailure.HOLD);
        try (Turn turn = bench.transaction("b@example.net")) {
            bench.message(turn, MESSAGE);
            assertEquals(State.HELD, turn.queue().admissions().get(0).state());
        }
    }

    @Test
    void rejectIsNotLegalAtTheQueueStage() throws Exception {
        bench.hook(QUEUE, "q", (QueueHook) (tx, m) -> Verdict.reject("5.7.1", "No"));
        try (Turn turn = bench.transaction("b@example.net")) {
            bench.message(turn, MESSAGE);
            Sealed sealed = turn.queue();
            assertEquals(451, sealed.decision().reply().code());
            assertTrue(sealed.admissions().isEmpty());
        }
    }

    @Test
    void refusesEditsReadsAndNotesThatWereNotDeclared() throws Exception {
        List<MailHook> bad = List.of(
                (tx, s) -> edit(tx, Edit.addHeader("X", "y")),
                (tx, s) -> edit(tx, new Edit.ChangeSender(Address.NULL)),
                (tx, s) -> edit(tx, new Edit.Tag("x")),
                (tx, s) -> edit(tx, new Edit.AddRecipient(to("c@example.net"))));
        for (MailHook hook : bad) {
            bench.clear();
            bench.hook(MAIL, "bad", hook);
            try (Turn turn = Bench.begin(bench.trusted())) {
                assertTrue(turn.mail().refuses());
            }
        }
        bench.clear();
        bench.hook(DATA, "body", (DataHook) (tx, m) -> {
            m.current();
            return Verdict.next();
        });
        try (Turn turn = bench.transaction("b@example.net")) {
            assertTrue(bench.message(turn, MESSAGE).refuses());
        }
        assertEquals(5, bench.events.size());
        assertTrue(bench.events.stream()
                .allMatch(e -> "illegal verdict".equals(e.facts().get("kind"))));
    }

    private static Verdict edit(org.posthouse.api.Transaction tx, Edit edit) {
        tx.edit(edit);
        return Verdict.next();
    }

    @Test
    void editsOfAHookThatFailsDoNotJoin() throws Exception {
        bench.hook(
                QUEUE,
                "a",
                (QueueHook) (tx, m) -> {
                    tx.edit(Edit.addHeader("X-Half", "done"));
                    tx.score("S", 1);
                    throw new IllegalStateException("after half of it");
                },
                5000,
                OnFailure.CONTINUE,
                Need.EDIT_HEADERS);
        try (Turn turn = bench.transaction("b@example.net")) {
            bench.message(turn, MESSAGE);
            Envelope envelope = turn.queue().admissions().get(0).envelope();
            assertFalse(envelope.headEdited());
            assertEquals("", envelope.head());
        }
    }

    @Test
    void headerEditsMeanTheFieldsAsTheHookSawThem() throws Exception {
        List<String> seen = new ArrayList<>();
        bench.hook(
                QUEUE,
                "a",
                (QueueHook) (tx, m) -> {
                    tx.edit(new Edit.RemoveHeader("x-a", 1));
                    tx.edit(new Edit.ChangeHeader("Subject", 1, "zwei ü"));
                    tx.edit(new Edit.InsertHeader(1, "X-One", "before subject"));
                    tx.edit(Edit.prependHeader("X-Top", "top"));
                    tx.edit(Edit.addHeader("X-End", "a\r\n b"));
                    return Verdict.next();
                },
                Need.EDIT_HEADERS);
        bench.hook(
                QUEUE,
                "b",
                (QueueHook) (tx, m) -> {
                    seen.add(Bench.text(m.current()));
                    seen.add(Bench.text(m.received()));
                    return Verdict.next();
                },
                Need.BODY);
        String head = "X-Top: top\r\nFrom: a@example.com\r\nX-One: before subject\r\nSubject: zwei \u00c3\u00bc\r\n"
                + "X-End: a\r\n b\r\n";
        try (Turn turn = bench.transaction("b@example.net")) {
            bench.message(turn, MESSAGE);
            Envelope envelope = turn.queue().admissions().get(0).envelope();
            assertTrue(envelope.headEdited());
            assertEquals(head, envelope.head());
        }
        assertEquals("Received: by mx.example.org\r\n" + head + "\r\nbody\r\n", seen.get(0));
        assertEquals(MESSAGE, seen.get(1));
    }

    @Test
    void refusesAHeaderThatWouldEndTheHeaderBlock() throws Exception {
        bench.hook(
                QUEUE, "a", (QueueHook) (tx, m) -> edit(tx, Edit.addHeader("X", "y\r\n\r\nbody")), Need.EDIT_HEADERS);
        try (Turn turn = bench.transaction("b@example.net")) {
            bench.message(turn, MESSAGE);
            assertEquals(451, turn.queue().decision().reply().code());
        }
    }

    @Test
    void recipientsAreAddedRemovedAndReplacedWithTheirDsnParameters() throws Exception {
        bench.hook(
                RCPT,
                "alias",
                (RcptHook) (tx, r) -> {
                    if (r.address().local().equals("all")) {
                        tx.edit(new Edit.ReplaceRecipient(
                                r.address(), List.of(Address.of("x@example.net"), Address.of("y@example.net"))));
                    }
                    return Verdict.next();
                },
                Need.EDIT_RECIPIENTS);
        bench.hook(
                QUEUE,
                "more",
                (QueueHook) (tx, m) -> {
                    tx.edit(new Edit.AddRecipient(to("archive@example.org")));
                    tx.edit(new Edit.RemoveRecipient(Address.of("y@example.net")));
                    tx.edit(new Edit.ChangeSender(Address.of("list@example.org")));
                    return Verdict.next();
                },
                Need.EDIT_RECIPIENTS,
                Need.EDIT_SENDER);
        Turn turn = Bench.begin(bench.trusted());
        turn.rcpt(new Recipient(Address.of("all@example.net"), "FAILURE", "rfc822;all@example.net"));
        bench.message(turn, MESSAGE);
        Envelope envelope = turn.queue().admissions().get(0).envelope();
        assertEquals(
                List.of(
                        new Recipient(Address.of("x@example.net"), "FAILURE", "rfc822;all@example.net"),
                        to("archive@example.org")),
                envelope.recipients());
        assertEquals("list@example.org", envelope.sender().address().toString());
        turn.close();
    }

    @Test
    void aLoopOfExpansionsEndsAsAFailure() throws Exception {
        for (int i = 0; i < Desk.DEEPEST + 2; i++) {
            String from = "r" + i + "@example.net";
            String by = "r" + (i + 1) + "@example.net";
            bench.hook(
                    QUEUE,
                    "h" + i,
                    (QueueHook)
                            (tx, m) -> edit(tx, new Edit.ReplaceRecipient(Address.of(from), List.of(Address.of(by)))),
                    Need.EDIT_RECIPIENTS);
        }
        try (Turn turn = bench.transaction("r0@example.net")) {
            bench.message(turn, MESSAGE);
            assertEquals("h" + Desk.DEEPEST, turn.queue().decision().hook());
        }
    }

    @Test
    void aSplitLeavesInAnEnvelopeOfItsOwnAskedFromTheNextHookOn() throws Exception {
        List<String> asked = new ArrayList<>();
        bench.hook(QUEUE, "a", (QueueHook) (tx, m) -> {
            asked.add("a " + tx.recipients());
            return Verdict.next();
        });
        bench.hook(
                QUEUE,
                "split",
                (QueueHook) (tx, m) -> {
                    asked.add("split");
                    return edit(
                            tx,
                            new Edit.Split(
                                    List.of(Address.of("c@example.net")),
                                    Optional.of(Address.of("bounce@example.org")),
                                    List.of(Edit.addHeader("X-Child", "yes"), new Edit.Zone("slow"))));
                },
                Need.EDIT_RECIPIENTS,
                Need.EDIT_SENDER,
                Need.EDIT_HEADERS,
                Need.EDIT_ROUTING);
        bench.hook(QUEUE, "b", (QueueHook) (tx, m) -> {
            asked.add("b " + tx.recipients().size());
            return tx.sender().domain().equals("example.org") ? Verdict.hold("child") : Verdict.next();
        });
        try (Turn turn = bench.transaction("b@example.net", "c@example.net")) {
            bench.message(turn, MESSAGE);
            Sealed sealed = turn.queue();
            assertEquals(2, sealed.admissions().size());
            Envelope parent = sealed.admissions().get(0).envelope();
            Envelope child = sealed.admissions().get(1).envelope();
            assertEquals(turn.id(), parent.id());
            assertEquals(List.of(to("b@example.net")), parent.recipients());
            assertEquals(List.of(to("c@example.net")), child.recipients());
            assertEquals("slow", child.routing().zone());
            assertTrue(child.head().endsWith("X-Child: yes\r\n"));
            assertEquals(parent.body(), child.body());
            assertEquals(State.QUEUED, sealed.admissions().get(0).state());
            assertEquals(State.HELD, sealed.admissions().get(1).state());
        }
        assertEquals(4, asked.size());
        assertEquals(List.of("split", "b 1", "b 1"), asked.subList(1, 4));
    }

    @Test
    void aReplacedBodyTakesThePlaceOfTheReceivedDraft() throws Exception {
        List<String> seen = new ArrayList<>();
        bench.hook(
                DATA,
                "a",
                (DataHook) (tx, m) -> {
                    NewBody body = tx.newBody();
                    try (var out = body.stream()) {
                        out.write("new\r\n".getBytes(StandardCharsets.US_ASCII));
                    }
                    tx.edit(Edit.addHeader("X-New", "1"));
                    return edit(tx, Edit.body(body));
                },
                Need.EDIT_BODY,
                Need.EDIT_HEADERS);
        bench.hook(
                QUEUE,
                "b",
                (QueueHook) (tx, m) -> {
                    seen.add(Bench.text(m.current()));
                    seen.add(Bench.text(m.received()));
                    return Verdict.next();
                },
                Need.BODY);
        Turn turn = bench.transaction("b@example.net");
        bench.message(turn, MESSAGE);
        Sealed sealed = turn.queue();
        turn.close();
        assertTrue(seen.get(0).endsWith("X-A: 1\r\nX-New: 1\r\n\r\nnew\r\n"), seen.get(0));
        assertEquals(MESSAGE, seen.get(1));
        Bench.MemoryDraft replacement = (Bench.MemoryDraft) sealed.replacement();
        assertNotNull(replacement);
        assertFalse(replacement.closed);
        Envelope envelope = sealed.admissions().get(0).envelope();
        assertEquals(replacement.id(), envelope.body().owner());
        assertNotEquals(turn.id(), envelope.body().owner());
        assertTrue(Bench.text(replacement.content()).endsWith("X-A: 1\r\n\r\nnew\r\n"));
        assertTrue(envelope.head().endsWith("X-New: 1\r\n"));
    }

    @Test
    void aNewBodyThatNobodyTakesIsThrownAway() throws Exception {
        bench.hook(
                DATA,
                "a",
                (DataHook) (tx, m) -> {
                    tx.newBody().stream().write(1);
                    return Verdict.next();
                },
                Need.EDIT_BODY);
        try (Turn turn = bench.transaction("b@example.net")) {
            bench.message(turn, MESSAGE);
            assertNull(turn.queue().replacement());
        }
        assertTrue(bench.drafts.stream().filter(d -> d.size() > 0).anyMatch(d -> d.closed));
        assertFalse(bench.drafts.get(0).closed, "the received draft is not ours to close");
    }

    @Test
    void stripsResultsForgedInOurNameAndAddsOurs() throws Exception {
        List<String> seen = new ArrayList<>();
        bench.hook(MAIL, "spf", (MailHook) (tx, s) -> {
            tx.result(new AuthResults.Result("spf", "pass", "", List.of("smtp.mailfrom=example.com")));
            return Verdict.next();
        });
        bench.hook(DATA, "d", (DataHook) (tx, m) -> {
            seen.add(String.valueOf(m.headers().all("Authentication-Results").size()));
            seen.add(tx.results().of("spf").get(0).value());
            return Verdict.next();
        });
        try (Turn turn = bench.transaction("b@example.net")) {
            bench.message(
                    turn,
                    "Authentication-Results: (hi) MX.example.org 1; spf=pass\r\n"
                            + "Authentication-Results: other.example; dkim=pass\r\n"
                            + "authentication-results: \"mx.example.org\";\r\n dkim=pass\r\nSubject: x\r\n\r\n");
            Envelope envelope = turn.queue().admissions().get(0).envelope();
            assertEquals(
                    "Authentication-Results: mx.example.org;\r\n\tspf=pass smtp.mailfrom=example.com\r\n"
                            + "Authentication-Results: other.example; dkim=pass\r\nSubject: x\r\n",
                    envelope.head());
        }
        assertEquals(List.of("1", "pass"), seen);
    }

    @Test
    void messageNotesTravelInTheEnvelopeAndHoldPlainValuesOnly() throws Exception {
        Note<String> plain = new Note<>("p.word", String.class, Note.Scope.MESSAGE);
        Note<Object> odd = new Note<>("p.odd", Object.class, Note.Scope.MESSAGE);
        bench.hook(MAIL, "a", (MailHook) (tx, s) -> {
            tx.put(plain, "kept");
            return Verdict.next();
        });
        try (Turn turn = bench.transaction("b@example.net")) {
            bench.message(turn, MESSAGE);
            assertEquals(
                    Map.of("p.word", "kept"),
                    turn.queue().admissions().get(0).envelope().notes());
        }
        bench.hook(MAIL, "b", (MailHook) (tx, s) -> {
            tx.put(odd, Thread.currentThread());
            return Verdict.next();
        });
        try (Turn turn = Bench.begin(bench.trusted())) {
            assertEquals("b", turn.mail().hook());
        }
    }

    @Test
    void messageNotesOfARefusedRecipientAreUndone() throws Exception {
        Note<String> asked = new Note<>("p.asked", String.class, Note.Scope.MESSAGE);
        bench.hook(RCPT, "a", (RcptHook) (tx, r) -> {
            tx.put(asked, tx.get(asked).orElse("") + r.address().local());
            return Verdict.next();
        });
        bench.hook(RCPT, "b", (RcptHook)
                (tx, r) -> r.address().local().equals("y") ? Verdict.reject("5.1.1", "no") : Verdict.next());
        try (Turn turn = bench.transaction("x@example.net")) {
            assertTrue(turn.rcpt(to("y@example.net")).refuses());
            assertFalse(turn.rcpt(to("z@example.net")).refuses());
            bench.message(turn, MESSAGE);
            assertEquals(
                    Map.of("p.asked", "xz"),
                    turn.queue().admissions().get(0).envelope().notes());
        }
    }

    @Test
    void closesNotesAtTheEndOfTheTransaction() {
        boolean[] closed = new boolean[1];
        bench.hook(MAIL, "a", (MailHook) (tx, s) -> {
            tx.put(new Note<>("p.open", AutoCloseable.class, Note.Scope.TRANSACTION), () -> closed[0] = true);
            return Verdict.next();
        });
        Turn turn = Bench.begin(bench.trusted());
        turn.mail();
        assertFalse(closed[0]);
        turn.close();
        Bench.await(() -> closed[0]);
    }

    @Test
    void aTransactionGoesOnWithTheHooksThatWereInForceWhenItBegan() {
        Generation old = new Generation("p", "1", "1@a");
        bench.hook(MAIL, "a", (MailHook) (tx, s) -> Verdict.next(), old, 5000, OnFailure.DEFER);
        Turn turn = Bench.begin(bench.trusted());
        bench.clear();
        bench.hook(MAIL, "a", (MailHook) (tx, s) -> Verdict.reject("5.7.1", "new"));
        assertTrue(bench.snapshots.uses(old));
        assertEquals(Decision.PROCEED, turn.mail());
        try (Turn next = Bench.begin(bench.trusted())) {
            assertTrue(next.mail().refuses());
        }
        turn.close();
        assertFalse(bench.snapshots.uses(old));
    }

    @Test
    void tellsHeadersEarlyAndKeepsTheirEdits() throws Exception {
        DataHook hook = new DataHook() {
            @Override
            public Verdict onMessage(org.posthouse.api.Transaction tx, org.posthouse.api.Message message) {
                return Verdict.next();
            }

            @Override
            public Verdict onHeaders(org.posthouse.api.Transaction tx, org.posthouse.api.Headers headers) {
                return headers.first("X-Bad").isPresent() ? Verdict.reject("5.6.0", "Bad") : Verdict.hold("early");
            }
        };
        bench.hook(DATA, "a", hook);
        try (Turn turn = bench.transaction("b@example.net")) {
            assertTrue(turn.headers("X-Bad: 1\r\n").refuses());
        }
        try (Turn turn = bench.transaction("b@example.net")) {
            assertEquals(Decision.PROCEED, turn.headers("Subject: x\r\n"));
            assertEquals(
                    Decision.Action.HOLD,
                    bench.message(turn, "Subject: x\r\n\r\n").action());
        }
    }

    private Spool.Stored stored() {
        byte[] octets = MESSAGE.getBytes(StandardCharsets.ISO_8859_1);
        MessageId id = MessageId.next();
        bench.stored.put(id.toString(), octets);
        Bench.MemoryDraft draft = bench.draft(id);
        draft.write(octets, 0, octets.length);
        Envelope envelope = new Envelope(
                id,
                Instant.EPOCH,
                Envelope.Origin.INTERNAL,
                Sender.of(Address.NULL),
                List.of(to("b@example.net")),
                Envelope.Routing.PLAIN,
                "",
                "",
                false,
                draft.finish(),
                Map.of(),
                "");
        return new Spool.Stored(envelope, List.of(Progress.initial(0, State.UNJUDGED, Instant.EPOCH)));
    }

    @Test
    void judgesMailOfTheServerItself() {
        bench.hook(
                QUEUE,
                "q",
                (QueueHook) (tx, m) -> tx.session().profile().equals("internal")
                        ? edit(tx, Edit.addHeader("X-Seen", "1"))
                        : Verdict.next(),
                Need.EDIT_HEADERS);
        Spool.Stored stored = stored();
        Sealed sealed = bench.pipeline.judge(stored);
        Envelope envelope = sealed.admissions().get(0).envelope();
        assertEquals(stored.envelope().id(), envelope.id());
        assertEquals(Instant.EPOCH, envelope.received());
        assertTrue(envelope.head().endsWith("X-Seen: 1\r\n"));
    }

    @Test
    void deliverHooksEditOneAttemptAlone() throws Exception {
        bench.hook(
                DELIVER,
                "d",
                (DeliverHook) attempt -> {
                    attempt.edit(new Edit.ChangeSender(Address.of("verp@example.org")));
                    attempt.edit(new Edit.RemoveHeader("X-A", 0));
                    return Verdict.Delivery.proceed();
                },
                Need.EDIT_HEADERS,
                Need.EDIT_SENDER);
        Spool.Stored stored = stored();
        AttemptStage attempt = bench.pipeline.attempt(stored, new Route("smtp", "mx", "example.net", "r"), List.of(0));
        assertEquals(Verdict.Delivery.proceed(), attempt.before());
        assertEquals("verp@example.org", attempt.sender().toString());
        assertEquals(
                "From: a@example.com\r\nSubject: one\r\n\tfolded\r\n\r\nbody\r\n",
                Bench.text(attempt.content(Bench.content(MESSAGE.getBytes(StandardCharsets.ISO_8859_1)))));
    }

    @Test
    void aFailedDeliverHookDelaysAndLosesNothing() {
        bench.hook(DELIVER, "d", (DeliverHook) attempt -> null);
        AttemptStage attempt =
                bench.pipeline.attempt(stored(), new Route("smtp", "mx", "example.net", "r"), List.of(0));
        assertTrue(attempt.before() instanceof Verdict.Delivery.Delay);
    }
}
