// SPDX-License-Identifier: Apache-2.0
package org.posthouse.state;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.posthouse.pipeline.spi.HookScope;

final class PluginJobsTest {
    private static final Duration OFTEN = Duration.ofMillis(1);

    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final StateHouse house = new StateHouse(meters, new Clock(), 1_000_000, 100, 1_000);
    private final PluginJobs jobs = new PluginJobs(house, "cleaner");

    @AfterEach
    void close() throws InterruptedException {
        jobs.close();
        house.close();
    }

    @Test
    void runsAgainAndAgainOnAVirtualThreadThatTellsWhose() throws Exception {
        AtomicInteger runs = new AtomicInteger();
        AtomicReference<Thread> thread = new AtomicReference<>();
        AutoCloseable job = jobs.every("sweep", OFTEN, () -> {
            thread.set(Thread.currentThread());
            runs.incrementAndGet();
        });
        Waiting.until(() -> runs.get() > 3);
        assertTrue(thread.get().isVirtual());
        assertEquals("job/cleaner/sweep", thread.get().getName());
        job.close();
        thread.get().join();
        int after = runs.get();
        assertEquals(
                after,
                meters.get("posthouse.jobs").tag("result", "done").timer().count());
    }

    @Test
    void aFailureIsCountedAndTheJobGoesOn() {
        AtomicInteger runs = new AtomicInteger();
        jobs.every("sweep", OFTEN, () -> {
            if (runs.incrementAndGet() < 3) {
                Thread.currentThread().interrupt();
                throw new NoClassDefFoundError("a test");
            }
        });
        Waiting.until(() -> runs.get() > 3);
        assertEquals(
                2, meters.get("posthouse.jobs").tag("result", "failed").timer().count());
    }

    @Test
    void theLastHolderRunsAndNeverBesideAnEarlierRun() throws Exception {
        PluginJobs next = new PluginJobs(house, "cleaner");
        CountDownLatch began = new CountDownLatch(1);
        CountDownLatch release = new CountDownLatch(1);
        AtomicInteger old = new AtomicInteger();
        AtomicInteger fresh = new AtomicInteger();
        jobs.every("sweep", OFTEN, () -> {
            old.incrementAndGet();
            began.countDown();
            await(release);
        });
        began.await();
        AutoCloseable second = next.every("sweep", OFTEN, fresh::incrementAndGet);
        AtomicInteger other = new AtomicInteger();
        next.every("another", OFTEN, other::incrementAndGet);
        Waiting.until(() -> other.get() > 20);
        assertEquals(0, fresh.get());
        release.countDown();
        Waiting.until(() -> fresh.get() > 3);
        assertEquals(1, old.get());
        second.close();
        Waiting.until(() -> old.get() > 1);
        next.close();
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void endsWithItsBundle() {
        CountDownLatch began = new CountDownLatch(1);
        CountDownLatch ended = new CountDownLatch(1);
        jobs.every("sweep", OFTEN, () -> {
            began.countDown();
            await(new CountDownLatch(1));
            ended.countDown();
        });
        await(began);
        jobs.close();
        await(ended);
        Waiting.until(() -> house.jobs().names().isEmpty());
    }

    @Test
    void keepsNothingOfTheWorkWhenItEnded() throws Exception {
        AtomicInteger runs = new AtomicInteger();
        WeakReference<Runnable> work = begun(runs);
        Waiting.until(() -> runs.get() > 1);
        jobs.close();
        Waiting.until(() -> {
            System.gc();
            return work.get() == null;
        });
    }

    private WeakReference<Runnable> begun(AtomicInteger runs) {
        Runnable work = runs::incrementAndGet;
        jobs.every("sweep", OFTEN, work);
        return new WeakReference<>(work);
    }

    @Test
    void inShadowNothingIsScheduled() {
        AtomicInteger runs = new AtomicInteger();
        Scoped.run("cleaner", HookScope.Mode.SHADOW, null, () -> {
            AutoCloseable job = jobs.every("sweep", OFTEN, runs::incrementAndGet);
            assertEquals(List.of(), house.jobs().names());
            job.close();
        });
        assertEquals(
                1.0,
                meters.get("posthouse.state.withheld")
                        .tag("service", "jobs")
                        .counter()
                        .count());
        assertEquals(0, runs.get());
    }

    @Test
    void aPluginAllOfWhoseHooksAreInShadowRunsNoJobUntilTheyLeaveIt() {
        AtomicInteger runs = new AtomicInteger();
        HookScope.shadow(Set.of("cleaner"));
        try {
            jobs.every("sweep", OFTEN, runs::incrementAndGet);
            Waiting.until(() -> meters.find("posthouse.state.withheld").counter() != null);
            assertEquals(0, runs.get());
        } finally {
            HookScope.shadow(Set.of());
        }
        Waiting.until(() -> runs.get() > 0);
    }

    @Test
    void refusesAPeriodThatIsNone() {
        assertThrows(IllegalArgumentException.class, () -> jobs.every("sweep", Duration.ZERO, () -> {}));
    }
}
