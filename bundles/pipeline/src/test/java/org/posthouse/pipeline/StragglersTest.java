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
@Timeout(400)
final class StragglersTest {
    private static final int CARRIERS = 16;

    private final Bench bench = new Bench();
    private final CountDownLatch release = new CountDownLatch(1);
    private final AtomicInteger asked = new AtomicInteger();

    @AfterEach
    void letThemGo() {
        release.countDown();
        Bench.await(() -> Stragglers.spinning() == 0);
    }

    private Verdict spin() {
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

    private Decision connect() {
        try (Conversation conversation = bench.stranger()) {
            return conversation.connect();
        }
    }

    private boolean askedTwice() {
        if (asked.get() < 2) {
            connect();
        }
        return asked.get() == 2;
    }

    @Test
    void eachThreadThatSpinsIsReplacedByACarrierUntilItEnds() {
        calm();
        bench.hook(CONNECT, "a", (ConnectHook) s -> spin(), 20, OnFailure.DEFER);
        // On a busy machine no carrier may be free within the budget, and then the hook is not asked at all.
        Bench.await(() -> askedTwice());
        Bench.await(() -> Stragglers.spinning() == 2);
        Bench.await(() -> Stragglers.added() >= 2);
        release.countDown();
        Bench.await(() -> Stragglers.spinning() == 0);
        calm();
    }

    @Test
    void aBurstThatHoldsAllCarriersBeforeAnyoneIsOverdueIsAnswered() throws Exception {
        bench.hook(CONNECT, "a", (ConnectHook) s -> spin(), 1000, OnFailure.DEFER);
        bench.hook(HELO, "b", (HeloHook) s -> Verdict.next());
        AtomicInteger deferred = new AtomicInteger();
        List<Thread> clients = new ArrayList<>();
        for (int i = 0; i < 4 * CARRIERS; i++) {
            clients.add(Thread.startVirtualThread(() -> {
                if (connect().action() == Decision.Action.REFUSE) {
                    deferred.incrementAndGet();
                }
            }));
        }
        for (Thread client : clients) {
            assertTrue(client.join(Duration.ofSeconds(30)), "a client waits for ever");
        }
        assertEquals(clients.size(), deferred.get());
        assertTrue(asked.get() >= CARRIERS, () -> "only " + asked + " held a carrier");
        CountDownLatch other = new CountDownLatch(1);
        Thread.startVirtualThread(() -> {
            try (Conversation conversation = bench.stranger()) {
                conversation.helo("client", true);
                other.countDown();
            }
        });
        assertTrue(other.await(5, TimeUnit.SECONDS), "others are not asked");
    }
}
