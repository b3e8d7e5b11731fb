// SPDX-License-Identifier: Apache-2.0
package org.posthouse.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.posthouse.api.Stage.CONNECT;
import static org.posthouse.api.Stage.HELO;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.posthouse.api.OnFailure;
import org.posthouse.api.Verdict;
import org.posthouse.api.hook.ConnectHook;
import org.posthouse.api.hook.HeloHook;
import org.posthouse.pipeline.spi.Conversation;
import org.posthouse.pipeline.spi.Decision;

/** Runs with the 16 carriers of the shipped server. */
@Timeout(900)
final class StragglersTest {
    private static final int CARRIERS = 16;
    /** For what comes soon, but on a machine of many other tasks much later. */
    private static final Duration PATIENCE = Duration.ofSeconds(120);

    private final Bench bench = new Bench();
    private final CountDownLatch release = new CountDownLatch(1);
    private final AtomicInteger asked = new AtomicInteger();

    @AfterEach
    void letThemGo() {
        release.countDown();
        Bench.await(PATIENCE, () -> Stragglers.spinning() == 0);
    }

    private static Verdict spin(AtomicInteger asked, CountDownLatch release) {
        asked.incrementAndGet();
        while (release.getCount() > 0) {
            Thread.onSpinWait();
        }
        return Verdict.next();
    }

    /** What a burst before this needed is taken back one by one, a second apart, and later on a busy machine. */
    private static void calm() {
        Bench.await(Duration.ofSeconds(150), () -> Stragglers.added() == 0);
    }

    private static Decision connect(Bench bench) {
        try (Conversation conversation = bench.stranger()) {
            return conversation.connect();
        }
    }

    private boolean askedTwice() {
        if (asked.get() < 2) {
            connect(bench);
        }
        return asked.get() == 2;
    }

    @Test
    void eachThreadThatSpinsIsReplacedByACarrierUntilItEnds() {
        calm();
        bench.hook(CONNECT, "a", (ConnectHook) s -> spin(asked, release), 20, OnFailure.DEFER);
        // On a busy machine no carrier may be free within the budget, and then the hook is not asked at all.
        Bench.await(PATIENCE, this::askedTwice);
        Bench.await(PATIENCE, () -> Stragglers.spinning() == 2);
        Bench.await(PATIENCE, () -> Stragglers.added() >= 2);
        release.countDown();
        Bench.await(PATIENCE, () -> Stragglers.spinning() == 0);
        calm();
    }

    @Test
    void aBurstThatHoldsAllCarriersBeforeAnyoneIsOverdueIsAnswered() throws Exception {
        int budget = 1000;
        // On a busy machine the first may be overdue before all carriers are held; then there is more time for that.
        while (!isAnsweredWithAllCarriersHeld(budget)) {
            budget *= 2;
            assertTrue(budget < 40_000, "never were all carriers held at once");
        }
    }

    /** Whether a burst held all carriers; that it is answered is asserted in any case. */
    private boolean isAnsweredWithAllCarriersHeld(int budget) throws Exception {
        Bench crowded = new Bench();
        CountDownLatch end = new CountDownLatch(1);
        AtomicInteger held = new AtomicInteger();
        crowded.hook(CONNECT, "a", (ConnectHook) s -> spin(held, end), budget, OnFailure.DEFER);
        crowded.hook(HELO, "b", (HeloHook) s -> Verdict.next());
        try {
            AtomicInteger deferred = new AtomicInteger();
            List<Thread> clients = new ArrayList<>();
            for (int i = 0; i < 4 * CARRIERS; i++) {
                clients.add(Thread.startVirtualThread(() -> {
                    if (connect(crowded).action() == Decision.Action.REFUSE) {
                        deferred.incrementAndGet();
                    }
                }));
            }
            for (Thread client : clients) {
                assertTrue(client.join(PATIENCE), "a client waits for ever");
            }
            assertEquals(clients.size(), deferred.get());
            CountDownLatch other = new CountDownLatch(1);
            Thread.startVirtualThread(() -> {
                try (Conversation conversation = crowded.stranger()) {
                    conversation.helo("client", true);
                    other.countDown();
                }
            });
            assertTrue(other.await(PATIENCE.toSeconds(), TimeUnit.SECONDS), "others are not asked");
            return held.get() >= CARRIERS;
        } finally {
            end.countDown();
            Bench.await(PATIENCE, () -> Stragglers.spinning() == 0);
        }
    }
}
