// SPDX-License-Identifier: Apache-2.0
package org.posthouse.state;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.posthouse.api.service.Limiter;
import org.posthouse.pipeline.spi.HookScope;
import org.posthouse.spool.spi.Vault;

final class PluginLimiterTest {
    private static final Limiter.Rate TWO_AN_HOUR = new Limiter.Rate(2, Duration.ofHours(1), 2);
    private static final Limiter.Grant YES = new Limiter.Grant(true, Duration.ZERO);

    private final AtomicLong wall = new AtomicLong(1_800_000_000_000L);
    private final AtomicLong ticks = new AtomicLong();
    private final MapVault vault = new MapVault();
    private StateHouse house = house();
    private Limiter limiter = new PluginLimiter(house, "rate-limiter");

    private StateHouse house() {
        return new StateHouse(new SimpleMeterRegistry(), new Clock(wall::get, ticks::get), 1_000_000, 10, 1_000);
    }

    @BeforeEach
    void open() {
        house.addVault(vault);
    }

    @AfterEach
    void close() throws InterruptedException {
        house.close();
    }

    private void pass(Duration time) {
        wall.addAndGet(time.toMillis());
        ticks.addAndGet(time.toNanos());
    }

    private void restart() throws InterruptedException {
        house.close();
        house = house();
        house.addVault(vault);
        limiter = new PluginLimiter(house, "rate-limiter");
    }

    private int drain(String key) {
        int granted = 0;
        while (limiter.take(key, TWO_AN_HOUR, 1).granted()) {
            granted++;
        }
        return granted;
    }

    @Test
    void grantsTheBurstAndThenTheRate() {
        assertEquals(YES, limiter.take("k", TWO_AN_HOUR, 1));
        assertEquals(YES, limiter.take("k", TWO_AN_HOUR, 1));
        assertEquals(new Limiter.Grant(false, Duration.ofMinutes(30)), limiter.take("k", TWO_AN_HOUR, 1));
        pass(Duration.ofMinutes(30));
        assertEquals(1, drain("k"));
        assertEquals(2, drain("another"));
    }

    @Test
    void holdsOverARestart() throws InterruptedException {
        drain("k");
        restart();
        assertEquals(0, drain("k"));
        pass(Duration.ofMinutes(30));
        assertEquals(1, drain("k"));
    }

    @Test
    void settingTheClockNeitherOpensNorClosesALimit() throws InterruptedException {
        drain("k");
        wall.addAndGet(Duration.ofDays(1).toMillis());
        assertEquals(0, drain("k"));
        wall.addAndGet(-Duration.ofDays(2).toMillis());
        assertEquals(0, drain("k"));
        pass(Duration.ofMinutes(30));
        assertEquals(1, drain("k"));
        // A restart takes the clock as it is; set back, the limit counts as empty, not as closed for a day.
        restart();
        assertEquals(new Limiter.Grant(false, Duration.ofMinutes(30)), limiter.take("k", TWO_AN_HOUR, 1));
    }

    @Test
    void aFullLimitIsForgotten() throws Exception {
        limiter.take("k", TWO_AN_HOUR, 1);
        house.cells().flush(true);
        Vault.Item item = vault.items.get("l:rate-limiter:limits/k");
        assertEquals(
                wall.get() + Duration.ofMinutes(30).toMillis() + 1,
                item.expires().toEpochMilli());
    }

    @Test
    void manyThreadsTogetherGetNoMore() throws InterruptedException {
        AtomicLong granted = new AtomicLong();
        List<Thread> threads = new ArrayList<>();
        Limiter.Rate rate = new Limiter.Rate(1, Duration.ofHours(1), 1_000);
        for (int i = 0; i < 8; i++) {
            threads.add(Thread.startVirtualThread(() -> {
                for (int n = 0; n < 1_000; n++) {
                    granted.addAndGet(limiter.take("k", rate, 1).granted() ? 1 : 0);
                }
            }));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertEquals(1_000, granted.get());
    }

    @Test
    void keysBeyondTheBoundShareLimits() {
        vault.count = new Vault.Count(1_000, 1);
        int granted = 0;
        for (int i = 0; i < 400_000; i++) {
            granted += limiter.take("made up " + i, TWO_AN_HOUR, 1).granted() ? 1 : 0;
        }
        assertTrue(granted <= 2 * 65_536, "granted " + granted);
        vault.count = new Vault.Count(0, 2);
        pass(Duration.ofHours(1));
        assertEquals(2, drain("an honest one"));
    }

    @Test
    void leavingTheCrowdGivesNoSecondBurst() {
        vault.count = new Vault.Count(1_000, 1);
        assertEquals(2, drain("one of many"));
        vault.count = new Vault.Count(0, 2);
        assertEquals(0, drain("one of many"));
        pass(Duration.ofMinutes(30));
        assertEquals(1, drain("one of many"));
        pass(Duration.ofHours(1));
        assertEquals(2, drain("one of many"));
    }

    @Test
    void knownKeysKeepTheirLimitsInACrowd() {
        limiter.take("known", TWO_AN_HOUR, 1);
        vault.count = new Vault.Count(1_000, 1);
        assertEquals(1, drain("known"));
    }

    @Test
    void shadowAndReplayTakeNothingAway() {
        Scoped.run("rate-limiter", HookScope.Mode.SHADOW, null, () -> {
            assertEquals(2, drain("k"));
        });
        HookScope.Answers answers = (service, question) -> wall;
        Scoped.run("rate-limiter", HookScope.Mode.REPLAY, answers, () -> {
            assertEquals(2, drain("k"));
        });
        assertEquals(2, drain("k"));
    }

    @Test
    void aSickSpoolIsNoGrant() {
        vault.sick = true;
        assertThrows(UncheckedIOException.class, () -> limiter.take("k", TWO_AN_HOUR, 1));
        vault.sick = false;
        assertFalse(limiter.take("k", TWO_AN_HOUR, 3).granted());
        assertEquals(2, drain("k"));
    }
}
