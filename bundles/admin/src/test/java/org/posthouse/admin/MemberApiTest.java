// SPDX-License-Identifier: Apache-2.0
package org.posthouse.admin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.posthouse.config.spi.SecretFile;
import org.posthouse.spool.spi.State;
import org.posthouse.telemetry.spi.Members;

/** What another member of the cluster asks the API, without a token. */
final class MemberApiTest {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private FakeParts parts;
    private ApiServlet clerk;

    @BeforeEach
    void start(@TempDir Path dataDir) throws IOException {
        parts = new FakeParts(dataDir);
        Guard guard = new Guard(SecretFile.open(dataDir, "api-token"), List.of());
        clerk = new ApiServlet(new Api(guard, parts.services()));
    }

    private Members.Response ask(
            String method, String path, Map<String, List<String>> query, String type, byte[] body) {
        return clerk.answer(new Members.Request(method, path, query, type, body, "10.0.0.9"), "a");
    }

    private static JsonNode json(Members.Response response) throws IOException {
        return MAPPER.readTree(response.body());
    }

    @Test
    void isAnsweredAsAnybodyWithTheToken() throws IOException {
        parts.queue.add("a@example.org", List.of("b@example.net"), State.QUEUED, "");
        parts.queue.add("c@example.org", List.of("d@example.net"), State.HELD, "");
        Members.Response list = ask("GET", "/api/v1/queue", Map.of("state", List.of("held")), "", new byte[0]);
        assertEquals(200, list.status());
        assertEquals("application/json", list.contentType());
        assertEquals(1, json(list).get("items").size());
        String id = json(list).get("items").get(0).get("id").asText();
        byte[] reason = "{\"reason\":\"because\"}".getBytes(StandardCharsets.UTF_8);
        Members.Response released =
                ask("POST", "/api/v1/queue/" + id + "/release", Map.of(), "application/json", reason);
        assertEquals(1, json(released).get("changed").asInt());
        assertEquals(List.of("release " + id + " by api: because"), parts.queue.diary());
        assertEquals(
                404, ask("GET", "/api/v1/nothing", Map.of(), "", new byte[0]).status());
    }

    @Test
    void sendsFilesOfAnySizeButNoLargeTexts() throws IOException {
        byte[] large = new byte[1_000_000];
        Members.Response upload = ask("POST", "/api/v1/uploads", Map.of(), "application/octet-stream", large);
        assertEquals(1_000_000, json(upload).get("octets").asInt());
        assertTrue(parts.uploads.file(json(upload).get("id").asText()).isPresent());
        assertEquals(
                413,
                ask("POST", "/api/v1/config/reload", Map.of(), "application/json", large)
                        .status());
    }
}
