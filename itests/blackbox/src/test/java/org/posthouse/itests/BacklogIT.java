// SPDX-License-Identifier: Apache-2.0
package org.posthouse.itests;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A queue full of deferred mail costs no heap, little memory, and does not slow intake down. */
class BacklogIT {
    @TempDir
    Path folder;

    @Test
    void deferredMailCostsNoHeapAndLittleTime() throws Exception {
        int messages = Scale.of(20_000, 1_000_000);
        Daemon daemon =
                Daemon.in(folder).environment("POSTHOUSE_HEAP", "256m").queue("queue: { retry: \"6h\", expire: 5d }");
        try (Sink sink = new Sink(daemon.next, false)) {
            sink.defers.set(true);
            daemon.start();
            fill(daemon, 5000);
            double empty = fill(daemon, 10_000);
            for (int sent = 15_000; sent < messages; sent += 50_000) {
                fill(daemon, Math.min(50_000, messages - sent));
            }
            double full = fill(daemon, 10_000);
            long before = daemon.pss();
            daemon.stop();
            long start = System.nanoTime();
            daemon.launch();
            double restart = (System.nanoTime() - start) / 1e9;
            double again = fill(daemon, 10_000);
            String counts = daemon.cli("queue", "counts").mustSucceed().output();
            System.out.printf(
                    "backlog: %d messages, PSS %d MB, restart %.1f s, PSS then %d MB, accept %.0f/s empty, %.0f/s full (%.2f), %.0f/s after the restart%n%s%n",
                    messages,
                    before / 1_000_000,
                    restart,
                    daemon.pss() / 1_000_000,
                    empty,
                    full,
                    full / empty,
                    again,
                    counts);
            assertTrue(before < 600_000_000, "PSS " + before);
            assertTrue(restart < 10, "restart took " + restart + " s");
        } finally {
            daemon.close();
        }
    }

    private static double fill(Daemon daemon, int messages) {
        long start = System.nanoTime();
        Tool.run(
                        Duration.ofMinutes(20),
                        "smtp-source",
                        "-d",
                        "-s",
                        "20",
                        "-m",
                        "" + messages,
                        "-l",
                        "1024",
                        "-f",
                        "a@src.test",
                        "-t",
                        "b@dst.test",
                        "127.0.0.1:" + daemon.smtp)
                .mustSucceed();
        return messages / ((System.nanoTime() - start) / 1e9);
    }
}
