// SPDX-License-Identifier: Apache-2.0
package org.posthouse.admin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.posthouse.spool.spi.MessageId;
import org.posthouse.spool.spi.State;

final class ApiTest {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private FakeParts parts;
    private FakeQueue queue;
    private ApiServer api;

    @BeforeEach
    void start(@TempDir Path dataDir) throws Exception {
        parts = new FakeParts(dataDir);
        queue = parts.queue;
        api = new ApiServer(dataDir, parts.services());
    }

    @AfterEach
    void stop() throws Exception {
        api.stop();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "Bearer", "Bearer ", "Bearer wrong", "Basic YWRtaW46YWRtaW4=", "TOKEN"})
    void answersNothingWithoutTheToken(String authorization) throws Exception {
        String sent = authorization.equals("TOKEN") ? api.token() : authorization;
        for (String path : List.of("/api/v1/queue", "/api/v1/openapi.json", "/api/v1/nothing")) {
            HttpResponse<String> answer = api.send("GET", path, sent, "", "");
            problem(answer, 401);
            assertEquals(
                    "Bearer realm=\"posthouse\"",
                    answer.headers().firstValue("WWW-Authenticate").orElse(""));
        }
    }

    @Test
    void takesTheSchemeInAnyCase() throws Exception {
        assertEquals(
                200,
                api.send("GET", "/api/v1/queue/counts", "bearer " + api.token(), "", "")
                        .statusCode());
    }

    @ParameterizedTest
    @CsvSource({
        "localhost:12080, 200",
        "LOCALHOST, 200",
        "127.0.0.1, 200",
        "[::1]:12080, 200",
        "mx.example.org:12080, 200",
        "evil.example, 421",
        "evil.example:12080, 421",
        "localhost.evil.example, 421",
        "[::2]:12080, 421"
    })
    void answersOnlyForItsOwnNames(String host, int status) throws Exception {
        String line = api.statusLine(host, "/api/v1/queue/counts");
        assertTrue(line.startsWith("HTTP/1.1 " + status), line);
    }

    @Test
    void listsTheQueuePageByPage() throws Exception {
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            ids.add(queue.add("a@example.org", List.of("b" + i + "@example.net"), State.QUEUED, "")
                    .toString());
        }
        List<String> seen = new ArrayList<>();
        String cursor = "";
        do {
            JsonNode page = json(api.get("/api/v1/queue?limit=2" + (cursor.isEmpty() ? "" : "&cursor=" + cursor)));
            assertTrue(page.get("items").size() <= 2);
            page.get("items").forEach(item -> seen.add(item.get("id").asText()));
            cursor = page.get("next").isNull() ? "" : page.get("next").asText();
        } while (!cursor.isEmpty());
        assertEquals(ids, seen);
    }

    @Test
    void saysWhatAMessageWaitsFor() throws Exception {
        queue.add("a@example.org", List.of("b@example.net", "c@example.net"), State.DEFERRED, "450 4.2.0 Try later");
        JsonNode item = json(api.get("/api/v1/queue")).get("items").get(0);
        assertEquals("a@example.org", item.get("sender").asText());
        assertEquals(2, item.get("states").get("deferred").asInt());
        assertEquals("450 4.2.0 Try later", item.get("lastReply").asText());
        assertEquals("mx.example.net", item.get("lastHost").asText());
        assertEquals("2027-01-15T08:00:00Z", item.get("due").asText());
        assertEquals(4711, item.get("size").asLong());
    }

    @Test
    void filtersByStateSenderAndRecipient() throws Exception {
        queue.add("a@example.org", List.of("b@example.net"), State.QUEUED, "");
        MessageId held = queue.add("c+d@example.org", List.of("e@example.com"), State.HELD, "");
        for (String filter : List.of("state=held", "state=HELD", "sender=c%2Bd@", "recipient=e@example.com")) {
            JsonNode items = json(api.get("/api/v1/queue?" + filter)).get("items");
            assertEquals(1, items.size(), filter);
            assertEquals(held.toString(), items.get(0).get("id").asText(), filter);
        }
    }

    @Test
    void showsAllOfAMessage() throws Exception {
        MessageId id = queue.add("", List.of("b@example.net"), State.DEFERRED, "451 4.4.1 No answer");
        JsonNode message = json(api.get("/api/v1/queue/" + id));
        assertEquals("", message.get("sender").get("address").asText());
        assertEquals("192.0.2.7", message.get("origin").get("peer").asText());
        assertEquals("news", message.get("routing").get("tags").get(0).asText());
        JsonNode to = message.get("recipients").get(0);
        assertEquals("b@example.net", to.get("address").asText());
        assertEquals("deferred", to.get("state").asText());
        assertEquals(3, to.get("attempts").asInt());
        assertEquals("451 4.4.1 No answer", to.get("reply").asText());
    }

    @Test
    void holdsReleasesRetriesAndDeletes() throws Exception {
        MessageId id = queue.add("a@example.org", List.of("b@example.net", "c@example.net"), State.DEFERRED, "450 no");
        String path = "/api/v1/queue/" + id;
        assertEquals(
                2,
                json(api.call("POST", path + "/hold", "{\"reason\":\"looks odd\"}"))
                        .get("changed")
                        .asInt());
        assertEquals(
                0, json(api.call("POST", path + "/hold", "{}")).get("changed").asInt());
        assertEquals(
                2, json(api.call("POST", path + "/release", "")).get("changed").asInt());
        assertEquals(
                0,
                json(api.call("POST", path + "/retry", "{\"reason\":\"now\"}"))
                        .get("changed")
                        .asInt());
        assertEquals(
                2,
                json(api.call("DELETE", path + "?notice=true", ""))
                        .get("changed")
                        .asInt());
        assertEquals(
                List.of(
                        "hold " + id + " \"looks odd\" by api",
                        "hold " + id + " \"held by operator\" by api",
                        "release " + id + " by api",
                        "retry " + id + " by api: now",
                        "delete " + id + " with notice by api"),
                queue.diary());
        problem(api.get(path), 404);
    }

    @Test
    void countsEveryStateEvenAtZero() throws Exception {
        queue.add("a@example.org", List.of("b@example.net"), State.QUEUED, "");
        JsonNode counts = json(api.get("/api/v1/queue/counts"));
        assertEquals(1, counts.get("messages").asInt());
        assertEquals(1, counts.get("recipients").get("queued").asInt());
        assertEquals(0, counts.get("recipients").get("in_transit").asInt());
        assertEquals(State.values().length, counts.get("recipients").size());
    }

    @Test
    void showsSitesPluginsAndPipeline() throws Exception {
        JsonNode site = json(api.get("/api/v1/queue/sites")).get("sites").get(0);
        assertEquals("connection refused", site.get("pause").asText());
        assertEquals(7, site.get("facts").get("attempts").asInt());
        assertEquals(
                "missing",
                json(api.get("/api/v1/plugins"))
                        .get("plugins")
                        .get(1)
                        .get("state")
                        .asText());
        JsonNode hook = json(api.get("/api/v1/pipeline")).get("hooks").get(0);
        assertEquals("mail", hook.get("stage").asText());
        assertEquals(12.5, hook.get("meanMicros").asDouble());
    }

    @Test
    void disablesEnablesAndRemovesPlugins() throws Exception {
        json(api.call("POST", "/api/v1/plugins/block-sender/disable", ""));
        json(api.call("POST", "/api/v1/plugins/block-sender/enable", ""));
        json(api.call("DELETE", "/api/v1/plugins/greylist", ""));
        assertEquals(List.of("disable block-sender", "enable block-sender", "remove greylist"), parts.plugins.diary());
        problem(api.call("DELETE", "/api/v1/plugins/nobody", ""), 404);
        JsonNode conflict = problem(api.call("DELETE", "/api/v1/plugins/block-sender", ""), 409);
        assertEquals("its jar can not be deleted", conflict.get("detail").asText());
    }

    @Test
    void tellsWhyAReloadWasRefused() throws Exception {
        assertTrue(json(api.call("POST", "/api/v1/config/reload", ""))
                .get("applied")
                .asBoolean());
        parts.findings = List.of("posthouse.yaml: smtp.mx.adress: unknown key, did you mean address?");
        JsonNode refused = problem(api.call("POST", "/api/v1/config/reload", ""), 422);
        assertEquals(parts.findings.getFirst(), refused.get("findings").get(0).asText());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "?limit=0",
                "?limit=1001",
                "?limit=ten",
                "?state=lost",
                "?cursor=x",
                "?colour=red",
                "?limit=1&limit=2",
                "/not-an-id"
            })
    void refusesWhatItDoesNotUnderstand(String suffix) throws Exception {
        problem(api.get("/api/v1/queue" + suffix), 400);
    }

    @Test
    void refusesAMalformedQueryString() throws Exception {
        String line = api.statusLine("localhost", "/api/v1/queue?sender=%zz");
        assertTrue(line.startsWith("HTTP/1.1 400"), line);
    }

    @Test
    void refusesBodiesItDoesNotUnderstand() throws Exception {
        String path =
                "/api/v1/queue/" + queue.add("a@example.org", List.of("b@example.net"), State.QUEUED, "") + "/hold";
        for (String body : List.of("{", "[]", "null", "{\"why\":1}", "{} {}", "{\"reason\":\"a\",\"reason\":\"b\"}")) {
            problem(api.call("POST", path, body), 400);
        }
        problem(api.call("POST", path, "{\"reason\":\"" + "x".repeat(501) + "\"}"), 400);
        problem(api.call("POST", path, "{\"reason\":\"a\\nb\"}"), 400);
        problem(api.call("POST", path, "{\"reason\":\"" + "x".repeat(Api.BODY_LIMIT) + "\"}"), 413);
        problem(api.send("POST", path, "Bearer " + api.token(), "reason=x", "application/x-www-form-urlencoded"), 415);
        assertEquals(List.of(), queue.diary());
    }

    @Test
    void knowsPathsAndMethods() throws Exception {
        problem(api.get("/api/v1/nothing"), 404);
        problem(api.get("/api/v2/queue"), 404);
        problem(api.get("/api/v1/queue/"), 404);
        problem(api.get("/api/v1/queue/" + MessageId.next()), 404);
        problem(api.call("POST", "/api/v1/queue/" + MessageId.next() + "/hold", ""), 404);
        HttpResponse<String> wrong = api.call("PUT", "/api/v1/queue/" + MessageId.next(), "");
        problem(wrong, 405);
        assertEquals("GET, DELETE", wrong.headers().firstValue("Allow").orElse(""));
        assertEquals(200, api.call("HEAD", "/api/v1/queue", "").statusCode());
    }

    @Test
    void answers503WhileAPartIsMissing(@TempDir Path dataDir) throws Exception {
        ApiServer empty = new ApiServer(dataDir, new Services());
        try {
            for (String path : List.of(
                    "/api/v1/queue",
                    "/api/v1/plugins",
                    "/api/v1/pipeline",
                    "/api/v1/traces",
                    "/api/v1/shadow",
                    "/api/v1/recordings",
                    "/api/v1/commands")) {
                problem(empty.get(path), 503);
            }
            problem(empty.call("POST", "/api/v1/config/reload", ""), 503);
        } finally {
            empty.stop();
        }
        queue.fallSick();
        problem(api.get("/api/v1/queue"), 503);
    }

    @Test
    void everyPathOfTheDocumentAnswers() throws Exception {
        parts.joinCluster();
        JsonNode document = json(api.get("/api/v1/openapi.json"));
        int operations = 0;
        for (Map.Entry<String, JsonNode> path : document.get("paths").properties()) {
            for (String method : List.of("get", "post", "delete")) {
                if (path.getValue().has(method)) {
                    JsonNode content = path.getValue().get(method).at("/requestBody/content");
                    String url = path.getKey()
                            .replace("{id}", id(path.getKey()))
                            .replace("{hook}", "greylist")
                            .replace("{group}", "user")
                            .replace("{name}", path.getKey().contains("commands") ? "add" : "greylist")
                            .replace("greylist/rollback", "block-sender/rollback");
                    if (content.has("application/octet-stream")) {
                        json(api.file(url, "jar block-sender".getBytes(StandardCharsets.US_ASCII)));
                    } else {
                        JsonNode example = content.at("/application~1json/example");
                        json(api.call(
                                method.toUpperCase(Locale.ROOT),
                                url,
                                example.isMissingNode() ? "" : example.toString()));
                    }
                    operations++;
                }
            }
        }
        assertEquals(47, operations);
    }

    /** Something that is there for a path that names it. */
    private String id(String path) throws Exception {
        if (path.startsWith("/api/v1/uploads")) {
            return json(api.file("/api/v1/uploads", new byte[1])).get("id").asText();
        }
        if (path.startsWith("/api/v1/traces/watches")) {
            return json(api.call("POST", "/api/v1/traces/watches", ""))
                    .get("id")
                    .asText();
        }
        return path.startsWith("/api/v1/traces")
                ? FakeTraces.ID
                : queue.add("a@example.org", List.of("b@example.net"), State.QUEUED, "")
                        .toString();
    }

    @Test
    void aServerAloneRefusesWhatIsForAllMembers() throws Exception {
        byte[] jar = "jar block-sender".getBytes(StandardCharsets.US_ASCII);
        for (HttpResponse<String> answer : List.of(
                api.file("/api/v1/plugins?scope=cluster", jar),
                api.call("POST", "/api/v1/plugins/block-sender/disable?scope=cluster", ""),
                api.call("DELETE", "/api/v1/plugins/greylist?scope=cluster", ""),
                api.get("/api/v1/plugins/rollout"),
                api.get("/api/v1/cluster/config"),
                api.call("POST", "/api/v1/cluster/config", "{\"files\":{\"plugins/spf.yaml\":\"\"}}"),
                api.call("POST", "/api/v1/cluster/config/1/apply", ""))) {
            assertTrue(problem(answer, 404).get("detail").asText().startsWith("This server is not part of a cluster"));
        }
        assertEquals(List.of(), parts.plugins.diary());
        problem(api.file("/api/v1/plugins?first=b", jar), 400);
        problem(api.file("/api/v1/plugins?scope=all", jar), 400);
    }

    @Test
    void sendsAPluginToAllMembersOrSaysWhoIsInTheWay() throws Exception {
        parts.joinCluster();
        JsonNode rollout = json(api.file(
                "/api/v1/plugins?scope=cluster&first=b&skipMissing=true",
                "jar greylist".getBytes(StandardCharsets.US_ASCII)));
        assertEquals("b skips", rollout.get("detail").asText());
        assertEquals("serves", rollout.at("/nodes/0/steps/1/state").asText());
        JsonNode refused = problem(
                api.file("/api/v1/plugins?scope=cluster", "jar lonely".getBytes(StandardCharsets.US_ASCII)), 409);
        assertEquals("b: does not answer", refused.at("/findings/0").asText());
        assertEquals(
                "disable",
                json(api.call("POST", "/api/v1/plugins/greylist/disable?scope=cluster", ""))
                        .get("action")
                        .asText());
        assertEquals(List.of(), parts.plugins.diary(), "not at this node alone");
        byte[] dry = "jar greylist".getBytes(StandardCharsets.US_ASCII);
        assertEquals(
                "2.0.0",
                json(api.file("/api/v1/plugins?scope=cluster&dryRun=true", dry))
                        .get("version")
                        .asText());
    }

    @Test
    void changesTheCommonFilesOrSaysWhatIsWrong() throws Exception {
        parts.joinCluster();
        String large = "#".repeat(100_000);
        String body = "{\"files\":{\"plugins/NAME.yaml\":\"" + large + "\"}}";
        JsonNode applied = json(
                api.file("/api/v1/cluster/config", body.replace("NAME", "spf").getBytes(StandardCharsets.US_ASCII)));
        assertEquals("in force", applied.at("/nodes/b").asText());
        JsonNode refused = problem(
                api.file("/api/v1/cluster/config", body.replace("NAME", "bad").getBytes(StandardCharsets.US_ASCII)),
                422);
        assertEquals(
                "b: plugins/bad.yaml:1: bad.wrod: unknown key",
                refused.at("/findings/0").asText());
        assertEquals(
                "missing",
                json(api.get("/api/v1/cluster/config"))
                        .at("/members/1/files")
                        .get("plugins/spf.yaml")
                        .asText());
        assertEquals(
                "old",
                json(api.get("/api/v1/cluster/config?node=self"))
                        .get("files")
                        .get("plugins/spf.yaml")
                        .asText());
        problem(api.call("POST", "/api/v1/cluster/config", "{}"), 400);
        problem(api.call("POST", "/api/v1/cluster/config", "{\"files\":{\"plugins/a.yaml\":null}}"), 400);
    }

    /** What answers and what is documented are the same paths and methods. */
    @Test
    void everyPathThatAnswersIsInTheDocument() throws Exception {
        JsonNode paths = json(api.get("/api/v1/openapi.json")).get("paths");
        Set<String> documented = new TreeSet<>();
        paths.properties()
                .forEach(path -> List.of("get", "post", "delete").stream()
                        .filter(path.getValue()::has)
                        .forEach(method -> documented.add(method.toUpperCase(Locale.ROOT) + " " + path.getKey())));
        assertEquals(documented, new TreeSet<>(new Api(null, parts.services()).operations()));
    }

    @Test
    void neitherCachesNorSniffs() throws Exception {
        HttpResponse<String> answer = api.get("/api/v1/queue");
        assertEquals("no-store", answer.headers().firstValue("Cache-Control").orElse(""));
        assertEquals(
                "nosniff", answer.headers().firstValue("X-Content-Type-Options").orElse(""));
        assertFalse(answer.headers().firstValue("Set-Cookie").isPresent());
    }

    private static JsonNode json(HttpResponse<String> answer) throws Exception {
        assertEquals(200, answer.statusCode(), answer.body());
        assertEquals(
                "application/json", answer.headers().firstValue("Content-Type").orElse(""));
        return MAPPER.readTree(answer.body());
    }

    private static JsonNode problem(HttpResponse<String> answer, int status) throws Exception {
        assertEquals(status, answer.statusCode(), answer.body());
        assertEquals(
                "application/problem+json",
                answer.headers().firstValue("Content-Type").orElse(""));
        JsonNode problem = MAPPER.readTree(answer.body());
        assertEquals(status, problem.get("status").asInt());
        assertNotEquals("", problem.get("detail").asText());
        return problem;
    }
}
