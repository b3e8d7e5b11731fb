// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.authhttp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Proxy;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.posthouse.api.Session;
import org.posthouse.api.hook.Authenticator.Answer;
import org.posthouse.api.hook.Authenticator.Credentials;

final class AuthHttpTest {
    private static final String ANNA =
            "Basic " + Base64.getEncoder().encodeToString("anna:p\u00e4ssword".getBytes(StandardCharsets.UTF_8));

    private final AtomicInteger asked = new AtomicInteger();
    private final Map<String, Object> settings = new HashMap<>();
    private HttpServer server;
    private AuthHttp plugin;

    private void serve(HttpHandler handler) throws IOException {
        serve(HttpServer.create(), "http", handler);
    }

    private void serve(HttpServer made, String scheme, HttpHandler handler) throws IOException {
        server = made;
        server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 50);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/", exchange -> {
            asked.incrementAndGet();
            handler.handle(exchange);
        });
        server.start();
        settings.put("url", scheme + "://127.0.0.1:" + server.getAddress().getPort() + "/auth");
    }

    private static void answer(HttpExchange exchange, int status) throws IOException {
        exchange.sendResponseHeaders(status, -1);
        exchange.close();
    }

    private static void annaOnly(HttpExchange exchange) throws IOException {
        answer(exchange, ANNA.equals(exchange.getRequestHeaders().getFirst("Authorization")) ? 204 : 401);
    }

    private AuthHttp plugin() {
        if (plugin == null) {
            Map<String, Object> defaults =
                    Map.of("timeout", 20_000L, "cache", 60_000L, "cacheDenied", 60_000L, "pause", 60_000L);
            plugin = new AuthHttp((AuthHttp.Config) Proxy.newProxyInstance(
                    AuthHttpTest.class.getClassLoader(),
                    new Class<?>[] {AuthHttp.Config.class},
                    (proxy, method, arguments) -> settings.getOrDefault(
                            method.getName(), defaults.getOrDefault(method.getName(), method.getDefaultValue()))));
        }
        return plugin;
    }

    private Answer ask(String user, String password) {
        Session nobody = (Session) Proxy.newProxyInstance(
                AuthHttpTest.class.getClassLoader(), new Class<?>[] {Session.class}, (proxy, method, arguments) -> {
                    throw new UnsupportedOperationException(method.getName());
                });
        return plugin().authenticate(nobody, new Credentials.Password(user, password));
    }

    @AfterEach
    void close() {
        if (plugin != null) {
            plugin.close();
        }
        if (server != null) {
            server.stop(0);
        }
    }

    @Test
    void letsInWhomTheEndpointLetsIn() throws IOException {
        serve(AuthHttpTest::annaOnly);
        assertEquals(new Answer.Granted("anna"), ask("anna", "p\u00e4ssword"));
        assertEquals(new Answer.Denied("the endpoint said 401"), ask("anna", "wrong"));
        assertEquals(new Answer.Denied("a colon in the user name"), ask("anna:x", "p\u00e4ssword"));
    }

    @Test
    void takesThePrincipalFromTheHeader() throws IOException {
        settings.put("header", "X-Who");
        serve(exchange -> {
            exchange.getResponseHeaders().add("X-Who", "anna@local.test");
            answer(exchange, 200);
        });
        assertEquals(new Answer.Granted("anna@local.test"), ask("anna", "x"));
    }

    @Test
    void remembersYesAndNoAndNothingOfThePassword() throws IOException {
        serve(AuthHttpTest::annaOnly);
        for (int i = 0; i < 3; i++) {
            ask("anna", "p\u00e4ssword");
            ask("anna", "wrong");
        }
        assertEquals(2, asked.get());
    }

    @Test
    void forgetsTheOldestAnswers() throws IOException {
        settings.put("cacheSize", 1);
        serve(AuthHttpTest::annaOnly);
        ask("anna", "p\u00e4ssword");
        ask("bert", "x");
        ask("anna", "p\u00e4ssword");
        assertEquals(3, asked.get());
    }

    @Test
    void asksOnceWhereManyWantToKnowTheSame() throws Exception {
        CountDownLatch go = new CountDownLatch(1);
        serve(exchange -> {
            try {
                go.await();
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
            answer(exchange, 200);
        });
        plugin();
        AtomicInteger granted = new AtomicInteger();
        List<Thread> all = many(20, () -> {
            if (ask("anna", "x") instanceof Answer.Granted) {
                granted.incrementAndGet();
            }
        });
        while (asked.get() == 0) {
            Thread.onSpinWait();
        }
        go.countDown();
        for (Thread one : all) {
            assertTrue(one.join(Duration.ofSeconds(20)));
        }
        assertEquals(20, granted.get());
        assertEquals(1, asked.get());
    }

    private static List<Thread> many(int count, Runnable work) {
        List<Thread> all = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            all.add(Thread.ofVirtual().start(work));
        }
        return all;
    }

    @Test
    void leavesAnEndpointAloneThatGivesNoAnswer() throws IOException {
        serve(exchange -> {
            // Never answered: the client gives up.
        });
        settings.put("timeout", 500L);
        long began = System.nanoTime();
        assertInstanceOf(Answer.Unavailable.class, ask("anna", "x"));
        long spent = Duration.ofNanos(System.nanoTime() - began).toMillis();
        assertTrue(spent >= 400 && spent < 15_000, spent + " ms");
        for (int i = 0; i < 100; i++) {
            assertInstanceOf(Answer.Unavailable.class, ask("user" + i, "x"));
        }
        assertEquals(1, asked.get());
    }

    @Test
    void asksAgainAfterThePause() throws IOException {
        settings.put("pause", 0L);
        AtomicInteger status = new AtomicInteger(500);
        serve(exchange -> answer(exchange, status.get()));
        assertEquals(new Answer.Unavailable("the endpoint said 500"), ask("anna", "x"));
        status.set(302);
        assertEquals(new Answer.Unavailable("the endpoint said 302"), ask("anna", "x"));
        status.set(200);
        assertEquals(new Answer.Granted("anna"), ask("anna", "x"));
    }

    @Test
    void sendsNoPasswordToACertificateNobodyVouchesFor(@TempDir Path folder) throws Exception {
        Path store = folder.resolve("store.p12");
        Process keytool = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-keyalg",
                        "EC",
                        "-dname",
                        "CN=127.0.0.1",
                        "-ext",
                        "san=ip:127.0.0.1",
                        "-storetype",
                        "PKCS12",
                        "-keystore",
                        store.toString(),
                        "-storepass",
                        "changeit")
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        assertEquals(0, keytool.waitFor());
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(store)) {
            keys.load(in, "changeit".toCharArray());
        }
        KeyManagerFactory managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        managers.init(keys, "changeit".toCharArray());
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(managers.getKeyManagers(), null, null);
        HttpsServer https = HttpsServer.create();
        https.setHttpsConfigurator(new HttpsConfigurator(context));
        serve(https, "https", exchange -> answer(exchange, 200));
        Answer.Unavailable answer = assertInstanceOf(Answer.Unavailable.class, ask("anna", "x"));
        assertTrue(answer.reason().contains("SSLHandshakeException"), answer.reason());
        assertEquals(0, asked.get());
    }

    @Test
    void sendsPasswordsInClearOnThisMachineOnly() {
        for (String url : List.of("http://192.0.2.1/", "http://example.org/", "ftp://127.0.0.1/", "/auth", "https:x")) {
            settings.put("url", url);
            plugin = null;
            assertThrows(IllegalArgumentException.class, this::plugin, url);
        }
    }
}
