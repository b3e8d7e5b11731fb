// SPDX-License-Identifier: Apache-2.0
package org.posthouse.itests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.posthouse.testkit.server.Await;
import org.posthouse.testkit.server.SinkServer;
import org.posthouse.testkit.server.SmtpClient;

/** Three servers that keep mail together: what one of them has accepted arrives once, whatever becomes of it. */
class ClusterMailIT {
    private static final Duration SOON = ThreeServers.SOON;

    @TempDir
    Path folder;

    private ThreeServers servers;
    private SinkServer sink;

    @BeforeEach
    void start() throws IOException {
        sink = new SinkServer();
        servers = new ThreeServers(folder, (name, daemon) -> {
            daemon.routes("routes:\n  all: { domains: [\"*\"], relay: \"smtp://127.0.0.1:" + sink.port() + "\" }\n");
            if (name.equals("a")) {
                // It takes mail and delivers none, so that all it has is there when it dies.
                daemon.queue("queue: { retry: \"1s,2s*5,5s\", expire: 1h, dispatch: false }");
            }
        });
        servers.start();
    }

    @AfterEach
    void stop() throws IOException {
        servers.close();
        sink.close();
    }

    private Daemon a() {
        return servers.get("a");
    }

    private String logs() {
        return "arrived: " + sink.messages() + "\n" + servers.logs();
    }

    /** Accepts letters on the first node, each of which says that it is on two. */
    private void accept(int first, int count) throws IOException {
        try (SmtpClient client = SmtpClient.greeted(a().smtp)) {
            for (int i = first; i < first + count; i++) {
                String reply = client.deliver(
                        "a@src.test",
                        "b@dst.test",
                        "X-Letter: " + i + "\r\nSubject: letter " + i + "\r\n\r\nhello\r\n");
                assertTrue(reply.startsWith("250 2.0.0 ") && reply.contains(" copies=2"), reply);
            }
        }
    }

    private void awaitArrived(int messages, Duration limit) {
        Await.until(this::logs, limit, () -> sink.messages() >= messages);
    }

    private static long millisSince(long nanos) {
        return (System.nanoTime() - nanos) / 1_000_000;
    }

    private void deleteData() throws IOException {
        try (Stream<Path> all = Files.walk(a().data())) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }

    /** What it owns, and what it keeps for others as counted a moment ago. */
    private static int queued(Daemon daemon) throws IOException {
        String list = daemon.cli("queue", "list", "--node", "self", "--json")
                .mustSucceed()
                .output();
        return list.split("\"id\"", -1).length
                - 1
                + Http.json(daemon, "/cluster").at("/mail/kept").asInt();
    }

    @Test
    void whatOneNodeHasAcceptedArrivesOnceWhenItDies() throws Exception {
        accept(0, 1);
        a().kill9();
        long killed = System.nanoTime();
        deleteData();
        awaitArrived(1, Duration.ofSeconds(20));
        System.out.printf(
                "copies: delivered by another node %d ms after kill -9, the disk is lost%n", millisSince(killed));

        a().spawn();
        servers.awaitAll();
        accept(1, 200);
        a().kill9();
        killed = System.nanoTime();
        awaitArrived(2, Duration.ofSeconds(20));
        System.out.printf("copies: first of 200 delivered %d ms after kill -9%n", millisSince(killed));
        awaitArrived(201, SOON);
        System.out.printf("copies: last of 200 delivered %d ms after kill -9%n", millisSince(killed));

        a().spawn();
        servers.awaitAll();
        Await.until(this::logs, SOON, () -> {
            int left = 0;
            for (Daemon daemon : servers.all()) {
                left += queued(daemon);
            }
            return left == 0;
        });
        List<String> letters = new ArrayList<>();
        sink.arrivals().forEach(arrival -> letters.add(arrival.header("X-Letter")));
        Set<String> different = new HashSet<>(letters);
        assertEquals(201, different.size(), logs());
        assertEquals(201, letters.size(), "delivered twice\n" + logs());
        String status = a().cli("cluster", "status").mustSucceed().output();
        assertTrue(status.contains("0 owned, 0 of them on fewer than 2 nodes"), status);
    }
}
