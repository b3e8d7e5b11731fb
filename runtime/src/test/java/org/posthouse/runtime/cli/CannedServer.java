// SPDX-License-Identifier: Apache-2.0
package org.posthouse.runtime.cli;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** An HTTP server with prepared answers, which notes what it was asked. */
final class CannedServer {
    private record Answer(int status, String body) {}

    private final HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    private final Map<String, Answer> answers = new HashMap<>();
    private final List<String> asked = new ArrayList<>();

    CannedServer() throws IOException {
        server.createContext("/", this::handle);
        server.start();
    }

    /** Answers this, with single quotes for double ones. */
    CannedServer on(String request, int status, String body) {
        answers.put(request, new Answer(status, body.replace('\'', '"')));
        return this;
    }

    String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    /** Method, address, token and body of every request. */
    synchronized List<String> asked() {
        return List.copyOf(asked);
    }

    private synchronized void handle(HttpExchange exchange) throws IOException {
        String request = exchange.getRequestMethod() + " " + exchange.getRequestURI();
        String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
        asked.add((request + " " + exchange.getRequestHeaders().getFirst("Authorization") + " " + body).strip());
        Answer answer = answers.getOrDefault(request, new Answer(404, "{\"detail\":\"There is nothing\"}"));
        byte[] octets = answer.body().getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(answer.status(), octets.length);
        exchange.getResponseBody().write(octets);
        exchange.close();
    }

    void stop() {
        server.stop(0);
    }
}
