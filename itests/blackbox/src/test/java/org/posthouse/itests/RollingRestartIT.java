// SPDX-License-Identifier: Apache-2.0
package org.posthouse.itests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.posthouse.testkit.server.Await;
import org.posthouse.testkit.server.SinkServer;

/** Three servers under load are started anew by one command: no client hears more than 421, and each letter arrives once. */
class RollingRestartIT {
    private static final Duration SOON = Duration.ofSeconds(180);
    private static final Duration RESTARTED = Duration.ofSeconds(300);

    @TempDir
    Path folder;

    private SinkServer sink;
    private SinkServer later;
    private ThreeServers servers;

    @BeforeEach
    void start() throws IOException {
        sink = new SinkServer();
        later = new SinkServer();
        later.defer(true);
        servers = new ThreeServers(folder, (name, daemon) -> daemon.routes("""
                routes:
                  later: { domains: ["later.test"], relay: "smtp://127.0.0.1:%d" }
                  all: { domains: ["*"], relay: "smtp://127.0.0.1:%d" }
                """.formatted(later.port(), sink.port())));
        servers.start();
    }

    @AfterEach
    void stop() throws IOException {
        servers.close();
        sink.close();
        later.close();
    }

    @Test
    void noTransactionFailsAndEachLetterArrivesOnce() throws Exception {
        Map<String, Long> pids = pids();
        Map<String, Long> lives = lives();
        try (ReturningClients clients = new ReturningClients(servers)) {
            Await.until(servers::logs, SOON, () -> clients.accepted.size() > 100);
            long began = System.nanoTime();
            Tool tool = Tool.run(
                    RESTARTED,
                    Daemon.HOME.resolve("bin/posthouse").toString(),
                    "cluster",
                    "restart",
                    "--config",
                    servers.get("b").configuration().toString());
            long took = (System.nanoTime() - began) / 1_000_000;
            int more = clients.accepted.size() + 50;
            Await.until(servers::logs, SOON, () -> clients.accepted.size() > more);
            clients.stop();
            assertEquals(0, tool.status(), () -> tool.output() + servers.logs());
            tell(clients, took, tool);
            assertEquals(List.of(), List.copyOf(clients.failures), servers::logs);
            assertTrue(clients.temporary.get() > 0, "nobody was told to come back");
            eachArrivesOnce(clients);
        }
        assertEquals(pids, pids());
        for (Daemon daemon : servers.all()) {
            assertTrue(ProcessHandle.of(daemon.pid()).isPresent(), servers::logs);
        }
        lives().forEach((name, life) -> assertTrue(life > lives.get(name), name + " began no new life"));
    }

    private void tell(ReturningClients clients, long took, Tool tool) {
        System.out.print(tool.output());
        System.out.printf(
                "rolling restart of three: %d ms, %d letters accepted, 421 %d times, refused %d connections, %d nodes drained%n",
                took,
                clients.accepted.size(),
                clients.temporary.get(),
                clients.refused.get(),
                servers.all().stream().mapToInt(RollingRestartIT::drains).sum());
    }

    /** What was queued during the restart is delivered only now. */
    private void eachArrivesOnce(ReturningClients clients) {
        later.defer(false);
        Await.until(servers::logs, SOON, () -> new HashSet<>(arrived()).containsAll(clients.accepted));
        List<String> letters = arrived();
        Map<String, Integer> doubled = new HashMap<>();
        letters.forEach(letter -> doubled.merge(letter, 1, Integer::sum));
        doubled.values().removeIf(times -> times == 1);
        assertEquals(Map.of(), doubled, () -> "more than once\n" + servers.logs());
        assertEquals(clients.accepted, new HashSet<>(letters));
    }

    private List<String> arrived() {
        List<String> letters = new ArrayList<>();
        sink.arrivals().forEach(arrival -> letters.add(arrival.header("X-Letter")));
        later.arrivals().forEach(arrival -> letters.add(arrival.header("X-Letter")));
        return letters;
    }

    private static int drains(Daemon daemon) {
        return daemon.events().split("\"action\":\"drained\"", -1).length - 1;
    }

    private Map<String, Long> pids() {
        Map<String, Long> pids = new TreeMap<>();
        ThreeServers.NAMES.forEach(name -> pids.put(name, servers.get(name).pid()));
        return pids;
    }

    private Map<String, Long> lives() throws IOException {
        Map<String, Long> lives = new TreeMap<>();
        for (String name : ThreeServers.NAMES) {
            lives.put(
                    name,
                    Http.json(servers.get(name), "/cluster/restart")
                            .get("node")
                            .get("life")
                            .asLong());
        }
        return lives;
    }
}
