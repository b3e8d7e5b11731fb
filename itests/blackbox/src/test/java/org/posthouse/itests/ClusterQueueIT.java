// SPDX-License-Identifier: Apache-2.0
package org.posthouse.itests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.posthouse.testkit.server.Await;
import org.posthouse.testkit.server.SmtpClient;

/** Three servers whose queue is one, whichever of them is asked. */
class ClusterQueueIT {
    private static final Duration SOON = Duration.ofSeconds(60);

    @TempDir
    Path folder;

    private ThreeServers servers;

    @BeforeEach
    void start() throws IOException {
        // Nobody listens where they relay to: all is deferred after its first attempt, and rests.
        servers = new ThreeServers(folder, (name, daemon) -> daemon.queue("queue: { retry: 1h, expire: 4h }"));
        servers.start();
    }

    @AfterEach
    void stop() {
        servers.close();
    }

    private Daemon b() {
        return servers.get("b");
    }

    private void accept(String node, String sender) throws IOException {
        try (SmtpClient client = SmtpClient.greeted(servers.get(node).smtp)) {
            String reply = client.deliver(sender, "b@dst.test", "Subject: letter\r\n\r\nhello\r\n");
            assertTrue(reply.contains(" copies=2"), reply);
        }
    }

    private String console(String page) throws IOException {
        return Http.console(b(), "GET", page).body();
    }

    private static List<String> texts(JsonNode items, String name) {
        List<String> texts = new ArrayList<>();
        items.forEach(item -> texts.add(item.path(name).asText()));
        return texts;
    }

    private void awaitListed(List<String> nodes, String state) {
        Await.until(servers::logs, SOON, () -> {
            JsonNode list = Http.json(b(), "/queue?state=" + state);
            return texts(list.get("items"), "node").equals(nodes);
        });
    }

    @Test
    void isListedAndChangedFromAnyNodeAndSaysWhoIsMissing() throws Exception {
        accept("a", "at-a@src.test");
        accept("c", "at-c@src.test");
        awaitListed(List.of("a", "c"), "deferred");

        JsonNode list = Http.json(b(), "/queue");
        assertEquals(2, list.get("items").size(), list::toString);
        assertEquals(0, list.get("missing").size(), list::toString);
        assertEquals(2, Http.json(b(), "/queue/counts").get("messages").asInt());
        assertEquals(
                0, Http.json(b(), "/queue/counts?node=self").get("messages").asInt());
        assertEquals(1, Http.json(b(), "/queue?node=a").get("items").size());
        String id = list.get("items").get(0).get("id").asText();

        Tool table = b().cli("queue", "list").mustSucceed();
        assertTrue(table.output().matches("(?s)MESSAGE +NODE .*" + id + "  a  .*"), table::output);
        assertEquals(
                id + ": 1 recipient held at node a\n",
                b().cli("queue", "hold", id, "--reason", "to look at")
                        .mustSucceed()
                        .output());
        assertTrue(
                servers.get("a").log().contains("API: POST /api/v1/queue/" + id + "/hold by 127.0.0.1 at node b"),
                servers::logs);
        JsonNode shown = Http.json(b(), "/queue/" + id);
        assertEquals("a", shown.get("node").asText());
        assertEquals("held", shown.get("recipients").get(0).get("state").asText());
        assertTrue(console("queue").contains("<td class=\"node\">a</td>"), console("queue"));
        assertTrue(console("queue/" + id).contains("to look at"), console("queue/" + id));
        assertEquals(200, Http.api(b(), "POST", "/queue/" + id + "/release").statusCode());
        awaitListed(List.of("a", "c"), "deferred");
        assertEquals(200, Http.api(b(), "POST", "/queue/" + id + "/retry").statusCode());
        awaitListed(List.of("a", "c"), "deferred");
        assertEquals(
                id + ": 1 recipient deleted at node a\n",
                b().cli("queue", "delete", id).mustSucceed().output());
        assertEquals(List.of("c"), texts(Http.json(servers.get("c"), "/queue").get("items"), "node"));
        assertEquals(404, Http.api(b(), "GET", "/queue/" + id).statusCode());

        servers.get("c").kill9();
        long killed = System.nanoTime();
        Tool warned = b().cli("queue", "list").mustSucceed();
        assertTrue(
                warned.output().contains("posthouse: node c does not answer; what it has is not in this"),
                warned::output);
        JsonNode without = Http.json(b(), "/queue");
        assertEquals("[\"c\"]", without.get("missing").toString());
        assertTrue(console("queue").contains("Not answering: c."), console("queue"));
        assertEquals(503, Http.api(b(), "DELETE", "/queue/" + id).statusCode());
        Await.until(
                servers::logs, SOON, () -> Http.json(b(), "/queue").get("items").size() == 1);
        System.out.printf("listed by who took it over %d ms after kill -9%n", (System.nanoTime() - killed) / 1_000_000);
        JsonNode taken = Http.json(b(), "/queue");
        assertFalse(texts(taken.get("items"), "node").contains("c"), taken::toString);
        assertEquals(List.of("at-c@src.test"), texts(taken.get("items"), "sender"));
        assertEquals("[\"c\"]", taken.get("missing").toString());
    }
}
