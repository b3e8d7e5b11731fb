// SPDX-License-Identifier: Apache-2.0
package org.posthouse.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.posthouse.api.Need.PEER;
import static org.posthouse.api.Need.SECRETS;
import static org.posthouse.api.Stage.AUTH;
import static org.posthouse.api.Stage.MAIL;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.posthouse.api.Note;
import org.posthouse.api.OnFailure;
import org.posthouse.api.Session;
import org.posthouse.api.Verdict;
import org.posthouse.api.hook.Authenticator;
import org.posthouse.api.hook.Authenticator.Answer;
import org.posthouse.api.hook.Authenticator.Credentials;
import org.posthouse.api.hook.Authenticator.ScramKeys;
import org.posthouse.api.hook.MailHook;
import org.posthouse.pipeline.spi.Conversation;
import org.posthouse.pipeline.spi.HookScope;

@Timeout(60)
final class AuthTest {
    private static final Credentials ALICE = new Credentials.Password("alice", "correct horse");
    private static final Terms SHADOW = new Terms(true, Set.of(), Set.of(), 0, 100, 0, Terms.Breaking.NEVER);
    private static final Terms ELSEWHERE =
            new Terms(false, Set.of("submission"), Set.of(), 0, 100, 0, Terms.Breaking.NEVER);

    private final Bench bench = new Bench();

    private void authenticator(String name, Authenticator hook) {
        bench.hook(AUTH, name, hook, SECRETS);
    }

    private Answer authenticate() {
        try (Conversation conversation = bench.stranger()) {
            return conversation.authenticate(ALICE);
        }
    }

    private static Answer denied(Session session, Credentials credentials) {
        return new Answer.Denied("wrong");
    }

    private static Answer granted(Session session, Credentials credentials) {
        return new Answer.Granted(((Credentials.Password) credentials).user());
    }

    @Test
    void offersNothingWithoutAnAuthenticator() {
        try (Conversation conversation = bench.stranger()) {
            assertFalse(conversation.authenticates());
            assertFalse(conversation.scram());
            assertInstanceOf(Answer.Unavailable.class, conversation.authenticate(ALICE));
            assertEquals(Optional.empty(), conversation.scramKeys("alice"));
        }
    }

    @Test
    void theFirstGrantedWinsAndEnds() {
        AtomicInteger later = new AtomicInteger();
        authenticator("a", AuthTest::denied);
        authenticator("b", AuthTest::granted);
        authenticator("c", (s, c) -> {
            later.incrementAndGet();
            return new Answer.Granted("mallory");
        });
        assertEquals(new Answer.Granted("alice"), authenticate());
        assertEquals(0, later.get());
    }

    @Test
    void grantedWinsOverAnEarlierUnavailable() {
        authenticator("a", (s, c) -> new Answer.Unavailable("down"));
        authenticator("b", AuthTest::granted);
        assertEquals(new Answer.Granted("alice"), authenticate());
    }

    @Test
    void anyUnavailableBeatsDenied() {
        authenticator("a", AuthTest::denied);
        authenticator("b", (s, c) -> new Answer.Unavailable("down"));
        authenticator("c", AuthTest::denied);
        assertEquals(new Answer.Unavailable("down"), authenticate());
    }

    @Test
    void deniedWhenAllSaySo() {
        authenticator("a", AuthTest::denied);
        authenticator("b", AuthTest::denied);
        assertEquals(new Answer.Denied("wrong"), authenticate());
    }

    @Test
    void anAuthenticatorThatFailsIsUnavailableWhateverItsFailureVerdict() {
        for (OnFailure verdict : OnFailure.values()) {
            bench.clear();
            bench.hook(
                    AUTH,
                    "a",
                    (Authenticator) (s, c) -> {
                        throw new IllegalStateException("no");
                    },
                    5000,
                    verdict,
                    SECRETS);
            authenticator("b", AuthTest::denied);
            assertEquals(new Answer.Unavailable("hook a failed: exception"), authenticate());
        }
    }

    @Test
    void errorsAndClassesThatAreNotThereAreContained() {
        List<Error> errors = List.of(
                new StackOverflowError(), new NoClassDefFoundError("gone"), new LinkageError(), new AssertionError());
        for (Error error : errors) {
            bench.clear();
            authenticator("a", (s, c) -> {
                throw error;
            });
            assertInstanceOf(Answer.Unavailable.class, authenticate());
        }
        assertEquals(errors.size(), bench.events.size());
    }

    @Test
    void anAuthenticatorThatHangsIsUnavailableAfterItsBudget() {
        CountDownLatch never = new CountDownLatch(1);
        bench.hook(
                AUTH,
                "a",
                (Authenticator) (s, c) -> {
                    try {
                        never.await();
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                    return new Answer.Granted("late");
                },
                50,
                OnFailure.CONTINUE,
                SECRETS);
        assertEquals(new Answer.Unavailable("hook a failed: timeout"), authenticate());
        assertEquals("timeout", bench.events.get(0).facts().get("kind"));
    }

    @Test
    void aMissingAuthenticatorIsOfferedAndUnavailable() {
        bench.hook(AUTH, "a", null, Generation.missing("gone"), 5000, OnFailure.CONTINUE, SECRETS);
        try (Conversation conversation = bench.stranger()) {
            assertTrue(conversation.authenticates());
            assertFalse(conversation.scram());
            assertEquals(new Answer.Unavailable("hook a failed: missing"), conversation.authenticate(ALICE));
        }
        authenticator("b", AuthTest::granted);
        assertEquals(new Answer.Granted("alice"), authenticate());
    }

    @Test
    void noAnswerAndAPrincipalWithoutANameAreFailures() {
        authenticator("a", (s, c) -> null);
        assertEquals(new Answer.Unavailable("hook a failed: illegal verdict"), authenticate());
        bench.clear();
        authenticator("b", (s, c) -> new Answer.Granted(" "));
        assertEquals(new Answer.Unavailable("hook b failed: illegal verdict"), authenticate());
    }

    @Test
    void handsNoCredentialsToAHookThatDidNotDeclareSecrets() {
        AtomicInteger asked = new AtomicInteger();
        bench.hook(AUTH, "a", (Authenticator) (s, c) -> {
            asked.incrementAndGet();
            return new Answer.Granted("alice");
        });
        assertEquals(new Answer.Unavailable("hook a failed: illegal verdict"), authenticate());
        assertEquals(0, asked.get());
    }

    @Test
    void asksOnlyWhereItAppliesAndInEarnest() {
        bench.hook(AUTH, "a", (Authenticator) AuthTest::granted, ELSEWHERE, SECRETS);
        try (Conversation conversation = bench.stranger()) {
            assertFalse(conversation.authenticates());
            assertEquals(new Answer.Unavailable("no authenticator"), conversation.authenticate(ALICE));
        }
        bench.hook(AUTH, "b", (Authenticator) AuthTest::granted, SHADOW, SECRETS);
        try (Conversation conversation = bench.stranger()) {
            assertFalse(conversation.authenticates());
            assertEquals(new Answer.Unavailable("no authenticator"), conversation.authenticate(ALICE));
        }
        authenticator("c", AuthTest::denied);
        assertEquals(new Answer.Denied("wrong"), authenticate());
    }

    @Test
    void anAuthenticatorInShadowKnowsThatItsServicesKeepNothing() {
        List<String> modes = new ArrayList<>();
        Authenticator hook = (session, credentials) -> {
            HookScope scope = HookScope.now();
            modes.add(scope == null ? "in earnest" : scope.mode().name());
            return new Answer.Denied("wrong");
        };
        bench.hook(AUTH, "a", hook, SHADOW, SECRETS);
        authenticator("b", hook);
        authenticate();
        assertEquals(List.of("SHADOW", "in earnest"), modes);
    }

    @Test
    void neverTellsThePasswordInEventsOrMinutes() {
        SessionState state = new SessionState(bench.engine, bench.facts("mx", false));
        HookConversation conversation = new HookConversation(bench.engine, state);
        authenticator("a", (s, c) -> {
            throw new IllegalStateException("no entry for " + ((Credentials.Password) c).password());
        });
        authenticator("b", (s, c) -> new Answer.Denied("not " + ((Credentials.Password) c).password()));
        conversation.authenticate(ALICE);
        var steps = bench.tracer.find("S1").orElseThrow().steps();
        assertEquals(2, steps.size());
        assertFalse(steps.toString().contains("correct horse"));
        assertFalse(bench.events.toString().contains("correct horse"));
        assertTrue(bench.events.get(0).facts().get("detail").toString().contains("IllegalStateException at"));
    }

    @Test
    void showsTheSessionAsDeclaredAndKeepsItsNotes() {
        Note<String> note = new Note<>("test.method", String.class, Note.Scope.SESSION);
        List<Object> seen = new ArrayList<>();
        bench.hook(
                AUTH,
                "a",
                (Authenticator) (s, c) -> {
                    seen.add(s.peer().address().getAddress().getHostAddress());
                    s.put(note, "file");
                    return new Answer.Granted("alice");
                },
                SECRETS,
                PEER);
        bench.hook(MAIL, "m", (MailHook) (tx, sender) -> {
            seen.add(tx.session().get(note).orElseThrow());
            seen.add(tx.session().authenticated());
            return Verdict.next();
        });
        Conversation conversation = bench.stranger();
        conversation.authenticate(ALICE);
        conversation.authenticated("alice");
        Bench.begin(conversation).mail();
        assertEquals(List.of("192.0.2.1", "file", true), seen);
    }

    @Test
    void holdsNoSnapshotBetweenQuestions() {
        Generation old = new Generation("p", "1", "1@a");
        bench.hook(AUTH, "a", (Authenticator) AuthTest::denied, old, 5000, OnFailure.DEFER, SECRETS);
        Conversation conversation = bench.stranger();
        assertEquals(new Answer.Denied("wrong"), conversation.authenticate(ALICE));
        bench.clear();
        assertFalse(bench.snapshots.uses(old));
    }

    /** An authenticator that has keys of so many octets, or none. */
    private record Keeper(int octets) implements Authenticator, ScramKeys {
        @Override
        public Answer authenticate(Session session, Credentials credentials) {
            return new Answer.Denied("wrong");
        }

        @Override
        public Optional<Keys> scramKeys(String user) {
            return octets == 0
                    ? Optional.empty()
                    : Optional.of(new Keys(
                            user.getBytes(java.nio.charset.StandardCharsets.UTF_8),
                            4096,
                            new byte[octets],
                            new byte[32]));
        }
    }

    @Test
    void asksTheFirstForKeysWhereAllThatCountHaveThem() {
        bench.hook(AUTH, "a", (Authenticator) AuthTest::denied, ELSEWHERE, SECRETS);
        bench.hook(AUTH, "b", (Authenticator) AuthTest::denied, SHADOW, SECRETS);
        authenticator("c", new Keeper(32));
        authenticator("d", new Keeper(0));
        try (Conversation conversation = bench.stranger()) {
            assertTrue(conversation.scram());
            assertEquals(4096, conversation.scramKeys("alice").orElseThrow().iterations());
        }
    }

    @Test
    void offersNoScramWhereUsersOfAnotherAuthenticatorCouldNotComeInByIt() {
        authenticator("a", new Keeper(32));
        authenticator("b", AuthTest::granted);
        try (Conversation conversation = bench.stranger()) {
            assertFalse(conversation.scram());
            assertEquals(Optional.empty(), conversation.scramKeys("alice"));
            assertEquals(new Answer.Granted("alice"), conversation.authenticate(ALICE));
        }
    }

    @Test
    void hasNoKeysWhenTheyCanNotBeToldOrAreOfNoUse() {
        authenticator("a", new Keeper(0));
        try (Conversation conversation = bench.stranger()) {
            assertEquals(Optional.empty(), conversation.scramKeys("alice"));
            bench.clear();
            authenticator("b", new Keeper(20));
            assertEquals(Optional.empty(), conversation.scramKeys("alice"));
        }
        assertEquals("illegal verdict", bench.events.get(0).facts().get("kind"));
    }
}
