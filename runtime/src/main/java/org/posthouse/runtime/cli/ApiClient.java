// SPDX-License-Identifier: Apache-2.0
package org.posthouse.runtime.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.nio.file.Path;
import java.time.Duration;

/** Asks the REST API of a running server; every failure is one sentence for the operator. */
final class ApiClient {
    /** A plugin may take 30 s for a command and minutes to be installed. */
    private static final Duration PATIENCE = Duration.ofMinutes(5);

    private static final String FILE = "application/octet-stream";
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private final HttpClient client =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build();
    private final String url;
    private final String token;

    ApiClient(String url, String token) {
        this.url = url.endsWith("/") ? url.substring(0, url.length() - 1) : url;
        this.token = token;
    }

    JsonNode get(String path) throws ApiException {
        return send("GET", path, BodyPublishers.noBody());
    }

    JsonNode post(String path, String reason) throws ApiException {
        return send("POST", path, body(reason));
    }

    JsonNode delete(String path, String reason) throws ApiException {
        return send("DELETE", path, body(reason));
    }

    /** Posts a JSON object. */
    JsonNode post(String path, ObjectNode json) throws ApiException {
        return send("POST", path, BodyPublishers.ofString(json.toString()));
    }

    /** Posts a JSON object that may be large. */
    JsonNode postLarge(String path, ObjectNode json) throws ApiException {
        return send("POST", path, BodyPublishers.ofString(json.toString()), FILE);
    }

    /** Sends a file; the answer holds the id under which later requests use it. */
    String upload(Path file) throws ApiException {
        try {
            return send("POST", "/uploads", BodyPublishers.ofFile(file), FILE)
                    .path("id")
                    .asText();
        } catch (FileNotFoundException e) {
            throw new ApiException("There is no file " + file + " that can be read");
        }
    }

    static ObjectNode object() {
        return MAPPER.createObjectNode();
    }

    private static BodyPublisher body(String reason) {
        return reason.isEmpty()
                ? BodyPublishers.noBody()
                : BodyPublishers.ofString(
                        MAPPER.createObjectNode().put("reason", reason).toString());
    }

    private JsonNode send(String method, String path, BodyPublisher body) throws ApiException {
        return send(method, path, body, "application/json");
    }

    private JsonNode send(String method, String path, BodyPublisher body, String type) throws ApiException {
        try {
            HttpRequest request = HttpRequest.newBuilder(URI.create(url + "/api/v1" + path))
                    .timeout(PATIENCE)
                    .header("Authorization", "Bearer " + token)
                    .header("Content-Type", type)
                    .method(method, body)
                    .build();
            return answer(client.send(request, BodyHandlers.ofString()));
        } catch (IllegalArgumentException e) {
            throw new ApiException("Not a usable URL: " + url);
        } catch (HttpTimeoutException | ConnectException e) {
            throw new ApiException("Posthouse does not answer at " + url + ": is it running?");
        } catch (IOException e) {
            throw new ApiException("The connection to Posthouse at " + url + " broke: " + e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ApiException("Interrupted");
        }
    }

    private JsonNode answer(HttpResponse<String> response) throws ApiException {
        JsonNode json;
        try {
            json = MAPPER.readTree(response.body());
        } catch (JsonProcessingException e) {
            throw new ApiException("What answers at " + url + " is not Posthouse");
        }
        if (response.statusCode() == 401) {
            throw new ApiException("The server at " + url + " does not know this token");
        }
        if (response.statusCode() != 200) {
            throw new ApiException(reason(response.statusCode(), json));
        }
        return json;
    }

    private String reason(int status, JsonNode problem) {
        StringBuilder reason = new StringBuilder(
                problem.path("detail").asText("The server at " + url + " answered with status " + status));
        problem.path("findings").forEach(finding -> reason.append("\n  ").append(finding.asText()));
        return reason.toString();
    }
}
