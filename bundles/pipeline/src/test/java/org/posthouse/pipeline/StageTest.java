// SPDX-License-Identifier: Apache-2.0
package org.posthouse.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.posthouse.api.Stage.CONNECT;
import static org.posthouse.api.Stage.HELO;
import static org.posthouse.api.Stage.MAIL;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.posthouse.api.Note;
import org.posthouse.api.OnFailure;
import org.posthouse.api.Verdict;
import org.posthouse.api.hook.ConnectHook;
import org.posthouse.api.hook.HeloHook;
import org.posthouse.api.hook.MailHook;
import org.posthouse.pipeline.spi.Conversation;
import org.posthouse.pipeline.spi.Decision;
import org.posthouse.pipeline.spi.Turn;

@Timeout(60)
final class StageTest {
    private static final Note<String> NOTE = new Note<>("test.word", String.class, Note.Scope.SESSION);

    private final Bench bench = new Bench();

    private Decision connect() {
        try (Conversation conversation = bench.stranger()) {
            return conversation.connect();
        }
    }

    @Test
    void proceedsWithoutHooksAndWithoutThreads() {
        assertEquals(Decision.PROCEED, connect());
    }

    @Test
    void asksHooksInOrderOnOneFreshVirtualThread() {
        List<String> asked = new ArrayList<>();
        for (String name : List.of("a", "b", "c")) {
            bench.hook(CONNECT, name, (ConnectHook) s -> {
                asked.add(name + " on " + Thread.currentThread().threadId()
                        + Thread.currentThread().isVirtual());
                return Verdict.next();
            });
        }
        assertEquals(Decision.PROCEED, connect());
        assertEquals(3, asked.size());
        assertEquals(asked.get(0).substring(1), asked.get(2).substring(1));
        assertTrue(asked.get(0).startsWith("a") && asked.get(0).endsWith("true"));
    }

    @Test
    void sendsTheRefusalOfTheFirstHookAndAsksNoMore() {
        AtomicBoolean later = new AtomicBoolean();
        bench.hook(CONNECT, "a", (ConnectHook)
                s -> Verdict.reject(554, "5.7.1", "Go away").because("listed"));
        bench.hook(CONNECT, "b", (ConnectHook) s -> {
            later.set(true);
            return Verdict.next();
        });
        Decision decision = connect();
        assertEquals(Decision.Action.REFUSE, decision.action());
        assertEquals("554 5.7.1 Go away", String.valueOf(decision.reply()));
        assertEquals("a", decision.hook());
        assertEquals("listed", decision.reason());
        assertFalse(later.get());
    }

    @Test
    void tellsHooksWhileTheyAreAskedThatTheClientSpoke() {
        AtomicBoolean spoke = new AtomicBoolean();
        List<Boolean> told = new ArrayList<>();
        bench.hook(CONNECT, "a", (ConnectHook) s -> {
            told.add(s.spokeEarly());
            spoke.set(true);
            told.add(s.spokeEarly());
            return Verdict.next();
        });
        try (Conversation conversation = bench.stranger()) {
            conversation.spokeEarly(spoke::get);
            conversation.connect();
        }
        assertEquals(List.of(false, true), told);
        told.clear();
        connect();
        assertEquals(List.of(false, false), told, "nobody was given who knows");
    }

    @Test
    void defersWhenAHookThrowsWhateverItThrows() {
        List<Throwable> thrown = List.of(
                new IllegalStateException("x"),
                new StackOverflowError(),
                new NoClassDefFoundError("gone"),
                new LinkageError(),
                new AssertionError());
        for (Throwable t : thrown) {
            bench.clear();
            bench.hook(CONNECT, "a", (ConnectHook) s -> {
                throw StageTest.<RuntimeException>sneak(t);
            });
            Decision decision = connect();
            assertEquals("451 4.3.0 Temporary failure, try again later", String.valueOf(decision.reply()));
        }
        assertEquals(thrown.size(), bench.events.size());
        assertEquals("exception", bench.events.get(0).facts().get("kind"));
        assertEquals("test-plugin", bench.events.get(0).facts().get("plugin"));
        assertEquals("S1", bench.events.get(0).facts().get("session"));
    }

    @SuppressWarnings("unchecked")
    private static <T extends Throwable> T sneak(Throwable t) throws T {
        throw (T) t;
    }

    @Test
    void survivesARealStackOverflow() {
        bench.hook(CONNECT, "a", (ConnectHook) s -> endless(s.id()));
        assertEquals(Decision.Action.REFUSE, connect().action());
    }

    private static Verdict endless(String text) {
        return text.isEmpty() ? Verdict.next() : endless(text).because("never");
    }

    @Test
    void treatsAVerdictWithoutAReasonAsAFailure() {
        bench.hook(CONNECT, "a", (ConnectHook) s -> new Verdict.Continue(null));
        assertEquals(Decision.Action.REFUSE, connect().action());
        assertEquals("illegal verdict", bench.events.get(0).facts().get("kind"));
    }

    @Test
    void treatsNoAnswerAsAFailure() {
        bench.hook(CONNECT, "a", (ConnectHook) s -> null);
        assertEquals(Decision.Action.REFUSE, connect().action());
        assertEquals("illegal verdict", bench.events.get(0).facts().get("kind"));
    }

    @Test
    void closesTheConnectionWhenTheFailureVerdictSaysSo() {
        bench.hook(CONNECT, "a", (ConnectHook) s -> null, 5000, OnFailure.DISCONNECT);
        Decision decision = connect();
        assertEquals(Decision.Action.DISCONNECT, decision.action());
        assertEquals("421 4.3.0 Temporary failure, try again later", String.valueOf(decision.reply()));
    }

    @Test
    void defersAfterTheBudgetOfAHangingHookAndInterruptsIt() throws Exception {
        CountDownLatch interrupted = new CountDownLatch(1);
        bench.hook(
                CONNECT,
                "a",
                (ConnectHook) s -> {
                    try {
                        new CountDownLatch(1).await();
                    } catch (InterruptedException e) {
                        interrupted.countDown();
                    }
                    return Verdict.next();
                },
                50,
                OnFailure.DEFER);
        long start = System.nanoTime();
        assertEquals(Decision.Action.REFUSE, connect().action());
        assertTrue(System.nanoTime() - start < TimeUnit.SECONDS.toNanos(5));
        assertTrue(interrupted.await(10, TimeUnit.SECONDS));
        assertEquals("timeout", bench.events.get(0).facts().get("kind"));
    }

    @Test
    void keepsTheBudgetOfALaterHookThatIsShorterThanTheFirst() {
        bench.hook(CONNECT, "a", (ConnectHook) s -> Verdict.next(), 60_000, OnFailure.DEFER);
        bench.hook(CONNECT, "b", (ConnectHook) s -> hang(), 50, OnFailure.DEFER);
        long start = System.nanoTime();
        assertEquals("b", connect().hook());
        assertTrue(System.nanoTime() - start < TimeUnit.SECONDS.toNanos(10));
    }

    @Test
    void aHookThatIsNotAskedFailsNothingWhenItsThreadFindsNoCarrier() {
        Terms elsewhere = new Terms(false, Set.of("submission"), Set.of(), 0, 100, 0, Terms.Breaking.NEVER);
        Place place = bench.hook(CONNECT, "a", (ConnectHook) s -> Verdict.next(), elsewhere, 50);
        Thread asker = Thread.currentThread();
        AtomicInteger failures = new AtomicInteger();
        Stage.ask(new Place[] {place}, 0, new Question() {
            @Override
            public String listener() {
                if (Thread.currentThread() != asker) {
                    hang(); // As one that waits for a carrier does not come this far in time.
                }
                return "mx";
            }

            @Override
            public int bucket() {
                return 0;
            }

            @Override
            public Object ask(Object hook, Overlay overlay) {
                throw new IllegalStateException("not to be asked");
            }

            @Override
            public boolean take(Place of, Overlay overlay, @Nullable Object answer, long nanos) {
                throw new IllegalStateException("there is no answer");
            }

            @Override
            public boolean fail(Place of, Failure failure, String detail, @Nullable Throwable cause, long nanos) {
                failures.incrementAndGet();
                return true;
            }
        });
        assertEquals(0, failures.get());
        Bench.await(() -> place.abandoned() == 0);
    }

    private static Verdict hang() {
        try {
            new CountDownLatch(1).await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return Verdict.next();
    }

    @Test
    void resumesAtTheNextHookAfterOneThatHangs() {
        AtomicInteger second = new AtomicInteger();
        bench.hook(CONNECT, "a", (ConnectHook) s -> hang(), 30, OnFailure.CONTINUE);
        bench.hook(CONNECT, "b", (ConnectHook) s -> {
            second.incrementAndGet();
            return Verdict.reject("5.7.1", "No");
        });
        assertEquals("b", connect().hook());
        assertEquals(1, second.get());
    }

    @Test
    void dropsALateAnswerWithAllThatWasStaged() {
        CountDownLatch release = new CountDownLatch(1);
        AtomicBoolean closed = new AtomicBoolean();
        Place place = bench.hook(
                CONNECT,
                "a",
                (ConnectHook) s -> {
                    s.put(NOTE, "late");
                    s.put(new Note<>("test.open", AutoCloseable.class, Note.Scope.SESSION), () -> closed.set(true));
                    spinUntil(release);
                    return Verdict.disconnect("too late");
                },
                30,
                OnFailure.CONTINUE);
        List<Optional<String>> seen = new ArrayList<>();
        bench.hook(HELO, "b", (HeloHook) s -> {
            seen.add(s.get(NOTE));
            return Verdict.next();
        });
        try (Conversation conversation = bench.stranger()) {
            assertEquals(Decision.PROCEED, conversation.connect());
            assertEquals(1, place.abandoned());
            release.countDown();
            Bench.await(() -> place.abandoned() == 0);
            Bench.await(closed::get);
            conversation.helo("client", true);
        }
        assertEquals(List.of(Optional.empty()), seen);
    }

    /** Ignores interrupts, as a bad hook does. */
    private static void spinUntil(CountDownLatch latch) {
        while (latch.getCount() > 0) {
            Thread.onSpinWait();
        }
    }

    @Test
    void asksAHookWithFourAbandonedThreadsNoMoreUntilTheyEnd() {
        CountDownLatch release = new CountDownLatch(1);
        AtomicInteger asked = new AtomicInteger();
        Place place = bench.hook(
                CONNECT,
                "a",
                (ConnectHook) s -> {
                    asked.incrementAndGet();
                    while (release.getCount() > 0) {
                        try {
                            release.await();
                        } catch (InterruptedException e) {
                            Thread.interrupted();
                        }
                    }
                    return Verdict.next();
                },
                20,
                OnFailure.DEFER);
        for (int i = 0; i < 6; i++) {
            assertEquals(Decision.Action.REFUSE, connect().action());
        }
        assertEquals(4, asked.get());
        assertEquals("abandoned", bench.events.get(5).facts().get("kind"));
        release.countDown();
        Bench.await(() -> place.abandoned() == 0);
        assertEquals(Decision.PROCEED, connect());
    }

    @Test
    void otherSessionsGoOnWhileTwoHooksSpin() throws Exception {
        CountDownLatch release = new CountDownLatch(1);
        AtomicInteger calls = new AtomicInteger();
        bench.hook(
                CONNECT,
                "a",
                (ConnectHook) s -> {
                    if (calls.getAndIncrement() < 2) {
                        spinUntil(release);
                    }
                    return Verdict.next();
                },
                20_000,
                OnFailure.DEFER);
        Thread one = Thread.startVirtualThread(this::connect);
        Thread two = Thread.startVirtualThread(this::connect);
        Bench.await(() -> calls.get() >= 2);
        assertEquals(Decision.PROCEED, connect());
        release.countDown();
        one.join();
        two.join();
    }

    @Test
    void asksNothingOfAMissingHookAndAppliesItsVerdict() {
        Generation missing = Generation.missing("gone");
        bench.hook(CONNECT, "a", null, missing, 5000, OnFailure.DEFER);
        assertEquals(Decision.Action.REFUSE, connect().action());
        assertEquals("missing", bench.events.get(0).facts().get("kind"));
        bench.clear();
        bench.hook(CONNECT, "a", null, missing, 5000, OnFailure.CONTINUE);
        assertEquals(Decision.PROCEED, connect());
    }

    @Test
    void defersWhatIsStillOpenWhenAGenerationIsCut() {
        Generation old = new Generation("p", "1", "1@a");
        AtomicInteger asked = new AtomicInteger();
        bench.hook(
                MAIL,
                "a",
                (MailHook) (tx, sender) -> {
                    asked.incrementAndGet();
                    return Verdict.next();
                },
                old,
                5000,
                OnFailure.CONTINUE);
        try (Turn turn = Bench.begin(bench.stranger())) {
            old.cut();
            assertEquals(
                    "451 4.3.0 Temporary failure, try again later",
                    String.valueOf(turn.mail().reply()));
        }
        assertEquals(0, asked.get());
    }

    @Test
    void keepsAnInterruptOfTheAskingThread() {
        bench.hook(CONNECT, "a", (ConnectHook) s -> Verdict.next());
        Thread.currentThread().interrupt();
        assertEquals(Decision.PROCEED, connect());
        assertTrue(Thread.interrupted());
    }

    @Test
    void anArtificialOutOfMemoryErrorStillSettlesTheTurn() {
        bench.hook(CONNECT, "a", (ConnectHook) s -> {
            throw new OutOfMemoryError("pretended");
        });
        assertEquals(Decision.Action.REFUSE, connect().action());
    }

    @Test
    void hidesThePeerFromHooksThatDidNotDeclareIt() {
        List<String> seen = new ArrayList<>();
        bench.hook(CONNECT, "a", (ConnectHook) s -> {
            seen.add(s.peer().address().getAddress().getHostAddress());
            return Verdict.next();
        });
        bench.hook(
                CONNECT,
                "b",
                (ConnectHook) s -> {
                    seen.add(s.peer().address().getAddress().getHostAddress());
                    return Verdict.next();
                },
                org.posthouse.api.Need.PEER);
        connect();
        assertEquals(List.of("0.0.0.0", "192.0.2.1"), seen);
    }

    @Test
    void forgetsWhatWasSaidBeforeTls() {
        bench.hook(HELO, "a", (HeloHook) s -> {
            s.withdraw("size");
            s.put(NOTE, s.helo());
            return Verdict.next();
        });
        List<Optional<String>> seen = new ArrayList<>();
        bench.hook(MAIL, "b", (MailHook) (tx, sender) -> {
            seen.add(tx.session().get(NOTE));
            return Verdict.next();
        });
        Conversation conversation = bench.stranger();
        conversation.helo("liar", true);
        assertEquals(java.util.Set.of("SIZE"), conversation.withdrawn());
        conversation.secured("TLSv1.3");
        assertTrue(conversation.withdrawn().isEmpty());
        Bench.begin(conversation).mail();
        assertEquals(List.of(Optional.empty()), seen);
        assertEquals("", conversation.origin().helo());
    }
}
