// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.rspamd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.posthouse.plugins.rspamd.RspamdBench.NEEDS;

import com.sun.net.httpserver.Headers;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.posthouse.api.Content;
import org.posthouse.api.Message;
import org.posthouse.api.Stage;
import org.posthouse.api.Verdict;
import org.posthouse.testkit.FakeSession;
import org.posthouse.testkit.FakeTransaction;

/** What rspamd is told of a message, and of which messages. */
final class RspamdQuestionTest {
    private static final String RAW = "HTTP/1.1 200 OK\r\nContent-Length: 22\r\n\r\n{\"action\":\"no action\"}";

    @RegisterExtension
    private final RspamdBench bench = new RspamdBench();

    @Test
    void tellsRspamdWhoSendsWhatToWhom() throws IOException {
        bench.says("{\"action\":\"no action\",\"score\":0.1,\"required_score\":15}");
        bench.settings.put("mtaName", "mx.example.net");
        bench.settings.put("settingsId", "strict");
        bench.session = FakeSession.with()
                .peer("2001:db8::7")
                .helo("h.example.com")
                .user("anna")
                .tls("TLSv1.3 TLS_AES_256_GCM_SHA384")
                .note(Envelope.HOSTNAME, "host.example.com");
        FakeTransaction tx = bench.transaction();
        assertEquals(Verdict.next().because("rspamd: no-action 0.10 of 15.00"), bench.ask(tx));
        Headers head = bench.heads.get();
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
        assertEquals(String.join("\r\n", bench.fields) + "\r\n\r\nhello\r\n", bench.bodies.get());
        assertEquals(
                String.valueOf(bench.bodies.get().length()), head.getFirst("Content-Length"), "its length is known");
        assertEquals(Map.of("RSPAMD", 0.1), tx.scores());
        assertEquals(1.0, bench.count("no-action"));
    }

    @Test
    void namesTheOnlyRecipientAsTheOneItIsDeliveredTo() throws IOException {
        bench.says("{\"action\":\"no action\"}");
        bench.ask(FakeTransaction.at(Stage.DATA)
                .in(bench.session)
                .needs(NEEDS)
                .from("")
                .to("postmaster")
                .build());
        assertEquals("postmaster", bench.heads.get().getFirst("Deliver-To"));
        assertEquals("<>", bench.heads.get().getFirst("From"));
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
            bench.settings.put("servers", new String[] {"http://127.0.0.1:" + server.getLocalPort()});
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
                    .in(bench.session)
                    .needs(NEEDS)
                    .to(many)
                    .build();
            assertInstanceOf(Verdict.Continue.class, bench.ask(tx));
        }
        assertTrue(named.get() > 500 && octets.get() < 40_000, named + " recipients in " + octets + " octets");
    }

    @Test
    void asksOfAMessageWithoutAnyOctets() throws IOException {
        bench.says("{\"action\":\"no action\"}");
        FakeTransaction tx = bench.transaction();
        assertInstanceOf(Verdict.Continue.class, bench.plugin().onMessage(tx, new Empty(tx.message())));
        assertEquals("", bench.bodies.get());
        assertEquals(1.0, bench.count("no-action"));
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
    void sparesWhatIsTrustedOrTooLarge() throws IOException {
        bench.says("{\"action\":\"reject\"}");
        bench.session = FakeSession.with().trusted();
        assertEquals(Verdict.next(), bench.ask());
        bench.settings.put("exemptTrusted", false);
        assertInstanceOf(Verdict.Reject.class, bench.ask());
        bench.session = FakeSession.with().user("anna");
        assertInstanceOf(Verdict.Reject.class, bench.ask());
        bench.settings.put("exemptAuthenticated", true);
        assertEquals(Verdict.next(), bench.ask());
        bench.session = FakeSession.with();
        bench.settings.put("maxSize", 20L);
        assertInstanceOf(Verdict.Continue.class, bench.ask());
        assertEquals(2, bench.asked.get());
        assertEquals(1.0, bench.count("too-big"));
    }
}
