// SPDX-License-Identifier: Apache-2.0
package org.posthouse.itests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.posthouse.testkit.server.Await;
import org.posthouse.testkit.server.SinkServer;
import org.posthouse.testkit.server.SmtpClient;

/** What two plugins in shadow mode are said to have changed is, message by message, what they do in enforce mode. */
class ShadowIT {
    private static final Duration SOON = Duration.ofSeconds(120);
    private static final int MESSAGES = Scale.of(200, 10_000);
    private static final String MODES = "hooks:\n  rules: { mode: %1$s }\n  judge: { mode: %1$s }\n";

    @TempDir
    Path folder;

    /** What became of each letter, by its number: a refusal, or what the next hop got, or that it was kept. */
    private final Map<Integer, String> fates = new ConcurrentHashMap<>();

    @Test
    void theReportEqualsWhatEnforceModeThenDoes() throws Exception {
        Daemon daemon = daemon();
        try (SinkServer sink =
                new SinkServer(daemon.next, arrival -> fates.put(number(arrival), "stamp " + stamp(arrival)))) {
            Map<String, Integer> ids = new HashMap<>();
            for (int n = 0; n < MESSAGES; n++) {
                fates.put(n, "lost");
            }
            send(daemon, ids);
            Await.until(() -> sink.messages() + " of " + MESSAGES, SOON, () -> sink.messages() == MESSAGES);
            for (int n = 0; n < MESSAGES; n++) {
                assertEquals("stamp ", fates.get(n), "nothing is changed of letter " + n);
            }
            Map<Integer, String> said = said(daemon, ids);
            checkReport(daemon, said);

            daemon.extra(MODES.formatted("enforce")).configure();
            Await.until(() -> "enforce\n" + daemon.log(), SOON, () -> enforced(daemon));
            ids.clear();
            send(daemon, ids);
            long arrive = said.values().stream()
                    .filter(fate -> fate.startsWith("stamp "))
                    .count();
            Await.until(
                    () -> sink.messages() + " of " + (MESSAGES + arrive),
                    SOON,
                    () -> sink.messages() == MESSAGES + arrive);
            assertEquals(new TreeMap<>(said), new TreeMap<>(fates));
            long held = said.values().stream().filter("hold"::equals).count();
            JsonNode counts =
                    daemon.cli("queue", "counts", "--json").mustSucceed().json();
            assertEquals(held, counts.path("recipients").path("held").asLong(), counts::toString);
            Map<String, Long> kinds = new TreeMap<>();
            said.values().forEach(fate -> kinds.merge(fate, 1L, Long::sum));
            System.out.println("shadow: " + MESSAGES + " messages, all as reported: " + kinds);
        } finally {
            daemon.close();
        }
    }

    private Daemon daemon() throws IOException {
        Daemon daemon = Daemon.in(folder)
                .extra(MODES.formatted("shadow"))
                .plugin("judge", "word: \"\"\n")
                .plugin("rules", """
                        rules:
                          - 'mail: from = *3@src.test -> defer 451 4.7.1 "Later"'
                          - 'rcpt: to = nobody@local.test -> reject 550 5.1.1 "Nobody"'
                          - 'data: header X-Letter ~ "5$" -> reject 554 5.7.0 "Not this"'
                          - 'data: header X-Letter ~ "6$" -> hold'
                          - 'data: header X-Letter ~ "8$" -> discard'
                        """);
        Files.createDirectories(daemon.data().resolve("plugins"));
        Jars.drop(Jars.shipped("relay-domains"), daemon);
        Jars.drop(Jars.shipped("rules"), daemon);
        Jars.drop(Jars.judge(), daemon, "1.0.1");
        return daemon.start();
    }

    /** The judge refuses odd, a rule the senders that end in 3, and so on; the last letter goes to all by itself. */
    private void send(Daemon daemon, Map<String, Integer> ids) throws IOException {
        try (SmtpClient client = SmtpClient.greeted(daemon.mx)) {
            for (int n = 0; n < MESSAGES; n++) {
                String reply = letter(client, n);
                if (reply.startsWith("250")) {
                    ids.put(reply.replaceAll(".*queued as (\\w+).*", "$1"), n);
                    fates.putIfAbsent(n, kept(n));
                } else {
                    fates.put(n, reply);
                }
            }
        }
    }

    private String letter(SmtpClient client, int n) throws IOException {
        String sender = n % 10 == 1 ? "odd" : "a" + n;
        String reply = client.say("MAIL FROM:<" + sender + "@src.test>").reply();
        if (!reply.startsWith("250")) {
            return reply;
        }
        reply = client.say("RCPT TO:<" + (n % 10 == 4 ? "nobody" : "user") + "@local.test>")
                .reply();
        if (!reply.startsWith("250")) {
            client.say("RSET").expect("250");
            return reply;
        }
        client.say("DATA").expect("354");
        // What was known of the letter before is over; it may arrive before its reply does.
        fates.remove(n);
        return client.say("From: <a@src.test>\r\nX-Letter: " + n + "\r\n\r\nx\r\n.")
                .reply();
    }

    /** What is accepted and does not arrive. */
    private static String kept(int n) {
        return n % 10 == 6 ? "hold" : "discard";
    }

    private static int number(SinkServer.Arrival arrival) {
        return Integer.parseInt(arrival.header("X-Letter"));
    }

    private static String stamp(SinkServer.Arrival arrival) {
        return arrival.header("X-Judged");
    }

    private static boolean enforced(Daemon daemon) throws IOException {
        for (JsonNode hook : Http.json(daemon, "/pipeline").path("hooks")) {
            if (hook.path("mode").asText().equals("shadow")) {
                return false;
            }
        }
        return true;
    }

    /** What the events say that would have become of each letter: the first refusal, else what it is kept for, else its stamp. */
    private static Map<Integer, String> said(Daemon daemon, Map<String, Integer> ids) {
        Map<Integer, String> said = new HashMap<>();
        Await.until(() -> "the events of all letters", SOON, () -> {
            said.clear();
            for (String line : daemon.events().split("\n")) {
                if (line.startsWith("{\"type\":\"shadow\"") && line.endsWith("}")) {
                    JsonNode event = Tool.json(line);
                    said.merge(ids.get(event.path("id").asText()), fate(event), ShadowIT::stronger);
                }
            }
            return said.size() == MESSAGES;
        });
        return said;
    }

    private static String fate(JsonNode event) {
        String verdict = event.path("verdict").asText();
        return switch (verdict) {
            case "hold", "discard" -> verdict;
            case "continue" -> "stamp " + event.path("edits").asText().replace("add header X-Judged: ", "");
            default -> event.path("reply").asText();
        };
    }

    /** The events of a letter come in the order of its stages, so the first refusal is the one that counts. */
    private static String stronger(String first, String second) {
        boolean refused = Character.isDigit(first.charAt(0));
        return refused || second.startsWith("stamp ") ? first : second;
    }

    private static void checkReport(Daemon daemon, Map<Integer, String> said) {
        JsonNode reports = daemon.cli("shadow", "--json").mustSucceed().json().path("reports");
        Map<String, Long> counted = new HashMap<>();
        for (JsonNode report : reports) {
            assertEquals("shadow", report.path("mode").asText(), report::toString);
            assertEquals(0, report.path("failed").asInt(), report::toString);
            for (JsonNode line : report.path("lines")) {
                assertTrue(
                        List.of("src.test", "")
                                .contains(line.path("senderDomain").asText()),
                        line::toString);
                counted.merge(
                        report.path("hook").asText() + " " + line.path("stage").asText() + " "
                                + line.path("verdict").asText(),
                        line.path("count").asLong(),
                        Long::sum);
            }
        }
        System.out.println("shadow report: " + new TreeMap<>(counted));
        long tenth = MESSAGES / 10;
        assertEquals(tenth, counted.get("judge mail reject"), counted::toString);
        assertEquals(tenth, counted.get("rules mail defer"), counted::toString);
        assertEquals(tenth, counted.get("rules rcpt reject"), counted::toString);
        assertEquals(tenth, counted.get("rules data reject"), counted::toString);
        assertEquals(tenth, counted.get("rules data hold"), counted::toString);
        assertEquals(tenth, counted.get("rules data discard"), counted::toString);
        assertEquals(MESSAGES, said.size());
    }
}
