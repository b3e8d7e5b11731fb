// SPDX-License-Identifier: Apache-2.0
package org.posthouse.admin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.posthouse.config.spi.SecretFile;
import org.posthouse.spool.spi.MessageId;
import org.posthouse.spool.spi.State;
import org.posthouse.telemetry.spi.Members;

/** The queue of a cluster of three and a witness, asked at node a. */
final class WholeQueueTest {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private final Map<String, FakeParts> parts = new LinkedHashMap<>();
    private final Map<String, ApiServlet> apis = new LinkedHashMap<>();
    private FakeMembers members;

    @BeforeEach
    void start(@TempDir Path folder) throws IOException {
        for (String name : List.of("a", "b", "c")) {
            Path dataDir = Files.createDirectory(folder.resolve(name));
            FakeParts node = new FakeParts(dataDir);
            Guard guard = new Guard(SecretFile.open(dataDir, "api-token"), List.of());
            parts.put(name, node);
            apis.put(name, new ApiServlet(new Api(guard, node.services())));
            node.members = members(name);
        }
        members = members("a");
        node("a").members = members;
    }

    private FakeMembers members(String self) {
        FakeMembers all = new FakeMembers(self);
        for (String name : List.of("a", "b", "c")) {
            all.with(name, (request, member) -> api(name).answer(request, member));
        }
        return all.withWitness("w");
    }

    private FakeParts node(String name) {
        return Objects.requireNonNull(parts.get(name), name);
    }

    private ApiServlet api(String name) {
        return Objects.requireNonNull(apis.get(name), name);
    }

    private MessageId add(String node, int number, State state) {
        return node(node).queue.add(number, "s" + number + "@example.org", List.of("b@example.net"), state, "");
    }

    private Members.Response ask(String method, String path, String... query) {
        Map<String, List<String>> parameters = new LinkedHashMap<>();
        for (int i = 0; i < query.length; i += 2) {
            parameters.put(query[i], List.of(query[i + 1]));
        }
        byte[] body = method.equals("POST") ? "{\"reason\":\"because\"}".getBytes(StandardCharsets.UTF_8) : new byte[0];
        return api("a").answer(
                        new Members.Request(method, "/api/v1" + path, parameters, "application/json", body, "::1"),
                        "test");
    }

    private static JsonNode json(Members.Response response, int status) throws IOException {
        JsonNode json = MAPPER.readTree(response.body());
        assertEquals(status, response.status(), json::toString);
        return json;
    }

    private static String detail(Members.Response response, int status) throws IOException {
        return json(response, status).get("detail").asText();
    }

    private static List<String> texts(JsonNode array) {
        List<String> texts = new ArrayList<>();
        array.forEach(item -> texts.add(item.asText()));
        return texts;
    }

    private static List<String> texts(JsonNode array, String name) {
        List<String> texts = new ArrayList<>();
        array.forEach(item -> texts.add(item.get(name).asText()));
        return texts;
    }

    @Test
    void isOneListInTheOrderOfArrival() throws IOException {
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < 30; i++) {
            ids.add(add(List.of("a", "b", "c", "c", "b").get(i % 5), i, i % 3 == 0 ? State.HELD : State.QUEUED)
                    .toString());
        }
        JsonNode all = json(ask("GET", "/queue"), 200);
        assertEquals(ids, texts(all.get("items"), "id"));
        assertEquals(
                List.of("a", "b", "c", "c", "b", "a"),
                texts(all.get("items"), "node").subList(0, 6));
        assertEquals(List.of(), texts(all.get("missing")));
        assertTrue(all.get("next").isNull());
        for (int limit : new int[] {1, 2, 7, 29, 30, 31}) {
            assertEquals(ids, byPages(limit), "by pages of " + limit);
        }
        assertEquals(
                10,
                json(ask("GET", "/queue", "state", "held"), 200).get("items").size());
        JsonNode counts = json(ask("GET", "/queue/counts"), 200);
        assertEquals(30, counts.get("messages").asInt());
        assertEquals(10, counts.get("recipients").get("held").asInt());
        assertEquals(List.of(), texts(counts.get("missing")));
    }

    private List<String> byPages(int limit) throws IOException {
        List<String> seen = new ArrayList<>();
        JsonNode page = json(ask("GET", "/queue", "limit", "" + limit), 200);
        seen.addAll(texts(page.get("items"), "id"));
        while (!page.get("next").isNull()) {
            assertTrue(page.get("items").size() <= limit);
            page = json(
                    ask(
                            "GET",
                            "/queue",
                            "limit",
                            "" + limit,
                            "cursor",
                            page.get("next").asText()),
                    200);
            seen.addAll(texts(page.get("items"), "id"));
        }
        return seen;
    }

    @Test
    void goesNoFurtherThanANodeHasLooked() throws IOException {
        List<JsonNode> pages = List.of(
                MAPPER.readTree("{\"items\":[{\"id\":\"A\"},{\"id\":\"F\"}],\"next\":null}"),
                MAPPER.readTree("{\"items\":[{\"id\":\"B\"}],\"next\":\"D\"}"),
                MAPPER.readTree("{\"items\":[{\"id\":\"B\"},{\"id\":\"E\"}],\"next\":\"E\"}"));
        QueueSum.Page page = QueueSum.page(pages, 10, List.of());
        assertEquals(
                List.of("A", "B"),
                page.items().stream().map(i -> i.get("id").asText()).toList());
        assertEquals("D", page.next());
        QueueSum.Page cut = QueueSum.page(pages, 1, List.of("c"));
        assertEquals(1, cut.items().size());
        assertEquals("A", cut.next());
        assertEquals(List.of("c"), cut.missing());
    }

    @Test
    void namesTheNodesThatDoNotAnswer() throws IOException {
        add("a", 0, State.QUEUED);
        add("b", 1, State.QUEUED);
        add("c", 2, State.QUEUED);
        members.dead.add("c");
        node("b").queue.fallSick();
        JsonNode all = json(ask("GET", "/queue"), 200);
        assertEquals(List.of("a"), texts(all.get("items"), "node"));
        assertEquals(List.of("b", "c"), texts(all.get("missing")));
        assertEquals(List.of("c"), texts(json(ask("GET", "/queue/counts"), 200).get("missing")));
    }

    @Test
    void doesWhatIsAskedAtTheNodeThatHasTheMessage() throws IOException {
        MessageId own = add("a", 0, State.QUEUED);
        MessageId other = add("c", 1, State.QUEUED);
        assertEquals(
                "a",
                json(ask("POST", "/queue/" + own + "/hold"), 200).get("node").asText());
        assertEquals(List.of(), members.asked);
        JsonNode held = json(ask("POST", "/queue/" + other + "/hold"), 200);
        assertEquals("c", held.get("node").asText());
        assertEquals(1, held.get("changed").asInt());
        assertEquals("c", json(ask("GET", "/queue/" + other), 200).get("node").asText());
        json(ask("POST", "/queue/" + other + "/release"), 200);
        json(ask("POST", "/queue/" + other + "/retry"), 200);
        json(ask("DELETE", "/queue/" + other, "notice", "true"), 200);
        assertEquals(
                List.of(
                        "hold " + other + " \"because\" by api",
                        "release " + other + " by api: because",
                        "retry " + other + " by api: because",
                        "delete " + other + " with notice by api"),
                node("c").queue.diary());
        assertEquals(List.of(), node("b").queue.diary());
    }

    @Test
    void saysThatAMessageIsNowhereOnlyWhenAllHaveAnswered() throws IOException {
        MessageId nowhere = new MessageId(7, 7);
        String sentence = "There is no message " + nowhere + " in the queue";
        assertEquals(sentence, detail(ask("GET", "/queue/" + nowhere), 404));
        members.dead.add("c");
        sentence += " of the nodes that answer. Node c does not answer";
        assertEquals(sentence, detail(ask("GET", "/queue/" + nowhere), 503));
        assertEquals(sentence, detail(ask("POST", "/queue/" + nowhere + "/hold"), 503));
        node("b").queue.fallSick();
        assertTrue(detail(ask("DELETE", "/queue/" + nowhere), 503).startsWith("The spool can not do that now"));
    }

    @Test
    void asksOneNodeAloneWhenItIsNamed() throws IOException {
        MessageId id = add("b", 1, State.QUEUED);
        add("a", 0, State.QUEUED);
        JsonNode page = json(ask("GET", "/queue", "node", "b"), 200);
        assertEquals(List.of(id.toString()), texts(page.get("items"), "id"));
        assertFalse(page.has("missing"));
        assertEquals(List.of("b"), members.asked);
        assertEquals(
                1, json(ask("GET", "/queue", "node", "self"), 200).get("items").size());
        assertEquals(
                1, json(ask("GET", "/queue", "node", "a"), 200).get("items").size());
        json(ask("GET", "/queue/" + id, "node", "c"), 404);
        assertEquals(List.of("b", "c"), members.asked);
        json(ask("GET", "/queue/" + id, "node", "b"), 200);
        members.dead.add("b");
        assertEquals("Node b does not answer", detail(ask("GET", "/queue/counts", "node", "b"), 503));
        assertEquals("The cluster has no node x; it has a, b, c, w", detail(ask("GET", "/queue", "node", "x"), 400));
    }

    @Test
    void ofAServerThatIsAloneIsAsItWas() throws IOException {
        node("a").members = null;
        MessageId id = add("a", 0, State.QUEUED);
        JsonNode page = json(ask("GET", "/queue"), 200);
        assertFalse(page.has("missing"));
        assertFalse(page.get("items").get(0).has("node"));
        assertFalse(json(ask("GET", "/queue/counts"), 200).has("missing"));
        assertFalse(json(ask("GET", "/queue/" + id), 200).has("node"));
        assertFalse(json(ask("POST", "/queue/" + id + "/hold"), 200).has("node"));
        json(ask("GET", "/queue", "node", "self"), 200);
        json(ask("GET", "/queue", "node", "b"), 400);
    }
}
