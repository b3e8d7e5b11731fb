// SPDX-License-Identifier: Apache-2.0
package org.posthouse.state;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.LongConsumer;
import org.posthouse.api.service.Limiter;
import org.posthouse.api.service.SharedState;
import org.posthouse.spool.OpenVault;

/** Measures shared state and limits over a real spool; run by hand: {@code Bench <folder>}. */
final class Bench {
    private static final int THREADS = 8;
    private static final int KEYS = 20_000;
    private static final int MANY = 1_000_000;

    private Bench() {}

    public static void main(String[] arguments) throws Exception {
        StateHouse house = new StateHouse(new SimpleMeterRegistry(), new Clock(), 16_000_000, 100, MANY);
        try (OpenVault spool = new OpenVault(Path.of(arguments[0]))) {
            house.addVault(spool.vault());
            PluginState state = new PluginState(house, "bench");
            PluginLimiter limiter = new PluginLimiter(house, "bench");
            SharedState.Table<String> table = state.table("t", String.class);
            SharedState.Counters counters = state.counters("c");
            Limiter.Rate rate = new Limiter.Rate(1_000_000, Duration.ofSeconds(1), 1_000_000);
            for (int round = 0; round < 2; round++) {
                run(
                        "put",
                        2_000_000,
                        n -> table.put("key" + n % KEYS, "a value of thirty octets or so", Duration.ofDays(1)));
                run("get", 4_000_000, n -> table.get("key" + n % KEYS));
                run("add", 4_000_000, n -> counters.add("key" + n % KEYS, 1, Duration.ofDays(1)));
                run("add to one", 4_000_000, n -> counters.add("one", 1, Duration.ofDays(1)));
                run("take", 4_000_000, n -> limiter.take("key" + n % KEYS, rate, 1));
                run("put of a million keys", MANY, n -> table.put("m" + n, "a value", Duration.ofDays(1)));
                run("get of a million keys", 200_000, n -> table.get("m" + n * 7919 % MANY));
                run("take of new keys", 200_000, n -> limiter.take("new" + n + System.nanoTime(), rate, 1));
            }
            house.removeVault(spool.vault());
        }
        house.close();
    }

    private static void run(String what, long times, LongConsumer work) throws InterruptedException {
        Thread[] threads = new Thread[THREADS];
        long start = System.nanoTime();
        for (int i = 0; i < THREADS; i++) {
            long from = times / THREADS * i;
            threads[i] = Thread.ofVirtual().start(() -> {
                for (long n = from; n < from + times / THREADS; n++) {
                    work.accept(n);
                }
            });
        }
        for (Thread thread : threads) {
            thread.join();
        }
        double seconds = (System.nanoTime() - start) / 1e9;
        System.gc();
        long heap = Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
        System.out.printf("%-22s %,12.0f/s   heap %d MB%n", what, times / seconds, heap / 1_000_000);
    }
}
