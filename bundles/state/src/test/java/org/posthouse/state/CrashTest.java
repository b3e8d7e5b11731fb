// SPDX-License-Identifier: Apache-2.0
package org.posthouse.state;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.BufferedReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.posthouse.api.service.Limiter;
import org.posthouse.spool.OpenVault;

/** Kills a process that changes its state all the time and looks what is there at the next start. */
final class CrashTest {
    private static final Duration DAY = Duration.ofDays(1);
    private static final Limiter.Rate RATE = new Limiter.Rate(1, Duration.ofDays(1), 1_000_000);

    @TempDir
    Path folder;

    /** A line that the victim said. */
    private record Said(long number, long at) {}

    /** The process that is killed: counts, and tells how far and when. */
    static final class Victim {
        private Victim() {}

        public static void main(String[] arguments) throws Exception {
            OpenVault spool = new OpenVault(Path.of(arguments[0]));
            StateHouse house = house(spool);
            PluginState state = new PluginState(house, "plugin");
            PluginLimiter limiter = new PluginLimiter(house, "plugin");
            for (long n = 1; ; n++) {
                state.table("t", Long.class).put("last", n, DAY);
                state.counters("c").add("sum", 1, DAY);
                limiter.take("k", RATE, 1);
                System.out.println(n + " " + System.nanoTime());
                Thread.sleep(1);
            }
        }
    }

    private static StateHouse house(OpenVault spool) {
        StateHouse house = new StateHouse(new SimpleMeterRegistry(), new Clock(), 1_000_000, 100, 1_000);
        house.addVault(spool.vault());
        return house;
    }

    @Test
    void losesAtMostTheLastSecond() throws Exception {
        List<Said> said = kill(2_000);
        Said last = said.get(said.size() - 1);
        try (OpenVault spool = new OpenVault(folder)) {
            StateHouse house = house(spool);
            PluginState state = new PluginState(house, "plugin");
            Optional<Long> kept = state.table("t", Long.class).get("last");
            long sum = state.counters("c").get("sum");
            long before = said.stream()
                    .filter(s -> s.at() < last.at() - 1_000_000_000L)
                    .mapToLong(Said::number)
                    .max()
                    .orElse(0);
            assertTrue(before > 100, "too short for a test: " + said.size());
            assertTrue(kept.orElse(0L) >= before, kept + " of " + last + ", a second before " + before);
            assertTrue(sum >= before, sum + " of " + last + ", a second before " + before);
            long left = 0;
            while (new PluginLimiter(house, "plugin").take("k", RATE, 1_000).granted()) {
                left += 1_000;
            }
            assertTrue(left <= 1_000_000 - before, left + " left");
            house.removeVault(spool.vault());
            house.close();
            assertEquals(List.of(), spool.spool().setAside());
        }
    }

    private List<Said> kill(int after) throws Exception {
        Process victim = new ProcessBuilder(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Victim.class.getName(),
                        folder.toString()))
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        List<Said> said = new ArrayList<>();
        try (BufferedReader out = victim.inputReader(StandardCharsets.US_ASCII)) {
            for (String line = out.readLine(); line != null; line = out.readLine()) {
                if (line.matches("\\d+ \\d+")) {
                    String[] parts = line.split(" ", 2);
                    said.add(new Said(Long.parseLong(parts[0]), Long.parseLong(parts[1])));
                }
                if (said.size() == after) {
                    // Not by the Process, which would throw away what is still in the pipe.
                    victim.toHandle().destroyForcibly();
                }
            }
        }
        victim.waitFor();
        return said;
    }
}
