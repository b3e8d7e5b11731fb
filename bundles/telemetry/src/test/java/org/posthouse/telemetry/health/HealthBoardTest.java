// SPDX-License-Identifier: Apache-2.0
package org.posthouse.telemetry.health;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.posthouse.api.operator.HealthCheck;
import org.posthouse.api.operator.HealthCheck.Finding;
import org.posthouse.api.operator.HealthCheck.Level;
import org.posthouse.telemetry.spi.HealthSource;

class HealthBoardTest {
    private static final Duration PAUSE = Duration.ofMillis(5);

    private final Set<HealthSource> sources = ConcurrentHashMap.newKeySet();
    private HealthBoard board = board(Duration.ofSeconds(5));

    private HealthBoard board(Duration limit) {
        return new HealthBoard(
                source -> {
                    sources.add(source);
                    return () -> sources.remove(source);
                },
                PAUSE,
                limit);
    }

    private record Check(String name, Supplier<Finding> answer) implements HealthCheck {
        @Override
        public Finding check() {
            return answer.get();
        }
    }

    private static HealthCheck says(Level level, String detail) {
        return new Check("filter", () -> new Finding(level, detail));
    }

    private void awaitReady(String json, int status) {
        await(() -> Probe.ready(sources).body().contains(json));
        assertEquals(status, Probe.ready(sources).status());
        assertEquals(200, Probe.health(sources).status());
    }

    private static void await(BooleanSupplier condition) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() < deadline, "in vain");
            LockSupport.parkNanos(1_000_000);
        }
    }

    @AfterEach
    void stop() {
        board.stop();
        assertEquals(Set.of(), sources);
    }

    @Test
    void showsWhatTheCheckSays() {
        board.hang(1, "plugin", says(Level.OK, ""));
        awaitReady("\"filter\":{\"alive\":true,\"ready\":true,\"detail\":\"\"}", 200);
    }

    @Test
    void aWarningIsTextAlone() {
        board.hang(1, "plugin", says(Level.WARN, "list is a week old"));
        awaitReady("\"filter\":{\"alive\":true,\"ready\":true,\"detail\":\"list is a week old\"}", 200);
    }

    @Test
    void aCriticalFindingTurnsReadyRedButNotHealth() {
        board.hang(1, "plugin", says(Level.CRITICAL, "no database"));
        awaitReady("\"filter\":{\"alive\":true,\"ready\":false,\"detail\":\"no database\"}", 503);
    }

    @Test
    void aCheckThatThrowsIsAWarningAndIsAskedAgain() {
        AtomicInteger asked = new AtomicInteger();
        board.hang(1, "plugin", new Check("filter", () -> {
            if (asked.incrementAndGet() < 20) {
                throw new NoClassDefFoundError("gone");
            }
            return Finding.OK;
        }));
        awaitReady("\"detail\":\"the check failed: java.lang.NoClassDefFoundError: gone\"", 200);
        awaitReady("\"filter\":{\"alive\":true,\"ready\":true,\"detail\":\"\"}", 200);
    }

    @Test
    void aCheckThatAnswersNothingIsAWarning() {
        board.hang(1, "plugin", new Check("filter", () -> null));
        awaitReady("\"detail\":\"the check answered nothing\"", 200);
    }

    @Test
    void aCheckThatHangsIsAWarningAndIsInterruptedWhenItGoes() throws InterruptedException {
        board = board(Duration.ofMillis(1));
        CountDownLatch interrupted = new CountDownLatch(1);
        board.hang(1, "plugin", new Check("filter", () -> {
            try {
                new CountDownLatch(1).await();
            } catch (InterruptedException e) {
                interrupted.countDown();
            }
            return Finding.OK;
        }));
        awaitReady("\"filter\":{\"alive\":true,\"ready\":true,\"detail\":\"the check has not answered for 0 s\"}", 200);
        board.takeDown(1);
        assertEquals(Set.of(), sources);
        assertTrue(interrupted.await(10, TimeUnit.SECONDS));
    }

    @Test
    void aCheckThatDoesNotSayItsNameStandsUnderThatOfItsPlugin() {
        board = board(Duration.ofMillis(1));
        board.hang(1, "plugin", new HealthCheck() {
            @Override
            public String name() {
                throw new IllegalStateException("no name");
            }

            @Override
            public Finding check() {
                return Finding.OK;
            }
        });
        awaitReady("\"plugin\":{\"alive\":true,\"ready\":true,\"detail\":\"the check failed:", 200);
    }

    @Test
    void theNewerGenerationCountsWhicheverCameFirst() {
        board.hang(7, "plugin", says(Level.OK, "new"));
        board.hang(3, "plugin", says(Level.CRITICAL, "old"));
        awaitReady("\"detail\":\"new\"", 200);
        await(() -> sources.size() == 1);
        board.takeDown(7);
        awaitReady("\"detail\":\"old\"", 503);
        board.hang(9, "plugin", says(Level.OK, "newest"));
        awaitReady("\"detail\":\"newest\"", 200);
    }

    @Test
    void keepsNothingOfACheckThatWent() {
        WeakReference<HealthCheck> gone = hangAndTakeDown();
        await(() -> {
            System.gc();
            return gone.refersTo(null);
        });
    }

    private WeakReference<HealthCheck> hangAndTakeDown() {
        AtomicInteger asked = new AtomicInteger();
        HealthCheck check = new Check("filter", () -> {
            asked.incrementAndGet();
            return Finding.OK;
        });
        board.hang(1, "plugin", check);
        await(() -> asked.get() > 0);
        board.takeDown(1);
        return new WeakReference<>(check);
    }
}
