// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.rspamd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.posthouse.api.Content;
import org.posthouse.api.Edit;
import org.posthouse.api.Message;
import org.posthouse.api.Need;
import org.posthouse.api.Stage;
import org.posthouse.api.Verdict;
import org.posthouse.api.operator.HealthCheck;
import org.posthouse.testkit.FakeSession;
import org.posthouse.testkit.FakeTransaction;
import org.posthouse.testkit.Settings;
import org.posthouse.testkit.service.FakeDns;
import org.posthouse.testkit.service.FakeState;
import org.posthouse.testkit.service.SettableClock;

final class RspamdTest {
    private static final Need[] NEEDS = {Need.BODY, Need.PEER, Need.EDIT_HEADERS, Need.NETWORK};

    private static final String RAW = "HTTP/1.1 200 OK\r\nContent-Length: 22\r\n\r\n{\"action\":\"no action\"}";

    private final SettableClock clock = SettableClock.at(Instant.parse("2026-01-05T12:00:00Z"));
    private final FakeState state = new FakeState(clock);
    private final FakeDns dns = new FakeDns();
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final Map<String, Object> settings = new HashMap<>(
            Map.of("timeout", 20_000L, "pause", 60_000L, "maxSize", 20_000_000L, "greylistWait", 300_000L));
    private final AtomicInteger asked = new AtomicInteger();
    private final AtomicReference<Headers> heads = new AtomicReference<>();
    private final AtomicReference<String> bodies = new AtomicReference<>();
    private final List<HttpServer> servers = new ArrayList<>();
    private final List<Rspamd> plugins = new ArrayList<>();
    private FakeSession.Builder session = FakeSession.with().peer("192.0.2.9").helo("mail.example.com");
    private String[] fields = {"Received: from x", "Subject: hello", "X-Spam: no", "X-Old: 1", "X-Old: 2", "X-Old: 3"};

    private String serve(HttpHandler handler) throws IOException {
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
    private void says(String answer) throws IOException {
        String url = serve(exchange -> {
            heads.set(exchange.getRequestHeaders());
            bodies.set(new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
            answer(exchange, 200, answer);
        });
        settings.put("servers", new String[] {url});
    }

    private static void answer(HttpExchange exchange, int status, String text) throws IOException {
        byte[] octets = text.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(status, octets.length);
        exchange.getResponseBody().write(octets);
        exchange.close();
    }

    private Rspamd plugin() {
        Object[] pairs = settings.entrySet().stream()
                .flatMap(entry -> List.of(entry.getKey(), entry.getValue()).stream())
                .toArray();
        Rspamd plugin = new Rspamd(Settings.of(Rspamd.Config.class, pairs), dns, state, meters, clock);
        plugins.add(plugin);
        return plugin;
    }

    private FakeTransaction transaction() {
        return FakeTransaction.at(Stage.DATA)
                .in(session)
                .needs(NEEDS)
                .from("anna@example.org")
                .to("bert@example.net", "carl@example.net")
                .headers(fields)
                .body("hello\r\n")
                .build();
    }

    private Verdict ask(FakeTransaction tx) {
        return plugin().onMessage(tx, tx.message());
    }

    private Verdict ask() {
        return ask(transaction());
    }

    private double count(String outcome) {
        return meters.counter("posthouse.rspamd.answers", "outcome", outcome).count();
    }

    @AfterEach
    void close() {
        plugins.forEach(Rspamd::close);
        servers.forEach(server -> server.stop(0));
    }

    @Test
    void tellsRspamdWhoSendsWhatToWhom() throws IOException {
        says("{\"action\":\"no action\",\"score\":0.1,\"required_score\":15}");
        settings.put("mtaName", "mx.example.net");
        settings.put("settingsId", "strict");
        session = FakeSession.with()
                .peer("2001:db8::7")
                .helo("h.example.com")
                .user("anna")
                .tls("TLSv1.3 TLS_AES_256_GCM_SHA384")
                .note(Envelope.HOSTNAME, "host.example.com");
        FakeTransaction tx = transaction();
        assertEquals(Verdict.next().because("rspamd: no-action 0.10 of 15.00"), ask(tx));
        Headers head = heads.get();
        assertEquals("2001:db8:0:0:0:0:0:7", head.getFirst("IP"));
        assertEquals("h.example.com", head.getFirst("Helo"));
        assertEquals("host.example.com", head.getFirst("Hostname"));
        assertEquals("<anna@example.org>", head.getFirst("From"));
        assertEquals(List.of("bert@example.net", "carl@example.net"), head.get("Rcpt"));
        assertEquals("anna", head.getFirst("User"));
        assertEquals(FakeTransaction.ID, head.getFirst("Queue-Id"));
        assertEquals("TLSv1.3", head.getFirst("TLS-Version"));
        assertEquals("TLS_AES_256_GCM_SHA384", head.getFirst("TLS-Cipher"));
        assertEquals("mx.example.net", head.getFirst("MTA-Name"));
        assertEquals("strict", head.getFirst("Settings-Id"));
        assertEquals(String.join("\r\n", fields) + "\r\n\r\nhello\r\n", bodies.get());
        assertEquals(String.valueOf(bodies.get().length()), head.getFirst("Content-Length"), "its length is known");
        assertEquals(Map.of("RSPAMD", 0.1), tx.scores());
        assertEquals(1.0, count("no-action"));
    }

    @Test
    void namesTheOnlyRecipientAsTheOneItIsDeliveredTo() throws IOException {
        says("{\"action\":\"no action\"}");
        ask(FakeTransaction.at(Stage.DATA)
                .in(session)
                .needs(NEEDS)
                .from("")
                .to("postmaster")
                .build());
        assertEquals("postmaster", heads.get().getFirst("Deliver-To"));
        assertEquals("<>", heads.get().getFirst("From"));
    }

    /** The JDK's server takes 200 fields, rspamd takes 80 kB. */
    @Test
    void namesAsManyRecipientsAsAHeadCanHold() throws Exception {
        String[] many = new String[20_000];
        for (int i = 0; i < many.length; i++) {
            many[i] = "recipient" + i + "@example.net";
        }
        AtomicInteger octets = new AtomicInteger();
        AtomicInteger named = new AtomicInteger();
        try (ServerSocket server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            settings.put("servers", new String[] {"http://127.0.0.1:" + server.getLocalPort()});
            Thread.ofVirtual().start(() -> {
                try (Socket client = server.accept()) {
                    BufferedReader in = new BufferedReader(
                            new InputStreamReader(client.getInputStream(), StandardCharsets.US_ASCII));
                    for (String line = in.readLine(); !line.isEmpty(); line = in.readLine()) {
                        octets.addAndGet(line.length() + 2);
                        named.addAndGet(line.startsWith("Rcpt: ") ? 1 : 0);
                    }
                    client.getOutputStream().write(RAW.getBytes(StandardCharsets.US_ASCII));
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
            FakeTransaction tx = FakeTransaction.at(Stage.DATA)
                    .in(session)
                    .needs(NEEDS)
                    .to(many)
                    .build();
            assertInstanceOf(Verdict.Continue.class, ask(tx));
        }
        assertTrue(named.get() > 500 && octets.get() < 40_000, named + " recipients in " + octets + " octets");
    }

    @Test
    void tellsTheClientWhatRspamdWantsItTold() throws IOException {
        says("""
                {"action":"reject","score":15.5,"required_score":15,"messages":{"smtp_message":"Gtube\\r\\npattern \u00fc"},
                 "symbols":{"A":{"name":"A","score":0.5},"GTUBE":{"name":"GTUBE","score":-7},"B":{"score":3.25}}}""");
        settings.put("symbols", 2);
        Verdict.Reject verdict = assertInstanceOf(Verdict.Reject.class, ask());
        assertEquals("550 5.7.1 Gtube pattern ?", verdict.reply().toString());
        assertEquals("rspamd: reject 15.50 of 15.00: GTUBE -7.00, B 3.25", verdict.reason());
    }

    @Test
    void saysSomethingItselfWhereRspamdSaysNothing() throws IOException {
        says("{\"action\":\"reject\"}");
        assertEquals(
                "550 5.7.1 Message refused as unwanted",
                assertInstanceOf(Verdict.Reject.class, ask()).reply().toString());
    }

    @Test
    void defersWhatIsSoftlyRejected() throws IOException {
        says("{\"action\":\"soft reject\",\"messages\":{\"smtp_message\":\"Greylisted\"}}");
        FakeTransaction tx = transaction();
        assertEquals(
                "451 4.7.1 Greylisted",
                assertInstanceOf(Verdict.Defer.class, ask(tx)).reply().toString());
        assertEquals(List.of(), tx.edits());
    }

    @Test
    void greylistsUntilTheClientHasWaited() throws IOException {
        says("{\"action\":\"greylist\",\"score\":5}");
        assertInstanceOf(Verdict.Defer.class, ask());
        clock.pass(Duration.ofMinutes(4));
        assertInstanceOf(Verdict.Defer.class, ask());
        clock.pass(Duration.ofMinutes(1));
        assertInstanceOf(Verdict.Continue.class, ask());
        session = FakeSession.with().peer("198.51.100.9");
        assertInstanceOf(Verdict.Defer.class, ask(), "another network waits too");
    }

    @Test
    void letsNobodyWaitTwice() throws IOException {
        says("{\"action\":\"soft reject\"}");
        assertInstanceOf(Verdict.Defer.class, ask());
        clock.pass(Duration.ofMinutes(6));
        says("{\"action\":\"greylist\"}");
        assertInstanceOf(Verdict.Continue.class, ask());
    }

    @Test
    void tagsAndTakesTheMarksOfStrangersAway() throws IOException {
        says("{\"action\":\"add header\",\"score\":7}");
        FakeTransaction tx = transaction();
        assertInstanceOf(Verdict.Continue.class, ask(tx));
        assertEquals(List.of(new Edit.RemoveHeader("X-Spam", 0), Edit.addHeader("X-Spam", "Yes")), tx.edits());
    }

    @Test
    void takesTheMarksOfStrangersAwayFromGoodMailToo() throws IOException {
        says("{\"action\":\"no action\"}");
        FakeTransaction tx = transaction();
        ask(tx);
        assertEquals(List.of(new Edit.RemoveHeader("X-Spam", 0)), tx.edits());
    }

    @Test
    void editsFieldsAtThePositionsThatRspamdNames() throws IOException {
        says("""
                {"action":"no action","milter":{
                 "remove_headers":{"X-Old":0,"x-old":-1,"Subject":2,"X-None":1},
                 "add_headers":{"X-A":"a","X-B":[{"value":"b1","order":1},{"value":"b2","order":0}],
                  "X-C":{"value":"c","order":-2},"X-D":{"value":"d","order":3},"X-E":{"value":"e","order":99},
                  "X-F":{"value":"one\\n\\ttwo\\r\\nthree\\n\\nfour","order":-1},"Bad Name":"x","X-G":""}}}""");
        FakeTransaction tx = transaction();
        ask(tx);
        assertEquals(
                List.of(
                        new Edit.RemoveHeader("X-Spam", 0),
                        new Edit.RemoveHeader("X-Old", 0),
                        new Edit.RemoveHeader("x-old", 3),
                        Edit.addHeader("X-A", "a"),
                        new Edit.InsertHeader(0, "X-B", "b1"),
                        new Edit.InsertHeader(0, "X-B", "b2"),
                        new Edit.InsertHeader(5, "X-C", "c"),
                        new Edit.InsertHeader(2, "X-D", "d"),
                        new Edit.InsertHeader(6, "X-E", "e"),
                        Edit.addHeader("X-F", "one\r\n\ttwo\r\n\tthree\r\n\tfour")),
                tx.edits());
    }

    @Test
    void leavesFieldsAloneWhereTheOperatorSaysSo() throws IOException {
        says("""
                {"action":"add header","dkim-signature":"v=1","milter":{"add_headers":{"X-A":"a"},"spam_header":"maybe"}}""");
        settings.put("milterHeaders", false);
        FakeTransaction tx = transaction();
        ask(tx);
        assertEquals(List.of(new Edit.RemoveHeader("X-Spam", 0), Edit.addHeader("X-Spam", "Yes")), tx.edits());
    }

    @Test
    void marksAsRspamdSays() throws IOException {
        says("{\"action\":\"add header\",\"milter\":{\"spam_header\":\"7.5\"}}");
        FakeTransaction tx = transaction();
        ask(tx);
        assertEquals(Edit.addHeader("X-Spam", "7.5"), tx.edits().getLast());
        says("{\"action\":\"add header\",\"milter\":{\"spam_header\":{\"X-Old\":\"new\"}}}");
        tx = transaction();
        ask(tx);
        assertEquals(
                List.of(
                        new Edit.RemoveHeader("X-Spam", 0),
                        new Edit.RemoveHeader("X-Old", 0),
                        Edit.addHeader("X-Old", "new")),
                tx.edits());
    }

    @Test
    void rewritesTheSubject() throws IOException {
        says("{\"action\":\"rewrite subject\",\"subject\":\"[SPAM] hello\"}");
        FakeTransaction tx = transaction();
        ask(tx);
        assertEquals(
                new Edit.ChangeHeader("Subject", 1, "[SPAM] hello"), tx.edits().getLast());
        fields = new String[] {"X-Other: none"};
        tx = transaction();
        ask(tx);
        assertEquals(List.of(Edit.addHeader("Subject", "[SPAM] hello")), tx.edits());
    }

    @Test
    void putsSignaturesOnTopWhenTold() throws IOException {
        says("{\"action\":\"no action\",\"dkim-signature\":[\"v=1; a=x;\\n\\tb=1\",\"v=1; b=2\"]}");
        settings.put("dkimSignature", true);
        fields = new String[] {"Subject: x"};
        FakeTransaction tx = transaction();
        ask(tx);
        assertEquals(
                List.of(
                        Edit.prependHeader("DKIM-Signature", "v=1; a=x;\r\n\tb=1"),
                        Edit.prependHeader("DKIM-Signature", "v=1; b=2")),
                tx.edits());
    }

    @Test
    void doesWhatTheOperatorMadeOfEachAction() throws IOException {
        says("{\"action\":\"reject\"}");
        settings.put("reject", "hold");
        assertInstanceOf(Verdict.Hold.class, ask());
        settings.put("reject", "tag");
        FakeTransaction tx = transaction();
        assertInstanceOf(Verdict.Continue.class, ask(tx));
        assertEquals(Edit.addHeader("X-Spam", "Yes"), tx.edits().getLast());
        says("{\"action\":\"discard\"}");
        assertInstanceOf(Verdict.Discard.class, ask());
        says("{\"action\":\"quarantine\"}");
        assertInstanceOf(Verdict.Hold.class, ask());
        says("{\"action\":\"phone the postmaster\"}");
        assertInstanceOf(Verdict.Continue.class, ask());
        assertEquals(1.0, count("other"));
    }

    @Test
    void honoursWhatIsAskedInPlaceOfARefusal() throws IOException {
        says("{\"action\":\"reject\",\"milter\":{\"reject\":\"quarantine\"}}");
        assertInstanceOf(Verdict.Hold.class, ask());
        says("{\"action\":\"reject\",\"milter\":{\"reject\":\"discard\"}}");
        assertInstanceOf(Verdict.Discard.class, ask());
        says("{\"action\":\"reject\",\"milter\":{\"no_action\":true}}");
        assertInstanceOf(Verdict.Continue.class, ask());
    }

    @Test
    void boundsTheScore() throws IOException {
        says("{\"action\":\"no action\",\"score\":-1e300}");
        FakeTransaction tx = transaction();
        ask(tx);
        assertEquals(Map.of("RSPAMD", -20.0), tx.scores());
        settings.put("maxScore", 0.0);
        tx = transaction();
        ask(tx);
        assertEquals(Map.of(), tx.scores());
    }

    @Test
    void hasNoOpinionWhereRspamdSkipped() throws IOException {
        says("{\"is_skipped\":true,\"action\":\"no action\",\"score\":3}");
        FakeTransaction tx = transaction();
        assertInstanceOf(Verdict.Continue.class, ask(tx));
        assertEquals(Map.of(), tx.scores());
    }

    @Test
    void refusesWhatRspamdRefusedWithoutALook() throws IOException {
        says("{\"is_skipped\":true,\"action\":\"reject\",\"score\":15.0}");
        assertInstanceOf(Verdict.Reject.class, ask());
    }

    @Test
    void asksTheNextServerWhereOneGivesNoAnswer() throws IOException {
        says("{\"action\":\"no action\"}");
        String good = ((String[]) settings.get("servers"))[0];
        for (String bad : List.of(
                serve(exchange -> answer(exchange, 500, "{\"action\":\"reject\"}")),
                serve(exchange -> answer(exchange, 200, "no json")),
                serve(exchange -> answer(exchange, 200, "{\"action\":\"reject\"")),
                serve(exchange -> answer(exchange, 200, "{}")),
                serve(exchange -> answer(exchange, 200, "{\"x\":\"" + "y".repeat(600_000) + "\"}")),
                serve(exchange -> answer(exchange, 200, "[".repeat(100_000))),
                serve(HttpExchange::close),
                "http://127.0.0.1:1",
                "http://nowhere.example:11333")) {
            settings.put("servers", new String[] {bad, good});
            assertInstanceOf(Verdict.Continue.class, ask(), bad);
        }
        assertEquals(0.0, count("no-answer"));
    }

    @Test
    void readsTheWholeMessageForEachServer() throws IOException {
        says("{\"action\":\"no action\"}");
        String good = ((String[]) settings.get("servers"))[0];
        String bad = serve(exchange -> {
            exchange.getRequestBody().readAllBytes();
            answer(exchange, 503, "");
        });
        settings.put("servers", new String[] {bad, good});
        ask();
        assertTrue(bodies.get().endsWith("\r\n\r\nhello\r\n"), bodies.get());
    }

    @Test
    void asksOfAMessageWithoutAnyOctets() throws IOException {
        says("{\"action\":\"no action\"}");
        FakeTransaction tx = transaction();
        assertInstanceOf(Verdict.Continue.class, plugin().onMessage(tx, new Empty(tx.message())));
        assertEquals("", bodies.get());
        assertEquals(1.0, count("no-action"));
    }

    /** A message of which no octet came. */
    private record Empty(Message of) implements Message {
        @Override
        public org.posthouse.api.Headers headers() {
            return of.headers();
        }

        @Override
        public Content received() {
            return new NoOctets();
        }

        @Override
        public Content current() {
            return new NoOctets();
        }
    }

    private record NoOctets() implements Content {
        @Override
        public long size() {
            return 0;
        }

        @Override
        public InputStream open() {
            return InputStream.nullInputStream();
        }
    }

    @Test
    void looksNamesUpByTheServersOwnResolver() throws IOException {
        says("{\"action\":\"no action\"}");
        String port = ((String[]) settings.get("servers"))[0].replaceAll(".*:", "");
        dns.address("rspamd.example", "127.0.0.1");
        settings.put("servers", new String[] {"http://rspamd.example:" + port});
        assertInstanceOf(Verdict.Continue.class, ask());
        assertEquals(1.0, count("no-action"));
    }

    @Test
    void defersOrContinuesWhenNobodyAnswers() {
        settings.put("servers", new String[] {"http://127.0.0.1:1"});
        Verdict.Defer verdict = assertInstanceOf(Verdict.Defer.class, ask());
        assertEquals("451 4.7.1 Try again later", verdict.reply().toString());
        settings.put("onError", "continue");
        assertEquals(Verdict.next().because("rspamd gives no answer"), ask());
        assertEquals(2.0, count("no-answer"));
    }

    @Test
    void removesTheMarkOfAStrangerAlsoWhereRspamdSaysNothing() {
        settings.put("servers", new String[] {"http://127.0.0.1:1"});
        fields = new String[] {"Subject: hello", "X-Spam: no, trust me"};
        FakeTransaction refused = transaction();
        assertInstanceOf(Verdict.Defer.class, ask(refused));
        assertEquals(List.of(), refused.edits());
        settings.put("onError", "continue");
        FakeTransaction unheard = transaction();
        assertInstanceOf(Verdict.Continue.class, ask(unheard));
        assertEquals(List.of(new Edit.RemoveHeader("X-Spam", 0)), unheard.edits());
        settings.put("maxSize", 20L);
        FakeTransaction big = transaction();
        assertInstanceOf(Verdict.Continue.class, ask(big));
        assertEquals(List.of(new Edit.RemoveHeader("X-Spam", 0)), big.edits());
        session = FakeSession.with().trusted();
        FakeTransaction exempt = transaction();
        assertEquals(Verdict.next(), ask(exempt));
        assertEquals(List.of(), exempt.edits());
    }

    @Test
    void givesUpOnAServerThatIsSilent() throws IOException {
        CountDownLatch end = new CountDownLatch(1);
        String silent = serve(exchange -> {
            try {
                end.await();
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
        });
        String slow = serve(exchange -> {
            exchange.sendResponseHeaders(200, 100);
            exchange.getResponseBody().write('{');
            exchange.getResponseBody().flush();
            try {
                end.await();
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
        });
        settings.put("timeout", 300L);
        settings.put("servers", new String[] {silent, slow});
        long began = System.nanoTime();
        assertInstanceOf(Verdict.Defer.class, ask());
        long spent = Duration.ofNanos(System.nanoTime() - began).toMillis();
        end.countDown();
        assertTrue(spent >= 500 && spent < 15_000, spent + " ms");
    }

    @Test
    void endsWhenItIsInterrupted() throws Exception {
        CountDownLatch end = new CountDownLatch(1);
        CountDownLatch reached = new CountDownLatch(1);
        String silent = serve(exchange -> {
            reached.countDown();
            try {
                end.await();
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
        });
        settings.put("servers", new String[] {silent});
        Thread asking = Thread.ofVirtual().start(this::ask);
        reached.await();
        asking.interrupt();
        assertTrue(asking.join(Duration.ofSeconds(10)));
        end.countDown();
    }

    @Test
    void leavesAServerAloneThatFailsAgainAndAgain() throws IOException {
        String bad = serve(exchange -> answer(exchange, 500, ""));
        settings.put("servers", new String[] {bad});
        Rspamd plugin = plugin();
        for (int i = 0; i < 20; i++) {
            FakeTransaction tx = transaction();
            assertInstanceOf(Verdict.Defer.class, plugin.onMessage(tx, tx.message()));
        }
        assertEquals(3, asked.get());
    }

    @Test
    void sparesWhatIsTrustedOrTooLarge() throws IOException {
        says("{\"action\":\"reject\"}");
        session = FakeSession.with().trusted();
        assertEquals(Verdict.next(), ask());
        settings.put("exemptTrusted", false);
        assertInstanceOf(Verdict.Reject.class, ask());
        session = FakeSession.with().user("anna");
        assertInstanceOf(Verdict.Reject.class, ask());
        settings.put("exemptAuthenticated", true);
        assertEquals(Verdict.next(), ask());
        session = FakeSession.with();
        settings.put("maxSize", 20L);
        assertInstanceOf(Verdict.Continue.class, ask());
        assertEquals(2, asked.get());
        assertEquals(1.0, count("too-big"));
    }

    @Test
    void warnsOfServersThatAreSilent() throws IOException {
        String good = serve(
                exchange -> answer(exchange, exchange.getRequestURI().getPath().equals("/ping") ? 200 : 404, "pong"));
        settings.put("servers", new String[] {good});
        assertEquals(HealthCheck.Finding.OK, plugin().check());
        settings.put("servers", new String[] {good, "http://127.0.0.1:1"});
        HealthCheck.Finding finding = plugin().check();
        assertEquals(HealthCheck.Level.WARN, finding.level());
        assertTrue(finding.detail().startsWith("not all servers answer: http://127.0.0.1:1"), finding.detail());
        assertFalse(finding.detail().contains(good), finding.detail());
    }

    @Test
    void refusesAConfigurationThatCanNotWork() {
        for (String url : List.of("127.0.0.1:11333", "ftp://127.0.0.1", "http:", "http://user:secret@127.0.0.1")) {
            settings.put("servers", new String[] {url});
            assertThrows(IllegalArgumentException.class, this::plugin, url);
        }
        settings.put("servers", new String[] {});
        assertThrows(IllegalArgumentException.class, this::plugin);
        settings.remove("servers");
        for (String field : List.of("X-Spam", "X Spam: yes", ": yes", "X-Spam:")) {
            settings.put("spamHeader", field);
            assertThrows(IllegalArgumentException.class, this::plugin, field);
        }
    }
}
