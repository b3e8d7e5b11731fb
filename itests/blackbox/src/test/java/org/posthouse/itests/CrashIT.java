// SPDX-License-Identifier: Apache-2.0
package org.posthouse.itests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;
import org.posthouse.testkit.server.Await;
import org.posthouse.testkit.server.SinkServer;

/** {@code kill -9} in the middle of a run, again and again: what got 250 arrives. */
@Isolated("its load is as much as the server takes")
class CrashIT {
    @TempDir
    Path folder;

    @Test
    void nothingAcknowledgedIsLost() throws Exception {
        int rounds = Scale.of(3, 10);
        Random random = new Random(20261121);
        Daemon daemon = Daemon.in(folder);
        try (SinkServer sink = new SinkServer(daemon.next)) {
            daemon.start();
            Load load = new Load(daemon.smtp, "crash", 20, true);
            for (int round = 0; round < rounds; round++) {
                long before = load.done();
                Await.until("traffic in round " + round, Duration.ofSeconds(60), () -> load.done() > before + 300);
                LockSupport.parkNanos(random.nextLong(400_000_000L));
                daemon.kill9();
                daemon.launch();
            }
            load.stop();
            Await.until(
                    () -> load.acknowledged.size() + " acknowledged, " + sink.messages() + " arrived",
                    Duration.ofSeconds(120),
                    () -> ids(sink).containsAll(load.acknowledged));
            Await.until(
                    "an empty queue",
                    Duration.ofSeconds(60),
                    () -> !daemon.cli("queue", "list", "--json").output().contains("\"id\""));
            List<SinkServer.Arrival> arrivals = sink.arrivals();
            Set<String> ids = ids(sink);
            int doubled = arrivals.size() - ids.size();
            long marked = daemon.events()
                    .lines()
                    .filter(l -> l.contains("inTransitAtCrash"))
                    .count();
            System.out.printf(
                    "crash: %d kills, %d acknowledged, 0 lost, %d doubled, %d marked as in transit%n",
                    rounds, load.acknowledged.size(), doubled, marked);
            assertTrue(doubled <= marked, doubled + " doubled, only " + marked + " were marked as in transit");
            ids.removeAll(load.acknowledged);
            ids.removeAll(load.unknown);
            assertEquals(Set.of(), ids, "arrived although never sent to the end");
        } finally {
            daemon.close();
        }
    }

    private static Set<String> ids(SinkServer sink) {
        Set<String> ids = new HashSet<>();
        sink.arrivals().forEach(a -> ids.add(a.header("X-Letter")));
        return ids;
    }
}
