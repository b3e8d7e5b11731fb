// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.rspamd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.posthouse.plugins.rspamd.RspamdBench.answer;

import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.posthouse.api.Verdict;
import org.posthouse.api.operator.HealthCheck;
import org.posthouse.testkit.FakeTransaction;

/** Which server is asked, and what happens when none answers. */
final class RspamdServersTest {
    @RegisterExtension
    private final RspamdBench bench = new RspamdBench();

    @Test
    void asksTheNextServerWhereOneGivesNoAnswer() throws IOException {
        bench.says("{\"action\":\"no action\"}");
        String good = ((String[]) bench.settings.get("servers"))[0];
        for (String bad : List.of(
                bench.serve(exchange -> answer(exchange, 500, "{\"action\":\"reject\"}")),
                bench.serve(exchange -> answer(exchange, 200, "no json")),
                bench.serve(exchange -> answer(exchange, 200, "{\"action\":\"reject\"")),
                bench.serve(exchange -> answer(exchange, 200, "{}")),
                bench.serve(exchange -> answer(exchange, 200, "{\"x\":\"" + "y".repeat(600_000) + "\"}")),
                bench.serve(exchange -> answer(exchange, 200, "[".repeat(100_000))),
                bench.serve(HttpExchange::close),
                "http://127.0.0.1:1",
                "http://nowhere.example:11333")) {
            bench.settings.put("servers", new String[] {bad, good});
            assertInstanceOf(Verdict.Continue.class, bench.ask(), bad);
        }
        assertEquals(0.0, bench.count("no-answer"));
    }

    @Test
    void readsTheWholeMessageForEachServer() throws IOException {
        bench.says("{\"action\":\"no action\"}");
        String good = ((String[]) bench.settings.get("servers"))[0];
        String bad = bench.serve(exchange -> {
            exchange.getRequestBody().readAllBytes();
            answer(exchange, 503, "");
        });
        bench.settings.put("servers", new String[] {bad, good});
        bench.ask();
        assertTrue(bench.bodies.get().endsWith("\r\n\r\nhello\r\n"), bench.bodies.get());
    }

    @Test
    void looksNamesUpByTheServersOwnResolver() throws IOException {
        bench.says("{\"action\":\"no action\"}");
        String port = ((String[]) bench.settings.get("servers"))[0].replaceAll(".*:", "");
        bench.dns.address("rspamd.example", "127.0.0.1");
        bench.settings.put("servers", new String[] {"http://rspamd.example:" + port});
        assertInstanceOf(Verdict.Continue.class, bench.ask());
        assertEquals(1.0, bench.count("no-action"));
    }

    @Test
    void defersOrContinuesWhenNobodyAnswers() {
        bench.settings.put("servers", new String[] {"http://127.0.0.1:1"});
        Verdict.Defer verdict = assertInstanceOf(Verdict.Defer.class, bench.ask());
        assertEquals("451 4.7.1 Try again later", verdict.reply().toString());
        bench.settings.put("onError", "continue");
        assertEquals(Verdict.next().because("rspamd gives no answer"), bench.ask());
        assertEquals(2.0, bench.count("no-answer"));
    }

    @Test
    void givesUpOnAServerThatIsSilent() throws IOException {
        CountDownLatch end = new CountDownLatch(1);
        String silent = bench.serve(exchange -> {
            try {
                end.await();
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
        });
        String slow = bench.serve(exchange -> {
            exchange.sendResponseHeaders(200, 100);
            exchange.getResponseBody().write('{');
            exchange.getResponseBody().flush();
            try {
                end.await();
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
        });
        bench.settings.put("timeout", 300L);
        bench.settings.put("servers", new String[] {silent, slow});
        long began = System.nanoTime();
        assertInstanceOf(Verdict.Defer.class, bench.ask());
        long spent = Duration.ofNanos(System.nanoTime() - began).toMillis();
        end.countDown();
        assertTrue(spent >= 500 && spent < 15_000, spent + " ms");
    }

    @Test
    void endsWhenItIsInterrupted() throws Exception {
        CountDownLatch end = new CountDownLatch(1);
        CountDownLatch reached = new CountDownLatch(1);
        String silent = bench.serve(exchange -> {
            reached.countDown();
            try {
                end.await();
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
        });
        bench.settings.put("servers", new String[] {silent});
        Thread asking = Thread.ofVirtual().start(bench::ask);
        reached.await();
        asking.interrupt();
        assertTrue(asking.join(Duration.ofSeconds(10)));
        end.countDown();
    }

    @Test
    void leavesAServerAloneThatFailsAgainAndAgain() throws IOException {
        String bad = bench.serve(exchange -> answer(exchange, 500, ""));
        bench.settings.put("servers", new String[] {bad});
        Rspamd plugin = bench.plugin();
        for (int i = 0; i < 20; i++) {
            FakeTransaction tx = bench.transaction();
            assertInstanceOf(Verdict.Defer.class, plugin.onMessage(tx, tx.message()));
        }
        assertEquals(3, bench.asked.get());
    }

    @Test
    void warnsOfServersThatAreSilent() throws IOException {
        String good = bench.serve(
                exchange -> answer(exchange, exchange.getRequestURI().getPath().equals("/ping") ? 200 : 404, "pong"));
        bench.settings.put("servers", new String[] {good});
        assertEquals(HealthCheck.Finding.OK, bench.plugin().check());
        bench.settings.put("servers", new String[] {good, "http://127.0.0.1:1"});
        HealthCheck.Finding finding = bench.plugin().check();
        assertEquals(HealthCheck.Level.WARN, finding.level());
        assertTrue(finding.detail().startsWith("not all servers answer: http://127.0.0.1:1"), finding.detail());
        assertFalse(finding.detail().contains(good), finding.detail());
    }

    @Test
    void refusesAConfigurationThatCanNotWork() {
        for (String url : List.of("127.0.0.1:11333", "ftp://127.0.0.1", "http:", "http://user:secret@127.0.0.1")) {
            bench.settings.put("servers", new String[] {url});
            assertThrows(IllegalArgumentException.class, bench::plugin, url);
        }
        bench.settings.put("servers", new String[] {});
        assertThrows(IllegalArgumentException.class, bench::plugin);
        bench.settings.remove("servers");
        for (String field : List.of("X-Spam", "X Spam: yes", ": yes", "X-Spam:")) {
            bench.settings.put("spamHeader", field);
            assertThrows(IllegalArgumentException.class, bench::plugin, field);
        }
    }
}
