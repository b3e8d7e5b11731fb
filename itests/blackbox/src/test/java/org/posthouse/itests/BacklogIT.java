// SPDX-License-Identifier: Apache-2.0
package org.posthouse.itests;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;
import org.posthouse.testkit.server.SinkServer;

/** A queue full of deferred mail costs no heap, little memory, and does not slow intake down. */
@Isolated("rates of acceptance are compared")
class BacklogIT {
    @TempDir
    Path folder;

    @Test
    void deferredMailCostsNoHeapAndLittleTime() throws Exception {
        int messages = Scale.of(20_000, 1_000_000);
        Daemon daemon = daemon("full");
        Daemon other = daemon("empty");
        try (SinkServer sink = new SinkServer(daemon.next, false);
                SinkServer otherSink = new SinkServer(other.next, false)) {
            sink.defer(true);
            otherSink.defer(true);
            daemon.start();
            for (int sent = 0; sent < messages; sent += 50_000) {
                fill(daemon, Math.min(50_000, messages - sent));
            }
            long before = daemon.pss();
            other.start();
            double ratio = fullBesideEmpty(daemon, other);
            other.close();
            daemon.stop();
            long start = System.nanoTime();
            daemon.launch();
            double restart = (System.nanoTime() - start) / 1e9;
            System.out.printf(
                    "backlog: %d messages, PSS %d MB, restart %.1f s, PSS then %d MB, accepts %.2f of an empty queue%n%s%n",
                    messages,
                    before / 1_000_000,
                    restart,
                    daemon.pss() / 1_000_000,
                    ratio,
                    daemon.cli("queue", "counts").mustSucceed().output());
            assertTrue(before < 600_000_000, "PSS " + before);
            assertTrue(!Scale.FULL || restart < 10, "restart took " + restart + " s");
            assertTrue(
                    !Scale.FULL || ratio >= 0.75, "accept rate with a full queue, of that with an empty one: " + ratio);
        } finally {
            other.close();
            daemon.close();
        }
    }

    private Daemon daemon(String name) {
        return Daemon.in(folder.resolve(name))
                .optimized()
                .environment("POSTHOUSE_HEAP", "256m")
                .queue("queue: { retry: \"6h\", expire: 5d }");
    }

    /** The median of the ratios of alternating pairs, so that what else the machine does hits both. */
    private static double fullBesideEmpty(Daemon full, Daemon empty) {
        int size = Scale.of(2000, 10_000);
        fill(empty, size);
        List<Double> ratios = new ArrayList<>();
        for (int pair = 0; pair < Scale.of(1, 5); pair++) {
            double alone = fill(empty, size);
            ratios.add(fill(full, size) / alone);
        }
        ratios.sort(null);
        return ratios.get(ratios.size() / 2);
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
