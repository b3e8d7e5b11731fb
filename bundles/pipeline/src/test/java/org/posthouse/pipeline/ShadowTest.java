// SPDX-License-Identifier: Apache-2.0
package org.posthouse.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.posthouse.api.Stage.AUTH;
import static org.posthouse.api.Stage.DATA;
import static org.posthouse.api.Stage.MAIL;
import static org.posthouse.api.Stage.RCPT;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.posthouse.api.Address;
import org.posthouse.api.Edit;
import org.posthouse.api.Event;
import org.posthouse.api.Message;
import org.posthouse.api.Need;
import org.posthouse.api.Note;
import org.posthouse.api.Recipient;
import org.posthouse.api.Sender;
import org.posthouse.api.Transaction;
import org.posthouse.api.Verdict;
import org.posthouse.api.hook.Authenticator;
import org.posthouse.api.hook.DataHook;
import org.posthouse.api.hook.MailHook;
import org.posthouse.api.hook.RcptHook;
import org.posthouse.pipeline.spi.Conversation;
import org.posthouse.pipeline.spi.Decision;
import org.posthouse.pipeline.spi.HookScope;
import org.posthouse.pipeline.spi.Shadows;
import org.posthouse.pipeline.spi.Turn;
import org.posthouse.spool.spi.MessageId;

@Timeout(120)
final class ShadowTest {
    private static final Terms SHADOW = new Terms(true, Set.of(), Set.of(), 0, 100, 0, Terms.Breaking.NEVER);
    private static final Note<String> SEEN = new Note<>("policy.seen", String.class, Note.Scope.TRANSACTION);
    private static final int MESSAGES = 10_000;

    private final Bench bench = new Bench();

    /** Judges by what it saw before: a note of MAIL, scores, header edits of its own, the recipients it let in. */
    private static final class Policy implements MailHook, RcptHook, DataHook {
        @Override
        public Verdict onMail(Transaction tx, Sender sender) {
            int kind = Math.floorMod(sender.address().hashCode(), 11);
            tx.put(SEEN, "kind" + kind);
            tx.score("KIND", kind);
            return switch (kind) {
                case 0 -> Verdict.reject("5.7.1", "No").because("listed");
                case 1 -> Verdict.defer("4.7.1", "Later");
                default -> Verdict.next();
            };
        }

        @Override
        public Verdict onRcpt(Transaction tx, Recipient recipient) {
            boolean known = tx.get(SEEN).orElse("").equals("kind2");
            if (known && recipient.address().local().startsWith("x")) {
                return Verdict.reject("5.1.1", "Unknown");
            }
            return Verdict.next().because(tx.recipients().size() + " before");
        }

        @Override
        public Verdict onMessage(Transaction tx, Message message) {
            double score = tx.scores().getOrDefault("KIND", 0.0);
            tx.edit(Edit.addHeader(
                    "X-Recipients", String.valueOf(tx.recipients().size())));
            return score > 8 ? Verdict.hold("score " + score) : score > 7 ? Verdict.discard() : Verdict.next();
        }
    }

    private static void install(Bench on, Terms terms) {
        Policy policy = new Policy();
        on.hook(MAIL, "policy", policy, terms, Need.EDIT_HEADERS);
        on.hook(RCPT, "policy", policy, terms, Need.EDIT_HEADERS);
        on.hook(DATA, "policy", policy, terms, Need.EDIT_HEADERS);
    }

    /** What one message was judged, by stage. */
    private static List<String> run(Bench on, long seed, MessageId id) throws Exception {
        Random random = new Random(seed);
        String sender = "u" + random.nextInt(500) + "@d" + random.nextInt(50) + ".example";
        List<String> decisions = new ArrayList<>();
        try (Turn turn = on.trusted().begin(id, Sender.of(Address.of(sender)))) {
            Decision mail = turn.mail();
            decisions.add("MAIL " + mail.action());
            if (!mail.refuses()) {
                for (int i = 0; i <= random.nextInt(3); i++) {
                    String to = (random.nextBoolean() ? "x" : "y") + i + "@example.net";
                    turn.rcpt(Recipient.of(Address.of(to)));
                }
                if (!turn.recipients().isEmpty()) {
                    decisions.add("DATA "
                            + on.message(turn, "Subject: x\r\n\r\nbody\r\n").action());
                    decisions.add("HEAD "
                            + turn.queue().admissions().stream()
                                    .map(a -> a.envelope().head())
                                    .toList());
                }
            }
        }
        on.drafts.clear();
        return decisions;
    }

    private static List<String> steps(Bench on, MessageId id) {
        return on.tracer.find(id.toString()).orElseThrow().steps().stream()
                .map(s -> s.stage() + " " + s.about() + " " + s.verdict() + " " + s.reply() + " " + s.reason() + " "
                        + s.edits() + " " + s.scores())
                .toList();
    }

    @Test
    void theReportEqualsWhatEnforceThenDoesMessageByMessage() throws Exception {
        Bench enforced = new Bench();
        install(bench, SHADOW);
        install(enforced, Terms.PLAIN);
        Bench bare = new Bench();
        Map<String, Long> did = new TreeMap<>();
        int changed = 0;
        for (int i = 0; i < MESSAGES; i++) {
            MessageId id = MessageId.next();
            assertEquals(run(bare, i, id), run(bench, i, id), "nothing of the shadow touches the transaction");
            run(enforced, i, id);
            List<String> said = steps(bench, id);
            List<String> done = steps(enforced, id);
            assertEquals(done, said, "message " + i);
            changed += (int) enforced.tracer.find(id.toString()).orElseThrow().steps().stream()
                    .filter(s -> !s.verdict().equals("continue") || !s.edits().isEmpty())
                    .count();
            enforced.tracer
                    .find(id.toString())
                    .orElseThrow()
                    .steps()
                    .forEach(s -> did.merge(
                            s.stage() + " " + s.verdict() + " " + !s.edits().isEmpty(), 1L, Long::sum));
        }
        Map<String, Long> reported = new TreeMap<>();
        long asked = 0;
        for (Shadows.Report report : bench.shadows.reports()) {
            asked += report.asked();
            report.lines()
                    .forEach(line -> reported.merge(
                            line.stage() + " " + line.verdict() + " " + line.edits(), line.count(), Long::sum));
        }
        assertEquals(did, reported);
        assertEquals(did.values().stream().mapToLong(n -> n).sum(), asked);
        assertEquals(
                changed,
                bench.events.stream().filter(e -> e.type() == Event.Type.SHADOW).count());
        assertTrue(did.keySet().containsAll(List.of("MAIL reject false", "RCPT reject false", "DATA hold true")));
    }

    @Test
    void theScopeSaysShadowToServicesAndNothingInEarnest() {
        List<Object> seen = new ArrayList<>();
        bench.hook(MAIL, "earnest", (MailHook) (tx, s) -> {
            seen.add(String.valueOf(HookScope.now()));
            return Verdict.next();
        });
        bench.hook(
                MAIL,
                "shadow",
                (MailHook) (tx, s) -> {
                    HookScope scope = HookScope.now();
                    seen.add(scope == null ? "none" : scope.mode() + " " + scope.plugin());
                    return Verdict.next();
                },
                SHADOW);
        Bench.begin(bench.trusted()).mail();
        assertEquals(List.of("null", "SHADOW test-plugin"), seen);
    }

    @Test
    void anAuthenticatorInShadowIsAskedInItsScopeAndReported() {
        List<Object> seen = new ArrayList<>();
        bench.hook(
                AUTH,
                "shadow",
                (Authenticator) (s, c) -> {
                    HookScope scope = HookScope.now();
                    seen.add(scope == null ? "none" : scope.mode() + " " + scope.plugin());
                    return new Authenticator.Answer.Granted("alice");
                },
                SHADOW,
                Need.SECRETS);
        bench.hook(AUTH, "earnest", (Authenticator) (s, c) -> new Authenticator.Answer.Denied("wrong"), Need.SECRETS);
        try (Conversation conversation = bench.stranger()) {
            assertEquals(
                    new Authenticator.Answer.Denied("wrong"),
                    conversation.authenticate(new Authenticator.Credentials.Password("alice", "secret")));
        }
        assertEquals(List.of("SHADOW test-plugin"), seen);
        Shadows.Report report = bench.shadows.reports().get(0);
        assertEquals("shadow", report.hook());
        assertEquals(List.of(new Shadows.Line(AUTH, "granted", false, "", 1)), report.lines());
    }

    @Test
    void failuresAreCountedAndNeverMatter() {
        bench.hook(
                MAIL,
                "shadow",
                (MailHook) (tx, s) -> {
                    throw new IllegalStateException("broken");
                },
                SHADOW);
        assertEquals(Decision.PROCEED, Bench.begin(bench.trusted()).mail());
        Shadows.Report report = bench.shadows.reports().get(0);
        assertEquals(1, report.failed());
        assertEquals("shadow", report.mode());
        assertTrue(bench.shadows.reset("shadow"));
        assertFalse(bench.shadows.reset("shadow"));
    }

    @Test
    void anAcceptInShadowOpensNothingAndIsReported() {
        bench.hook(RCPT, "shadow", (RcptHook) (tx, r) -> Verdict.accept(), SHADOW, Need.ACCEPT);
        Turn turn = Bench.begin(bench.stranger());
        turn.mail();
        assertTrue(turn.rcpt(Recipient.of(Address.of("b@example.net"))).refuses());
        assertEquals("accept", bench.shadows.reports().get(0).samples().get(0).verdict());
    }

    @Test
    void oneOfTwoGenerationsIsReportedOnBySessionsThatItJudges() {
        int bucket = Terms.bucket("S1"); // The session of the bench.
        Terms newest = new Terms(false, Set.of(), Set.of(), 0, bucket + 1, 0, Terms.Breaking.NEVER);
        Terms before = new Terms(false, Set.of(), Set.of(), bucket + 1, 100, 0, Terms.Breaking.NEVER);
        bench.hook(MAIL, "m", (MailHook) (tx, s) -> Verdict.reject("5.7.1", "No"), newest);
        bench.hook(MAIL, "m", (MailHook) (tx, s) -> Verdict.reject("5.7.1", "Never"), before);
        for (int i = 0; i < 10; i++) {
            try (Turn turn = Bench.begin(bench.trusted())) {
                assertEquals("550 5.7.1 No", String.valueOf(turn.mail().reply()));
            }
        }
        Shadows.Report report = bench.shadows.reports().get(0);
        assertEquals(1, bench.shadows.reports().size());
        assertEquals("canary", report.mode());
        assertEquals(10, report.asked());
        assertEquals(List.of(new Shadows.Line(MAIL, "reject", false, "example.com", 10)), report.lines());
        assertTrue(bench.events.isEmpty(), "what was done in earnest would not have been otherwise");
    }
}
