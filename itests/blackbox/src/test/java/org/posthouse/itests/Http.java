// SPDX-License-Identifier: Apache-2.0
package org.posthouse.itests;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.Base64;

/** Asks a web server. */
final class Http {
    private static final HttpClient CLIENT = HttpClient.newHttpClient();

    private Http() {}

    static String get(String url, String... headers) throws IOException {
        return send("GET", url, headers).body();
    }

    /** Asks the REST API of a daemon. */
    static HttpResponse<String> api(Daemon daemon, String method, String path) throws IOException {
        String token =
                Files.readString(daemon.data().resolve("secrets/api-token")).strip();
        return send(method, "http://127.0.0.1:" + daemon.http + "/api/v1" + path, "Authorization", "Bearer " + token);
    }

    /** The answer of the REST API of a daemon to GET. */
    static JsonNode json(Daemon daemon, String path) throws IOException {
        return Tool.json(api(daemon, "GET", path).body());
    }

    /** Asks the web console of a daemon, as its user. */
    static HttpResponse<String> console(Daemon daemon, String method, String page) throws IOException {
        String password = Files.readString(daemon.data().resolve("secrets/console-password"))
                .strip();
        String credentials = Base64.getEncoder().encodeToString(("admin:" + password).getBytes(StandardCharsets.UTF_8));
        return send(
                method,
                "http://127.0.0.1:" + daemon.http + "/system/console/" + page,
                "Authorization",
                "Basic " + credentials);
    }

    static HttpResponse<String> send(String method, String url, String... headers) throws IOException {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(URI.create(url)).method(method, HttpRequest.BodyPublishers.noBody());
        if (headers.length > 0) {
            request.headers(headers);
        }
        try {
            return CLIENT.send(request.build(), HttpResponse.BodyHandlers.ofString());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }
}
