// SPDX-License-Identifier: Apache-2.0
package org.posthouse.admin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.posthouse.pipeline.spi.Replays.Recorded;

/** Plugins, traces, shadow reports, replays and the commands of plugins over HTTP. */
final class OperatorApiTest {
    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final byte[] JAR = "jar greylist".getBytes(StandardCharsets.US_ASCII);

    @TempDir
    private Path dataDir;

    private FakeParts parts;
    private ApiServer api;

    @BeforeEach
    void start() throws Exception {
        parts = new FakeParts(dataDir);
        api = new ApiServer(dataDir, parts.services());
    }

    @AfterEach
    void stop() throws Exception {
        api.stop();
    }

    @Test
    void installsAJarThatIsLargerThanAnyOtherBody() throws Exception {
        byte[] large = new byte[3 * 1024 * 1024];
        System.arraycopy("jar ".getBytes(StandardCharsets.US_ASCII), 0, large, 0, 4);
        Arrays.fill(large, 4, large.length, (byte) 'x');
        JsonNode plugin = json(api.file("/api/v1/plugins", large));
        assertEquals("active", plugin.get("state").asText());
        assertEquals(1, parts.plugins.diary().size());
        assertEquals(0, uploads());
    }

    @Test
    void showsAJarWithoutInstallingIt() throws Exception {
        JsonNode profile = json(api.file("/api/v1/plugins?dryRun=true", JAR));
        assertEquals("greylist", profile.get("name").asText());
        assertEquals("CN=Example <Signer>", profile.get("signer").asText());
        assertEquals("PEER", profile.at("/hooks/0/needs/0").asText());
        assertEquals("mail", profile.at("/hooks/0/stage").asText());
        assertEquals(2, profile.at("/uses/network").size());
        assertEquals(List.of(), parts.plugins.diary());
        assertEquals(0, uploads());
    }

    @Test
    void installsExactlyWhatWasLookedAt() throws Exception {
        String id = json(api.file("/api/v1/uploads", JAR)).get("id").asText();
        json(api.call("POST", "/api/v1/plugins?dryRun=true&upload=" + id, ""));
        json(api.call("POST", "/api/v1/plugins?upload=" + id, ""));
        assertEquals(List.of("install greylist"), parts.plugins.diary());
        problem(api.call("POST", "/api/v1/plugins?upload=" + id, ""), 404);
        assertEquals(0, uploads());
    }

    @Test
    void saysWhyAJarIsRefused() throws Exception {
        JsonNode problem = problem(api.file("/api/v1/plugins", new byte[] {'P', 'K'}), 409);
        assertEquals("is no plugin: <no manifest>", problem.get("detail").asText());
        assertEquals(0, uploads());
        problem(api.call("POST", "/api/v1/plugins", "{}"), 415);
        problem(api.file("/api/v1/plugins?upload=0123", JAR), 415);
        problem(api.call("POST", "/api/v1/plugins?upload=..%2F..%2Fposthouse", ""), 404);
    }

    @Test
    void takesNoFileFromAStranger() throws Exception {
        HttpResponse<String> answer =
                api.send("POST", "/api/v1/uploads", "Bearer wrong", "x".repeat(200_000), "application/octet-stream");
        problem(answer, 401);
        assertEquals("close", answer.headers().firstValue("Connection").orElse(""));
        assertEquals(0, uploads());
    }

    @Test
    void takesAFileForNoOtherBody() throws Exception {
        problem(api.file("/api/v1/traces/watches", JAR), 415);
        problem(api.file("/api/v1/plugins/block-sender/disable", JAR), 415);
        assertEquals(List.of(), parts.plugins.diary());
    }

    @Test
    void showsAPluginWithItsGenerations() throws Exception {
        JsonNode plugin = json(api.get("/api/v1/plugins/block-sender"));
        assertEquals("active", plugin.get("state").asText());
        assertEquals("canary", plugin.at("/generations/1/role").asText());
        assertEquals("2026-11-25T09:00:00Z", plugin.at("/generations/1/since").asText());
        problem(api.get("/api/v1/plugins/nobody"), 404);
    }

    @Test
    void rollsBack() throws Exception {
        json(api.call("POST", "/api/v1/plugins/block-sender/rollback", ""));
        assertEquals(List.of("rollback block-sender"), parts.plugins.diary());
        problem(api.call("POST", "/api/v1/plugins/greylist/rollback", ""), 409);
        problem(api.call("POST", "/api/v1/plugins/nobody/rollback", ""), 404);
    }

    @Test
    void showsTheClusterOnlyWhereThereIsOne() throws Exception {
        problem(api.get("/api/v1/cluster"), 404);
        parts.joinCluster();
        JsonNode cluster = json(api.get("/api/v1/cluster"));
        assertEquals(true, cluster.get("leased").asBoolean());
        assertEquals("fenced", cluster.at("/members/1/condition").asText());
        assertEquals(11_000, cluster.at("/members/1/heardMillisAgo").asInt());
        assertEquals(true, cluster.at("/members/0/heardMillisAgo").isNull());
        assertEquals(1, cluster.at("/mail/underReplicated").asInt());
        problem(api.get("/api/v1/cluster?of=b"), 400);
    }

    @Test
    void thePipelineTellsBreakersAndShares() throws Exception {
        JsonNode hook = json(api.get("/api/v1/pipeline")).at("/hooks/0");
        assertEquals(95, hook.get("share").asInt());
        assertEquals("half-open", hook.get("breaker").asText());
        assertEquals(2, hook.get("running").asInt());
        assertEquals(32, hook.get("maxConcurrent").asInt());
    }

    @Test
    void showsTraces() throws Exception {
        JsonNode recent = json(api.get("/api/v1/traces?limit=1")).get("traces");
        assertEquals(1, recent.size());
        assertEquals(14, recent.get(0).get("micros").asInt());
        JsonNode trace = json(api.get("/api/v1/traces/" + FakeTraces.ID));
        assertEquals("queued", trace.get("decision").asText());
        assertEquals("hold", trace.at("/steps/5/verdict").asText());
        assertEquals(3.5, trace.at("/steps/5/scores/ODD_SUBJECT").asDouble());
        assertEquals("transient_failure", trace.at("/events/1/type").asText());
        problem(api.get("/api/v1/traces/01HF7YAT000000000000000009"), 404);
        problem(api.get("/api/v1/traces?limit=501"), 400);
    }

    @Test
    void watchesUntilItIsEnded() throws Exception {
        JsonNode watch = json(api.call(
                "POST",
                "/api/v1/traces/watches",
                "{\"sender\":\"@example.org\",\"peer\":\"192.0.2.0/24\",\"count\":3}"));
        assertEquals(3, watch.get("count").asInt());
        assertEquals(
                "192.0.2.0/24",
                json(api.get("/api/v1/traces/watches")).at("/watches/0/peer").asText());
        String path = "/api/v1/traces/watches/" + watch.get("id").asText();
        json(api.call("DELETE", path, ""));
        problem(api.call("DELETE", path, ""), 404);
        for (String wrong : List.of(
                "{\"count\":0}",
                "{\"count\":1001}",
                "{\"peer\":\"mx.example.org\"}",
                "{\"peer\":\"dead.beef\"}",
                "{\"peer\":\"999.0.0.1\"}",
                "{\"sender\":\"a\\nb\"}",
                "{\"colour\":\"red\"}")) {
            problem(api.call("POST", "/api/v1/traces/watches", wrong), 400);
        }
    }

    @Test
    void reportsShadowsAndForgetsThem() throws Exception {
        JsonNode reports = json(api.get("/api/v1/shadow")).get("reports");
        assertEquals(3, reports.size());
        assertEquals("<evil>.example", reports.at("/0/lines/1/senderDomain").asText());
        assertEquals("first seen", reports.at("/0/samples/0/reason").asText());
        json(api.call("DELETE", "/api/v1/shadow/greylist", ""));
        problem(api.call("DELETE", "/api/v1/shadow/greylist", ""), 404);
        assertEquals(2, json(api.get("/api/v1/shadow")).get("reports").size());
    }

    @Test
    void replaysAMessageAsThePipelineIs() throws Exception {
        String id = upload("Subject: x\nTo: b\n\nHello\n.\n");
        JsonNode report = json(
                api.call(
                        "POST",
                        "/api/v1/replay",
                        "{\"message\":{\"file\":\"" + id
                                + "\",\"sender\":\"<a@example.com>\",\"recipients\":[\"b@example.net\"],\"peer\":\"2001:db8::1\"}}"));
        assertFalse(report.get("compared").asBoolean());
        assertEquals(0, report.get("different").asInt());
        assertEquals("accept", report.at("/outcomes/0/now/rcpt b@example.net").asText());
        assertEquals("block-sender", report.at("/outcomes/0/steps/0/hook").asText());
        Recorded judged = parts.replays.asked().getFirst();
        assertEquals("Subject: x\r\nTo: b\r\n", judged.head());
        assertEquals("Hello\r\n.\r\n", new String(judged.body(), StandardCharsets.US_ASCII));
        assertEquals("[2001:db8:0:0:0:0:0:1]", judged.helo());
    }

    @Test
    void comparesAMessageWithACandidate() throws Exception {
        String message = upload("Subject: x\r\n\r\nHello\r\n");
        String jar = json(api.file("/api/v1/uploads", JAR)).get("id").asText();
        JsonNode report = json(api.call(
                "POST",
                "/api/v1/replay",
                "{\"message\":{\"file\":\"" + message
                        + "\",\"sender\":\"a@example.com\",\"recipients\":[\"b@example.net\"]},"
                        + "\"candidate\":{\"plugin\":\"block-sender\",\"jar\":\"" + jar + "\"}}"));
        assertTrue(report.get("compared").asBoolean());
        assertEquals(1, report.get("different").asInt());
        assertEquals("250", report.at("/outcomes/0/before/mail").asText());
        assertEquals("550 5.7.1 Refused", report.at("/outcomes/0/now/mail").asText());
    }

    @Test
    void replaysARecordingPieceByPiece() throws Exception {
        String candidate = ",\"candidate\":{\"plugin\":\"block-sender\",\"settings\":\"domains: [example.com]\"}}";
        JsonNode first = json(api.call("POST", "/api/v1/replay", "{\"recording\":\"monday\",\"count\":2" + candidate));
        assertEquals(2, first.get("judged").asInt());
        assertEquals(1, first.get("different").asInt());
        assertTrue(first.get("more").asBoolean());
        assertEquals(0, first.at("/outcomes/0/steps").size());
        assertEquals("M2", first.at("/outcomes/1/id").asText());
        assertEquals(1, first.at("/outcomes/1/steps").size());
        JsonNode rest = json(
                api.call("POST", "/api/v1/replay", "{\"recording\":\"monday\",\"from\":2,\"count\":2" + candidate));
        assertEquals(1, rest.get("judged").asInt());
        assertFalse(rest.get("more").asBoolean());
    }

    @Test
    void refusesWhatCanNotBeReplayed() throws Exception {
        String id = upload("Subject: x\r\n\r\n");
        for (String wrong : List.of(
                "{}",
                "{\"message\":{},\"recording\":\"monday\"}",
                "{\"message\":{\"file\":\"" + id + "\"}}",
                "{\"message\":{\"file\":\"" + id + "\",\"recipients\":[\"b@c\"],\"peer\":\"mx.example.org\"}}",
                "{\"recording\":\"../monday\"}",
                "{\"recording\":\"monday\",\"count\":501}",
                "{\"recording\":\"monday\",\"candidate\":{\"plugin\":\"x\"}}")) {
            problem(api.call("POST", "/api/v1/replay", wrong), 400);
        }
        problem(api.call("POST", "/api/v1/replay", "{\"recording\":\"tuesday\"}"), 404);
        problem(
                api.call(
                        "POST",
                        "/api/v1/replay",
                        "{\"recording\":\"monday\",\"candidate\":{\"plugin\":\"broken\",\"settings\":\"\"}}"),
                409);
    }

    @Test
    void recordsOneThingAtATime() throws Exception {
        assertFalse(json(api.get("/api/v1/recordings")).get("running").asBoolean());
        JsonNode started = json(api.call("POST", "/api/v1/recordings", "{\"name\":\"tuesday\",\"bodies\":true}"));
        assertTrue(started.get("running").asBoolean());
        assertEquals(100, started.get("percent").asInt());
        problem(api.call("POST", "/api/v1/recordings", "{\"name\":\"other\"}"), 409);
        assertEquals(
                "tuesday",
                json(api.call("DELETE", "/api/v1/recordings", "")).get("name").asText());
        assertFalse(json(api.get("/api/v1/recordings")).get("running").asBoolean());
        problem(api.call("POST", "/api/v1/recordings", "{}"), 400);
        problem(api.call("POST", "/api/v1/recordings", "{\"name\":\"a/b\"}"), 400);
        problem(api.call("POST", "/api/v1/recordings", "{\"name\":\"a\",\"percent\":0}"), 400);
    }

    @Test
    void listsAndRunsTheCommandsOfPlugins() throws Exception {
        JsonNode commands = json(api.get("/api/v1/commands")).get("commands");
        assertEquals("secret", commands.at("/0/parameters/1/kind").asText());
        JsonNode answer = json(
                api.call(
                        "POST",
                        "/api/v1/commands/user/add",
                        "{\"address\":\"alice\",\"password\":\"p\",\"may-send-as\":[\"b\",\"c\"],\"disabled\":true,\"tenant\":null}"));
        assertEquals("alice was <added>.", answer.get("note").asText());
        assertEquals(
                List.of("user add {address=[alice], disabled=[], may-send-as=[b, c], password=[p]} by api"),
                parts.offers.diary());
        assertEquals(
                2,
                json(api.call("POST", "/api/v1/commands/user/list", ""))
                        .get("rows")
                        .size());
    }

    @Test
    void tellsHowACommandFailed() throws Exception {
        for (String[] failure : new String[][] {{"taken", "409"}, {"broken", "502"}, {"slow", "504"}, {"", "400"}}) {
            problem(
                    api.call("POST", "/api/v1/commands/user/add", "{\"address\":\"" + failure[0] + "\"}"),
                    Integer.parseInt(failure[1]));
        }
        problem(api.call("POST", "/api/v1/commands/user/dance", ""), 404);
        problem(api.call("POST", "/api/v1/commands/user/add", "{\"address\":{}}"), 400);
        problem(api.call("POST", "/api/v1/commands/user/add", "[]"), 400);
    }

    private String upload(String text) throws Exception {
        return json(api.file("/api/v1/uploads", text.getBytes(StandardCharsets.US_ASCII)))
                .get("id")
                .asText();
    }

    private long uploads() throws IOException {
        try (Stream<Path> files = Files.list(dataDir.resolve("run/uploads"))) {
            return files.count();
        }
    }

    private static JsonNode json(HttpResponse<String> answer) throws Exception {
        assertEquals(200, answer.statusCode(), answer.body());
        return MAPPER.readTree(answer.body());
    }

    private static JsonNode problem(HttpResponse<String> answer, int status) throws Exception {
        assertEquals(status, answer.statusCode(), answer.body());
        return MAPPER.readTree(answer.body());
    }
}
