// SPDX-License-Identifier: Apache-2.0
package org.posthouse.itests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.posthouse.testkit.server.Await;
import org.posthouse.testkit.server.SinkServer;
import org.posthouse.testkit.server.SmtpClient;

/** Nobody has to guess: what every hook said of a message or session, and what happened to it afterwards. */
class TraceIT {
    private static final Duration SOON = Duration.ofSeconds(60);

    @TempDir
    Path folder;

    private Daemon daemon;
    private SinkServer sink;

    @BeforeEach
    void start() throws IOException {
        daemon = Daemon.in(folder)
                .plugin("judge", "word: \"\"\n")
                .plugin("rules", "rules: ['mail: any -> score HELLO 1.5']\n");
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
    void aTraceNamesEveryHookAndWhatHappenedAfterwards() throws Exception {
        String id = id(send(daemon.smtp, "a@src.test"));
        JsonNode trace = traced(id, "delivery");
        assertEquals(id, trace.path("id").asText());
        assertEquals("a@src.test", trace.path("facts").path("sender").asText(), trace::toString);

        Set<String> wanted = new HashSet<>();
        for (JsonNode hook : Http.json(daemon, "/pipeline").path("hooks")) {
            if (!hook.path("stage").asText().equals("auth")) {
                wanted.add(hook.path("stage").asText() + " " + hook.path("hook").asText() + " "
                        + hook.path("version").asText() + " "
                        + hook.path("generation").asText());
            }
        }
        Set<String> traced = new HashSet<>();
        for (JsonNode step : trace.path("steps")) {
            traced.add(step.path("stage").asText() + " " + step.path("hook").asText() + " "
                    + step.path("version").asText() + " "
                    + step.path("generation").asText());
            assertTrue(step.path("micros").isIntegralNumber(), step::toString);
            assertEquals("enforce", step.path("mode").asText());
            boolean votes = step.path("hook").asText().equals("relay-domains");
            assertEquals(votes ? "accept" : "continue", step.path("verdict").asText(), step::toString);
        }
        assertEquals(wanted, traced);
        assertTrue(
                step(trace, "data", "judge").path("edits").path(0).asText().startsWith("add header X-Judged: 1.0.1 "),
                trace::toString);
        assertTrue(step(trace, "data", "default-headers").path("edits").size() >= 2, trace::toString);
        assertEquals(
                1.5, step(trace, "mail", "rules").path("scores").path("HELLO").asDouble(), trace::toString);
        List<String> events = trace.path("events").findValuesAsText("type");
        assertEquals("reception", events.getFirst(), events::toString);
        assertEquals("delivery", events.getLast(), events::toString);
        assertTrue(daemon.cli("trace", id).mustSucceed().output().contains("judge"));
    }

    @Test
    void aRefusedSessionHasATraceToo() throws Exception {
        try (SmtpClient client = SmtpClient.greeted(daemon.mx)) {
            client.say("MAIL FROM:<odd@src.test>").expect("550 5.7.1");
            client.say("QUIT").expect("221");
        }
        JsonNode listed = daemon.cli("trace", "list", "--json")
                .mustSucceed()
                .json()
                .path("traces")
                .path(0);
        assertEquals("odd@src.test", listed.path("facts").path("sender").asText(), listed::toString);
        JsonNode trace = traced(listed.path("session").asText(), "rejection");
        JsonNode step = step(trace, "mail", "judge");
        assertEquals("reject", step.path("verdict").asText());
        assertTrue(step.path("reply").asText().startsWith("550 5.7.1 refused by 1.0.1"), step::toString);
        JsonNode event = trace.path("events").path(0).path("facts");
        assertEquals("550", event.path("code").asText(), trace::toString);
    }

    @Test
    void whatAWatchStoredOutlivesARestart() throws Exception {
        daemon.cli("trace", "watch", "--sender", "w@src.test").mustSucceed();
        String other = id(send(daemon.smtp, "o@src.test"));
        String id = id(send(daemon.smtp, "w@src.test"));
        traced(id, "delivery");
        Await.until(
                "the trace is stored",
                SOON,
                () -> daemon.cli("trace", "stored").output().contains(id));
        daemon.stop();
        daemon.launch();
        JsonNode trace = daemon.cli("trace", id, "--json").mustSucceed().json();
        assertEquals("continue", step(trace, "data", "judge").path("verdict").asText());
        assertTrue(trace.path("events").findValuesAsText("type").contains("delivery"), trace::toString);
        assertEquals(1, daemon.cli("trace", other).status(), "nobody waited for the other one");
        String watches = daemon.cli("trace", "watches").output();
        assertFalse(watches.contains("w@src.test"), watches);
    }

    @Test
    void aCanaryIsStickyBySessionAndComparedWithTheVersionBefore() throws Exception {
        daemon.extra("hooks: { judge: { share: 50 } }").configure();
        Await.until(daemon::log, SOON, () -> daemon.log().contains("changed: [hooks"));
        Jars.drop(Jars.judge(), daemon, "1.0.3");
        Await.until(() -> "both serve\n" + daemon.log(), SOON, () -> versions().equals(Set.of("1.0.1", "1.0.3")));
        int sessions = Scale.of(24, 400);
        int letters = 3;
        Set<String> judges = new HashSet<>();
        String last = "";
        for (int n = 0; n < sessions; n++) {
            last = session("s" + n, letters);
        }
        Await.until("all letters", SOON, () -> sink.messages() == sessions * letters);
        for (int n = 0; n < sessions; n++) {
            judges.add(judge("s" + n, letters));
        }
        assertEquals(Set.of("1.0.1", "1.0.3"), judges);

        JsonNode trace = traced(last, "delivery");
        String judge = judge("s" + (sessions - 1), letters);
        assertEquals(judge, step(trace, "data", "judge").path("version").asText(), trace::toString);
        long asked = 0;
        List<String> compared = new ArrayList<>();
        for (JsonNode report :
                daemon.cli("shadow", "--json").mustSucceed().json().path("reports")) {
            assertEquals("canary", report.path("mode").asText(), report::toString);
            compared.add(report.path("generation").asText());
            asked += report.path("asked").asLong();
        }
        assertEquals(2, compared.size(), compared::toString);
        assertEquals(3L * sessions * letters, asked, "MAIL, RCPT and DATA of every letter");
    }

    /** The versions of the judge in the order of hooks. */
    private Set<String> versions() throws IOException {
        Set<String> versions = new HashSet<>();
        for (JsonNode hook : Http.json(daemon, "/pipeline").path("hooks")) {
            if (hook.path("hook").asText().equals("judge")) {
                versions.add(hook.path("version").asText());
            }
        }
        return versions;
    }

    /** Sends letters in one session, and gives back the id of the last. */
    private String session(String sender, int letters) throws IOException {
        String reply = "";
        try (SmtpClient client = SmtpClient.greeted(daemon.smtp)) {
            for (int i = 0; i < letters; i++) {
                reply = client.deliver(sender + "@src.test", "user@local.test", "Subject: x\r\n\r\nx\r\n");
            }
            client.say("QUIT").expect("221");
        }
        return id(reply);
    }

    /** The one version that judged all stages of all letters of a session. */
    private String judge(String sender, int letters) {
        List<String> stamps = sink.arrivals().stream()
                .filter(arrival -> arrival.from().contains("<" + sender + "@"))
                .map(arrival -> arrival.header("X-Judged"))
                .toList();
        assertEquals(letters, stamps.size());
        Set<String> versions = new HashSet<>();
        stamps.forEach(stamp -> versions.addAll(List.of(stamp.split(" "))));
        assertEquals(1, versions.size(), stamps::toString);
        return versions.iterator().next();
    }

    private static String send(int port, String sender) throws IOException {
        try (SmtpClient client = SmtpClient.greeted(port)) {
            String reply = client.deliver(sender, "user@local.test", "Subject: x\r\n\r\nx\r\n");
            client.say("QUIT").expect("221");
            return reply;
        }
    }

    private static String id(String reply) {
        assertTrue(reply.startsWith("250"), reply);
        return reply.replaceAll(".*queued as (\\w+).*", "$1");
    }

    /** The trace as the command line tells it, once it has an event of this type. */
    private JsonNode traced(String id, String event) {
        Await.until(
                () -> event + " in the trace of " + id + ": "
                        + daemon.cli("trace", id).output(),
                SOON,
                () -> {
                    JsonNode trace = Http.json(daemon, "/traces/" + id);
                    return trace.path("events").findValuesAsText("type").contains(event);
                });
        return daemon.cli("trace", id, "--json").mustSucceed().json();
    }

    private static JsonNode step(JsonNode trace, String stage, String hook) {
        for (JsonNode step : trace.path("steps")) {
            if (step.path("stage").asText().equals(stage)
                    && step.path("hook").asText().equals(hook)) {
                return step;
            }
        }
        throw new AssertionError("no " + stage + " " + hook + " in " + trace);
    }
}
