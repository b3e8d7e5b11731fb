// SPDX-License-Identifier: Apache-2.0
package org.posthouse.itests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.posthouse.testkit.server.Await;
import org.posthouse.testkit.server.Ports;
import org.posthouse.testkit.server.SinkServer;
import org.posthouse.testkit.server.SmtpClient;

/** Three servers under load are started anew by one command: no client hears more than 421, and each letter arrives once. */
class RollingRestartIT {
    private static final Duration SOON = Duration.ofSeconds(180);
    private static final List<String> NAMES = List.of("a", "b", "c");
    /** Letters of one connection. */
    private static final int SERIES = 5;

    @TempDir
    Path folder;

    private final Map<String, Daemon> daemons = new LinkedHashMap<>();
    private SinkServer sink;
    private SinkServer later;
    private volatile boolean sending = true;

    private final Set<String> accepted = ConcurrentHashMap.newKeySet();
    private final AtomicInteger temporary = new AtomicInteger();
    private final AtomicInteger refused = new AtomicInteger();
    private final Queue<String> failures = new ConcurrentLinkedQueue<>();

    @AfterEach
    void stop() throws IOException {
        sending = false;
        daemons.values().forEach(Daemon::close);
        for (SinkServer each : new SinkServer[] {sink, later}) {
            if (each != null) {
                each.close();
            }
        }
    }

    private void configure() throws IOException {
        byte[] octets = new byte[32];
        new SecureRandom().nextBytes(octets);
        Path key = Files.writeString(folder.resolve("key"), Base64.getEncoder().encodeToString(octets));
        Map<String, Integer> ports = new LinkedHashMap<>();
        NAMES.forEach(name -> ports.put(name, Ports.free()));
        sink = new SinkServer();
        later = new SinkServer();
        later.defer(true);
        for (String name : NAMES) {
            Daemon daemon = Daemon.in(folder.resolve(name))
                    .routes("""
                            routes:
                              later: { domains: ["later.test"], relay: "smtp://127.0.0.1:%d" }
                              all: { domains: ["*"], relay: "smtp://127.0.0.1:%d" }
                            """.formatted(later.port(), sink.port()))
                    .extra("""
                            cluster:
                              name: test
                              self: %s
                              members: { a: "127.0.0.1:%d", b: "127.0.0.1:%d", c: "127.0.0.1:%d" }
                              keys: ["%s"]
                            """.formatted(name, ports.get("a"), ports.get("b"), ports.get("c"), key));
            daemons.put(name, daemon);
            daemon.configure();
        }
    }

    private String logs() {
        StringBuilder all = new StringBuilder("accepted: " + accepted.size() + ", arrived: " + sink.messages() + " and "
                + later.messages() + ", failures: " + failures + "\n");
        daemons.forEach(
                (name, d) -> all.append(name).append('\n').append(d.log()).append("\n----\n"));
        return all.toString();
    }

    private void awaitAll() {
        Await.until(this::logs, SOON, () -> {
            for (Daemon daemon : daemons.values()) {
                if (!Http.json(daemon, "/cluster").get("leased").asBoolean() || !Daemon.banner(daemon.smtp)) {
                    return false;
                }
            }
            return true;
        });
    }

    /** One client of one server: sends all the time, and says a letter again that was answered 421. */
    private void send(String name, Daemon daemon) {
        int letter = 0;
        while (sending) {
            boolean connected = false;
            boolean greeted = false;
            try (SmtpClient client = new SmtpClient(daemon.smtp)) {
                connected = true;
                String reply = client.reply();
                greeted = true;
                reply = reply.startsWith("220") ? said(client, "EHLO client.test") : reply;
                for (int i = 0; i < SERIES && reply.startsWith("250") && sending; i++) {
                    String id = name + letter;
                    reply = deliver(client, id, letter % 10 == 0 ? "later.test" : "dst.test");
                    if (reply.startsWith("250")) {
                        accepted.add(id);
                        letter++;
                    }
                }
                if (reply.startsWith("421")) {
                    temporary.incrementAndGet();
                    Thread.sleep(50);
                } else if (!reply.startsWith("250")) {
                    failures.add(name + letter + ": " + reply);
                }
            } catch (IOException e) {
                if (!greeted) {
                    // Refused, or closed in the queue of a port that was about to go.
                    refused.incrementAndGet();
                    pause();
                } else {
                    failures.add(name + letter + (connected ? " connected: " : ": ") + e);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }

    private static void pause() {
        try {
            Thread.sleep(50);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static String said(SmtpClient client, String line) throws IOException {
        return client.say(line).reply();
    }

    private static String deliver(SmtpClient client, String id, String domain) throws IOException {
        String reply = said(client, "MAIL FROM:<a@src.test>");
        reply = reply.startsWith("250") ? said(client, "RCPT TO:<b@" + domain + ">") : reply;
        reply = reply.startsWith("250") ? said(client, "DATA") : reply;
        return reply.startsWith("354")
                ? said(client, "X-Letter: " + id + "\r\nSubject: letter " + id + "\r\n\r\nhello\r\n.")
                : reply;
    }

    private Map<String, Long> pids() {
        Map<String, Long> pids = new TreeMap<>();
        daemons.forEach((name, d) -> pids.put(name, d.pid()));
        return pids;
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

    @Test
    void noTransactionFailsAndEachLetterArrivesOnce() throws Exception {
        configure();
        for (Daemon daemon : daemons.values()) {
            daemon.spawn();
        }
        awaitAll();
        Map<String, Long> before = pids();
        Map<String, Long> lives = lives();
        List<Thread> clients = new ArrayList<>();
        daemons.forEach((name, d) -> {
            for (String number : List.of("x", "y")) {
                clients.add(Thread.ofVirtual().start(() -> send(name + number, d)));
            }
        });
        Await.until(this::logs, SOON, () -> accepted.size() > 100);

        long began = System.nanoTime();
        Tool tool = Tool.run(
                Duration.ofSeconds(300),
                Daemon.HOME.resolve("bin/posthouse").toString(),
                "cluster",
                "restart",
                "--config",
                daemons.get("b").configuration().toString());
        long took = (System.nanoTime() - began) / 1_000_000;
        int more = accepted.size() + 50;
        Await.until(this::logs, SOON, () -> accepted.size() > more);
        sending = false;
        for (Thread client : clients) {
            client.join();
        }
        assertEquals(0, tool.status(), () -> tool.output() + logs());
        System.out.print(tool.output());

        later.defer(false);
        Await.until(this::logs, SOON, () -> new HashSet<>(arrived()).containsAll(accepted));
        List<String> letters = arrived();
        Map<String, Integer> times = new HashMap<>();
        letters.forEach(letter -> times.merge(letter, 1, Integer::sum));
        times.values().removeIf(n -> n == 1);
        System.out.printf(
                "rolling restart of three: %d ms, %d letters accepted, %d of them queued meanwhile, 421 %d times, refused %d"
                        + " connections, %d nodes drained%n",
                took,
                accepted.size(),
                later.messages(),
                temporary.get(),
                refused.get(),
                daemons.values().stream().mapToInt(RollingRestartIT::drains).sum());
        assertEquals(List.of(), List.copyOf(failures), this::logs);
        assertEquals(Map.of(), times, () -> "more than once\n" + logs());
        assertEquals(accepted, new HashSet<>(letters));
        assertEquals(before, pids());
        for (Daemon daemon : daemons.values()) {
            assertTrue(ProcessHandle.of(daemon.pid()).isPresent(), this::logs);
        }
        lives().forEach((name, life) -> assertTrue(life > lives.get(name), name + " began no new life"));
        assertTrue(temporary.get() > 0, "nobody was told to come back");
    }

    private Map<String, Long> lives() throws IOException {
        Map<String, Long> lives = new TreeMap<>();
        for (Map.Entry<String, Daemon> each : daemons.entrySet()) {
            lives.put(
                    each.getKey(),
                    Http.json(each.getValue(), "/cluster/restart")
                            .get("node")
                            .get("life")
                            .asLong());
        }
        return lives;
    }
}
