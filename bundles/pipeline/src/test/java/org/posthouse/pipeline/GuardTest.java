// SPDX-License-Identifier: Apache-2.0
package org.posthouse.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.posthouse.api.Stage.CONNECT;
import static org.posthouse.api.Stage.MAIL;
import static org.posthouse.api.Stage.RCPT;

import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.posthouse.api.Address;
import org.posthouse.api.Edit;
import org.posthouse.api.Event;
import org.posthouse.api.Need;
import org.posthouse.api.OnFailure;
import org.posthouse.api.Recipient;
import org.posthouse.api.Verdict;
import org.posthouse.api.hook.ConnectHook;
import org.posthouse.api.hook.MailHook;
import org.posthouse.api.hook.RcptHook;
import org.posthouse.pipeline.spi.Conversation;
import org.posthouse.pipeline.spi.Decision;
import org.posthouse.pipeline.spi.Turn;

@Timeout(60)
final class GuardTest {
    private static final int CALLS = 4;

    private final Bench bench = new Bench();
    private final AtomicInteger asked = new AtomicInteger();

    private static Terms terms(int most, int pauseMillis) {
        return new Terms(false, Set.of(), Set.of(), 0, 100, most, new Terms.Breaking(50, CALLS, pauseMillis));
    }

    private static Terms tenant(String name) {
        return new Terms(false, Set.of(), Set.of(name), 0, 100, 0, Terms.Breaking.NEVER);
    }

    private Decision connect() {
        try (Conversation conversation = bench.stranger()) {
            return conversation.connect();
        }
    }

    private List<Object> kinds() {
        return bench.events.stream()
                .filter(event -> event.type() == Event.Type.HOOK_FAILURE)
                .map(event -> event.facts().get("kind"))
                .toList();
    }

    private Verdict answers() {
        asked.incrementAndGet();
        return Verdict.next();
    }

    private Verdict fails(String why) {
        asked.incrementAndGet();
        throw new IllegalStateException(why);
    }

    @Test
    void anOpenBreakerGivesTheFailureVerdictWithoutAsking() {
        Place place = bench.hook(CONNECT, "a", (ConnectHook) s -> fails("down"), terms(0, 600_000));
        for (int i = 0; i < CALLS + 3; i++) {
            assertEquals(Decision.Action.REFUSE, connect().action());
        }
        assertEquals(CALLS, asked.get());
        assertEquals("open", place.breaker());
        assertEquals(2, place.breakerLevel());
        assertEquals(CALLS, place.tally().failures());
        assertEquals(3, place.tally().broken());
        assertEquals(CALLS, place.tally().calls());
        assertEquals(
                1, kinds().stream().filter("breaker open"::equals).count() - 3, "one change, three rejected calls");
        assertEquals(0, place.running());
    }

    @Test
    void timeoutsAndIllegalAnswersOpenItToo() {
        CountDownLatch never = new CountDownLatch(1);
        Terms terms = terms(0, 600_000);
        Place place = bench.hook(
                CONNECT,
                "a",
                (ConnectHook) s -> {
                    if (asked.getAndIncrement() % 2 == 0) {
                        return null;
                    }
                    try {
                        never.await();
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                    return Verdict.next();
                },
                terms,
                20);
        for (int i = 0; i < CALLS; i++) {
            connect();
        }
        assertEquals("open", place.breaker());
        assertEquals(List.of("illegal verdict", "timeout", "illegal verdict"), kinds().subList(0, 3));
    }

    @Test
    void afterThePauseAFewCallsTellWhetherItCloses() {
        AtomicReference<String> broken = new AtomicReference<>("down");
        Place place = bench.hook(
                CONNECT, "a", (ConnectHook) s -> broken.get() == null ? Verdict.next() : fails("down"), terms(0, 20));
        for (int i = 0; i < CALLS; i++) {
            connect();
        }
        assertEquals("open", place.breaker());
        Bench.await(() -> {
            connect();
            return asked.get() >= CALLS + Breaker.TRIALS;
        });
        assertEquals(CALLS + Breaker.TRIALS, asked.get());
        broken.set(null);
        Bench.await(() -> connect() == Decision.PROCEED && place.breaker().equals("closed"));
        assertEquals(
                List.of("breaker half-open", "breaker closed"),
                bench.events.stream()
                        .filter(event -> event.type() == Event.Type.PLUGIN)
                        .map(event -> event.facts().get("action"))
                        .distinct()
                        .toList());
    }

    @Test
    void successesBetweenFailuresKeepItClosed() {
        Place place = bench.hook(
                CONNECT,
                "a",
                (ConnectHook) s -> asked.get() % 4 == 3 ? fails("now and then") : answers(),
                terms(0, 600_000));
        for (int i = 0; i < 40; i++) {
            connect();
        }
        assertEquals("closed", place.breaker());
        assertEquals(10, place.tally().failures());
    }

    @Test
    void theBulkheadLetsInSoManyAndNoMore() throws Exception {
        CountDownLatch inside = new CountDownLatch(2);
        CountDownLatch release = new CountDownLatch(1);
        Place place = bench.hook(
                CONNECT,
                "a",
                (ConnectHook) s -> {
                    inside.countDown();
                    try {
                        release.await();
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                    return Verdict.next();
                },
                terms(2, 600_000));
        Thread one = Thread.startVirtualThread(this::connect);
        Thread two = Thread.startVirtualThread(this::connect);
        inside.await(10, TimeUnit.SECONDS);
        assertEquals(2, place.running());
        assertEquals("hook failed: full", connect().reason());
        assertEquals(List.of("full"), kinds());
        assertEquals(1, place.tally().full());
        assertEquals(0, place.tally().failures());
        release.countDown();
        one.join();
        two.join();
        assertEquals(Decision.PROCEED, connect());
        assertEquals(0, place.running());
    }

    @Test
    void aPluginWithManyAbandonedThreadsGetsNoNewAllowanceWithANewGeneration() {
        CountDownLatch release = new CountDownLatch(1);
        for (int generation = 0; generation < 6; generation++) {
            bench.clear();
            bench.hook(
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
                    new Generation("test-plugin", "1.0.0", generation + "@00000000"),
                    100,
                    OnFailure.DEFER);
            for (int i = 0; i < Place.MOST_ABANDONED + 1; i++) {
                assertEquals(Decision.Action.REFUSE, connect().action());
            }
        }
        assertEquals(Burden.MOST, asked.get());
        assertEquals(Burden.MOST, bench.burden.living());
        Object detail = bench.events.getLast().facts().get("detail");
        assertEquals(
                "0 of at most 4 threads of this generation and 16 of at most 16 of the plugin are overdue and still"
                        + " run; those that spin end with the server alone",
                detail);
        release.countDown();
        Bench.await(() -> bench.burden.living() == 0);
        assertEquals(Decision.PROCEED, connect());
    }

    @Test
    void aHookForATenantIsAskedOfItsMailAlone() {
        bench.hook(MAIL, "early", (MailHook) (tx, sender) -> fails("not known yet"), tenant("acme"));
        bench.hook(
                MAIL,
                "names",
                (MailHook) (tx, sender) -> {
                    tx.edit(new Edit.Tenant(sender.domain().equals("example.com") ? "acme" : "other"));
                    return Verdict.next();
                },
                Need.EDIT_ROUTING);
        bench.hook(MAIL, "late", (MailHook) (tx, sender) -> Verdict.next().because("asked"), tenant("acme"));
        bench.hook(RCPT, "acme", (RcptHook) (tx, r) -> Verdict.reject("5.7.1", "acme"), tenant("acme"));
        bench.hook(RCPT, "other", (RcptHook) (tx, r) -> Verdict.reject("5.7.1", "other"), tenant("other"));
        try (Turn turn = Bench.begin(bench.trusted())) {
            assertFalse(turn.mail().refuses());
            assertEquals(0, asked.get());
            assertEquals(
                    "acme", turn.rcpt(Recipient.of(Address.of("b@example.net"))).hook());
        }
    }
}
