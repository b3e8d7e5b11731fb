// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.rspamd;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.posthouse.api.Need;
import org.posthouse.api.Stage;
import org.posthouse.api.Verdict;
import org.posthouse.testkit.FakeSession;
import org.posthouse.testkit.FakeTransaction;
import org.posthouse.testkit.Settings;
import org.posthouse.testkit.service.FakeDns;
import org.posthouse.testkit.service.FakeState;
import org.posthouse.testkit.service.SettableClock;

/** The plugin with servers that answer as a test wants them to. */
final class RspamdBench implements AfterEachCallback {
    static final Need[] NEEDS = {Need.BODY, Need.PEER, Need.EDIT_HEADERS, Need.NETWORK};

    final SettableClock clock = SettableClock.at(Instant.parse("2026-01-05T12:00:00Z"));
    private final FakeState state = new FakeState(clock);
    final FakeDns dns = new FakeDns();
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    final Map<String, Object> settings = new HashMap<>(
            Map.of("timeout", 20_000L, "pause", 60_000L, "maxSize", 20_000_000L, "greylistWait", 300_000L));
    final AtomicInteger asked = new AtomicInteger();
    final AtomicReference<Headers> heads = new AtomicReference<>();
    final AtomicReference<String> bodies = new AtomicReference<>();
    private final List<HttpServer> servers = new ArrayList<>();
    private final List<Rspamd> plugins = new ArrayList<>();
    FakeSession.Builder session = FakeSession.with().peer("192.0.2.9").helo("mail.example.com");
    String[] fields = {"Received: from x", "Subject: hello", "X-Spam: no", "X-Old: 1", "X-Old: 2", "X-Old: 3"};

    String serve(HttpHandler handler) throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 50);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/", exchange -> {
            asked.incrementAndGet();
            handler.handle(exchange);
        });
        server.start();
        servers.add(server);
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    /** A server that answers each question with this text. */
    void says(String answer) throws IOException {
        String url = serve(exchange -> {
            heads.set(exchange.getRequestHeaders());
            bodies.set(new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
            answer(exchange, 200, answer);
        });
        settings.put("servers", new String[] {url});
    }

    static void answer(HttpExchange exchange, int status, String text) throws IOException {
        byte[] octets = text.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(status, octets.length);
        exchange.getResponseBody().write(octets);
        exchange.close();
    }

    Rspamd plugin() {
        Object[] pairs = settings.entrySet().stream()
                .flatMap(entry -> List.of(entry.getKey(), entry.getValue()).stream())
                .toArray();
        Rspamd plugin = new Rspamd(Settings.of(Rspamd.Config.class, pairs), dns, state, meters, clock);
        plugins.add(plugin);
        return plugin;
    }

    FakeTransaction transaction() {
        return FakeTransaction.at(Stage.DATA)
                .in(session)
                .needs(NEEDS)
                .from("anna@example.org")
                .to("bert@example.net", "carl@example.net")
                .headers(fields)
                .body("hello\r\n")
                .build();
    }

    /** What a new plugin, as it is configured now, says of it. */
    Verdict ask(FakeTransaction tx) {
        return plugin().onMessage(tx, tx.message());
    }

    Verdict ask() {
        return ask(transaction());
    }

    double count(String outcome) {
        return meters.counter("posthouse.rspamd.answers", "outcome", outcome).count();
    }

    @Override
    public void afterEach(ExtensionContext test) {
        plugins.forEach(Rspamd::close);
        servers.forEach(server -> server.stop(0));
    }
}
