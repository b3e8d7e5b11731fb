// SPDX-License-Identifier: Apache-2.0
package org.posthouse.telemetry.health;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.posthouse.telemetry.health.Probe.Page;
import org.posthouse.telemetry.meters.Meters;

class PageServerTest {
    private final Meters meters = new Meters("1.2.3");
    private final HttpClient client = HttpClient.newHttpClient();
    private PageServer server;

    @BeforeEach
    void start() throws IOException {
        server = new PageServer(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                Map.of(
                        "/metrics", () -> new Page(200, "text/plain; version=0.0.4", meters.scrape()),
                        "/ready", () -> new Page(503, "application/json", "{}\n"),
                        "/broken",
                                () -> {
                                    throw new IllegalStateException("broken");
                                }));
    }

    @AfterEach
    void stop() throws IOException {
        server.close();
        meters.close();
    }

    private HttpResponse<String> get(String path) throws Exception {
        URI uri = URI.create("http://127.0.0.1:" + server.port() + path);
        return client.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
    }

    @Test
    void showsMetersInTheFormatOfPrometheus() throws Exception {
        meters.registry().counter("posthouse.test", "kind", "a").increment(3);
        HttpResponse<String> response = get("/metrics?x=y");
        assertEquals(200, response.statusCode());
        assertTrue(response.body().contains("posthouse_test_total{kind=\"a\"} 3.0"), response.body());
        assertTrue(response.body().contains("posthouse_info{version=\"1.2.3\"} 1"), response.body());
        assertTrue(response.body().contains("jvm_memory_used_bytes{"));
        assertTrue(response.body().contains("jvm_threads_live_threads "));
        assertTrue(response.body().contains("process_files_open_files "));
        assertTrue(response.body().contains("jvm_gc_max_data_size_bytes "));
    }

    @Test
    void answersWithStatusAndType() throws Exception {
        HttpResponse<String> response = get("/ready");
        assertEquals(503, response.statusCode());
        assertEquals("{}\n", response.body());
        assertEquals(
                "application/json; charset=utf-8",
                response.headers().firstValue("content-type").orElse(""));
        assertEquals(404, get("/").statusCode());
        assertEquals(500, get("/broken").statusCode());
    }

    @Test
    void refusesOtherMethods() throws IOException {
        assertTrue(raw("POST /ready HTTP/1.1\r\n\r\n").startsWith("HTTP/1.1 405 "));
        assertTrue(raw("nonsense\r\n\r\n").startsWith("HTTP/1.1 400 "));
        String head = raw("HEAD /ready HTTP/1.1\r\n\r\n");
        assertTrue(head.startsWith("HTTP/1.1 503 ") && head.endsWith("\r\n\r\n"), head);
    }

    @Test
    void anEndlessHeadIsCut() throws IOException {
        assertEquals("", raw("GET / HTTP/1.1\r\nX: " + "x".repeat(20_000)));
    }

    @Test
    void cutsTheSlowWhenOthersCome() throws IOException {
        server.close();
        server = new PageServer(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                Map.of("/ready", () -> new Page(200, "application/json", "{}\n")),
                0);
        try (Socket slow = new Socket("127.0.0.1", server.port())) {
            slow.getOutputStream().write("GET /re".getBytes(StandardCharsets.US_ASCII));
            assertTrue(raw("GET /ready HTTP/1.1\r\n\r\n").startsWith("HTTP/1.1 200 "));
            slow.setSoTimeout(4_000);
            int end;
            try {
                end = slow.getInputStream().read();
            } catch (SocketException reset) {
                end = -1;
            }
            assertEquals(-1, end);
        }
    }

    @Test
    void closesCleanlyAndFreesThePort() throws IOException {
        int port = server.port();
        try (Socket idle = new Socket("127.0.0.1", port)) {
            server.close();
            int end;
            try {
                end = idle.getInputStream().read();
            } catch (SocketException reset) {
                end = -1;
            }
            assertEquals(-1, end);
        }
        server = new PageServer(new InetSocketAddress("127.0.0.1", port), Map.of());
    }

    @Test
    void saysWhichAddressIsTaken() {
        IOException taken = assertThrows(
                IOException.class, () -> new PageServer(new InetSocketAddress("127.0.0.1", server.port()), Map.of()));
        assertTrue(taken.getMessage().contains("127.0.0.1:" + server.port()), taken.getMessage());
    }

    @Test
    void readsAddresses() {
        assertEquals(new InetSocketAddress("127.0.0.1", 21100), MetricsPage.address("127.0.0.1:21100"));
        assertEquals(new InetSocketAddress("::1", 21101), MetricsPage.address("[::1]:21101"));
        assertTrue(MetricsPage.address("*:21102").getAddress().isAnyLocalAddress());
    }

    private String raw(String request) throws IOException {
        try (Socket socket = new Socket("127.0.0.1", server.port())) {
            socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
        } catch (SocketException e) {
            // The server may reset a connection whose request it did not read to the end.
            return "";
        }
    }
}
