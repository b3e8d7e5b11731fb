// SPDX-License-Identifier: Apache-2.0
package org.posthouse.itests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;
import org.posthouse.testkit.server.Await;
import org.posthouse.testkit.server.SinkServer;

/** A policy plugin is replaced again and again at full load: no session drops, and every message was judged by one version. */
@Isolated("what is measured shall be the server, not its neighbours")
class StormIT {
    private static final Duration SOON = Duration.ofSeconds(30);
    private static final Pattern JUDGE = Pattern.compile(
            "\"name\":\"judge\",\"version\":\"([^\"]*)\",\"state\":\"active\",\"generation\":\"([^\"]*)\"");

    @TempDir
    Path folder;

    @Test
    void everyMessageIsJudgedByOneVersionWhileManyFollowEachOther() throws Exception {
        int swaps = Scale.of(10, 100);
        long millis = Scale.of(6_000, 60_000);
        Daemon daemon = judged();
        Storm storm = new Storm();
        try (SinkServer sink = new SinkServer(daemon.next, storm::check)) {
            storm.begin(daemon.smtp, Scale.of(50, 500));
            String others = SwapIT.bundles(daemon, "judge");
            pause(millis / 3);
            storm.p99();
            pause(millis / 3);
            Duration quiet = storm.p99();
            long start = System.nanoTime();
            for (int swap = 1; swap <= swaps; swap++) {
                String version = "1.0." + swap;
                Jars.drop(Jars.judge(), daemon, version);
                Await.until(
                        () -> version + "\n" + daemon.log(),
                        SOON,
                        () -> version(daemon).equals(version));
                pause(millis * swap / swaps - (System.nanoTime() - start) / 1_000_000);
            }
            Duration swapping = storm.p99();
            assertEquals(others, SwapIT.bundles(daemon, "judge"), "bundles restarted");
            storm.close();
            Await.until(
                    () -> sink.messages() + " of " + storm.accepted,
                    Duration.ofSeconds(300),
                    () -> sink.messages() >= storm.accepted.get());
            assertEquals(List.of(), List.copyOf(storm.wrong));
            assertEquals(0, storm.dropped.get(), "dropped sessions");
            System.out.printf(
                    "storm: %d swaps, %d messages, %d refused, 0 dropped, 0 wrong,"
                            + " RCPT p99 %.1f ms quiet, %.1f ms while swapping (%.2f)%n",
                    swaps,
                    storm.accepted.get(),
                    storm.refused.get(),
                    quiet.toNanos() / 1e6,
                    swapping.toNanos() / 1e6,
                    (double) swapping.toNanos() / quiet.toNanos());
            assertTrue(!Scale.FULL || swapping.compareTo(quiet.multipliedBy(2)) <= 0, quiet + " and " + swapping);
        } finally {
            storm.close();
            daemon.close();
        }
    }

    @Test
    void theHeapIsFlatAfterManySwaps() throws Exception {
        int swaps = Scale.of(30, 1000);
        Daemon daemon = judged();
        try {
            swap(daemon, 0, swaps / 10);
            long before = Heap.of(daemon).octets();
            swap(daemon, swaps / 10, swaps);
            Await.until(
                    () -> "one generation alone\n" + daemon.log(),
                    SOON,
                    () -> Heap.of(daemon).instances("org.posthouse.itests.judge.Judge") == 1);
            long after = Heap.of(daemon).octets();
            System.out.printf("swaps: %d, heap %d kB before, %d kB after%n", swaps, before / 1024, after / 1024);
            assertTrue(after < before + (4 << 20), "the heap grew from " + before + " to " + after);
        } finally {
            daemon.close();
        }
    }

    /** Nine new configurations, then a new jar, and so on. */
    private static void swap(Daemon daemon, int from, int to) throws IOException {
        for (int swap = from; swap < to; swap++) {
            String before = generation(daemon);
            if (swap % 10 == 9) {
                Jars.drop(Jars.judge(), daemon, "1.1." + swap);
            } else {
                daemon.plugin("judge", "word: w" + swap + "\n");
            }
            Await.until(
                    () -> "another generation than " + before + "\n" + daemon.log(),
                    SOON,
                    () -> !generation(daemon).isEmpty() && !generation(daemon).equals(before));
        }
    }

    private static String version(Daemon daemon) throws IOException {
        return judge(daemon, 1);
    }

    private static String generation(Daemon daemon) throws IOException {
        return judge(daemon, 2);
    }

    private static String judge(Daemon daemon, int group) throws IOException {
        Matcher found = JUDGE.matcher(Http.api(daemon, "GET", "/plugins").body());
        return found.find() ? found.group(group) : "";
    }

    private Daemon judged() throws IOException {
        Daemon daemon = Daemon.in(folder).optimized().plugin("judge", "word: \"\"\n");
        Files.createDirectories(daemon.data().resolve("plugins"));
        Jars.drop(Jars.shipped("relay-domains"), daemon);
        Jars.drop(Jars.judge(), daemon, "1.0.0");
        daemon.start();
        Await.until(
                () -> "the judge\n" + daemon.log(), SOON, () -> version(daemon).equals("1.0.0"));
        return daemon;
    }

    private static void pause(long millis) {
        long end = System.nanoTime() + millis * 1_000_000;
        while (System.nanoTime() < end) {
            LockSupport.parkNanos(end - System.nanoTime());
        }
    }
}
