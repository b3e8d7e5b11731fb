// SPDX-License-Identifier: Apache-2.0
package org.posthouse.itests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.posthouse.testkit.server.Await;
import org.posthouse.testkit.server.SinkServer;
import org.posthouse.testkit.server.SmtpClient;

/** What was judged live is judged once more, as the pipeline is and with a candidate, and nothing of it is queued. */
class ReplayIT {
    private static final Duration SOON = Duration.ofSeconds(60);
    private static final String[] SENDERS = {"odd", "even", "someone"};

    @TempDir
    Path folder;

    private Daemon daemon;
    private SinkServer sink;

    @BeforeEach
    void start() throws IOException {
        daemon = Daemon.in(folder)
                .plugin("judge", "word: \"\"\n")
                .plugin(
                        "rules",
                        "rules: ['data: header Subject ~ \"5$\" -> reject', 'data: header Subject ~ \"8$\" -> hold']\n");
        Files.createDirectories(daemon.data().resolve("plugins"));
        for (String plugin : List.of("relay-domains", "default-headers", "rules")) {
            Jars.drop(Jars.shipped(plugin), daemon);
        }
        Jars.drop(Jars.judge(), daemon, "1.0.1");
        daemon.start();
        sink = new SinkServer(daemon.next);
    }

    @AfterEach
    void stop() throws IOException {
        daemon.close();
        sink.close();
    }

    @Test
    void aRecordingIsJudgedAsBeforeAndByACandidateOtherwise() throws Exception {
        int letters = Scale.of(60, 3000);
        daemon.cli("record", "start", "monday", "--bodies").mustSucceed();
        int arrive = send(letters);
        daemon.cli("record", "stop").mustSucceed();
        Await.until(() -> sink.messages() + " of " + arrive, SOON, () -> sink.messages() == arrive);
        Await.until(
                () -> "all are written",
                SOON,
                () -> Files.readAllLines(daemon.data().resolve("recordings/monday.jsonl"))
                                .size()
                        == letters);
        String queue = queue();
        int delivered = sink.messages();

        Tool same = daemon.cli("replay", "monday").mustSucceed();
        assertTrue(same.output().contains(letters + " judged, 0 otherwise than before"), same.output());

        Path candidate = Jars.made(Jars.judge(), folder.resolve("candidate.jar"), Map.of("Bundle-Version", "1.0.2"));
        Tool other = daemon.cli("replay", "monday", "--plugin", "judge", "--jar", candidate.toString(), "--json");
        assertEquals(1, other.status(), other.output());
        JsonNode report = other.json();
        assertEquals(letters, report.path("judged").asInt());
        assertEquals(letters * 2 / 3, report.path("different").asInt());
        Set<String> otherwise = new TreeSet<>();
        for (JsonNode outcome : report.path("outcomes")) {
            String sender = outcome.path("sender").asText();
            boolean differs = sender.startsWith("odd@") || sender.startsWith("even@");
            assertEquals(!differs, outcome.path("same").asBoolean(), outcome::toString);
            if (differs) {
                otherwise.add(sender + " " + outcome.path("before").path("mail").asText() + " -> "
                        + outcome.path("now").path("mail").asText());
            }
        }
        assertEquals(
                Set.of(
                        "even@src.test accept -> 550 5.7.1 refused by 1.0.2",
                        "odd@src.test 550 5.7.1 refused by 1.0.1 -> accept"),
                otherwise);
        assertEquals(queue, queue(), "the queue is as it was");
        assertEquals(delivered, sink.messages(), "nothing was delivered");
        assertEquals("1.0.1", version(), "the version in force stays");
        System.out.println(
                "replay: " + letters + " as before, " + report.path("different") + " otherwise by a candidate");
    }

    @Test
    void aMessageFromAFileIsJudged() throws Exception {
        Path letter = Files.writeString(
                folder.resolve("letter.eml"), "From: <a@src.test>\r\nSubject: number 5\r\n\r\nhello\r\n");
        String queue = queue();
        String[] words = {"replay", letter.toString(), "--sender", "a@src.test", "--recipient", "user@local.test"};
        Tool judged = daemon.cli(words).mustSucceed();
        assertTrue(judged.output().contains("rcpt user@local.test"), judged.output());
        assertTrue(judged.output().contains("550"), judged.output());
        Path lenient = Files.writeString(folder.resolve("lenient.yaml"), "rules: []\n");
        Tool tried = daemon.cli(
                "replay",
                letter.toString(),
                "--sender",
                "a@src.test",
                "--recipient",
                "user@local.test",
                "--plugin",
                "rules",
                "--settings",
                lenient.toString(),
                "--json");
        assertEquals(1, tried.status(), tried.output());
        JsonNode outcome = tried.json().path("outcomes").path(0);
        assertTrue(outcome.path("before").path("message").asText().startsWith("550"), outcome::toString);
        assertEquals("accept", outcome.path("now").path("message").asText(), outcome::toString);
        assertEquals(queue, queue(), "the queue is as it was");
        assertEquals(0, sink.messages());
    }

    /** Sends letters whose senders take turns, and gives back how many of them arrive: those that end in 8 are held. */
    private int send(int letters) throws IOException {
        int arrive = 0;
        try (SmtpClient client = SmtpClient.greeted(daemon.mx)) {
            for (int n = 0; n < letters; n++) {
                String sender = SENDERS[n % SENDERS.length];
                String reply = client.say("MAIL FROM:<" + sender + "@src.test>").reply();
                assertEquals(!sender.equals("odd"), reply.startsWith("250"), reply);
                if (reply.startsWith("250")) {
                    client.say("RCPT TO:<user@local.test>").expect("250");
                    client.say("DATA").expect("354");
                    reply = client.say("From: <a@src.test>\r\nSubject: number " + n + "\r\n\r\nx\r\n.")
                            .reply();
                    arrive += reply.startsWith("250") && n % 10 != 8 ? 1 : 0;
                }
            }
            client.say("QUIT").expect("221");
        }
        return arrive;
    }

    private String queue() {
        return daemon.cli("queue", "counts", "--json").mustSucceed().output()
                + daemon.cli("queue", "list", "--all", "--json").mustSucceed().output();
    }

    private String version() throws IOException {
        for (JsonNode plugin : Http.json(daemon, "/plugins").path("plugins")) {
            if (plugin.path("name").asText().equals("judge")) {
                return plugin.path("version").asText();
            }
        }
        return "none";
    }
}
