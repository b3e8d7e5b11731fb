// SPDX-License-Identifier: Apache-2.0
package org.posthouse.itests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.posthouse.testkit.server.Await;
import org.posthouse.testkit.server.SinkServer;
import org.posthouse.testkit.server.SmtpClient;

/** spf and iprev over SMTP with a real name server: one that answers, one that is dead, one that is slow for some names. */
class SenderChecksByDnsIT {
    private static final Duration SOON = Duration.ofSeconds(20);
    private static final String RECIPIENT = "b@local.test";
    private static final String MESSAGE = "Subject: x\r\n\r\nx\r\n";
    private static final String ZONE = """
            1.0.0.127.in-addr.arpa. PTR mail.client.test.
            mail.client.test. A 127.0.0.1
            client.test. TXT "v=spf1 a:mail.client.test -all"
            pass.test. TXT "v=spf1 include:_spf.pass." "test -all"
            _spf.pass.test. TXT "v=spf1 redirect=_%{l}.%{d2}"
            _anna.pass.test. TXT "v=spf1 mx:%{d2}/30 -all"
            pass.test. MX 10 mail.client.test.
            alias.test. CNAME pass.test.
            fail.test. TXT "v=spf1 mx -all exp=why.%{d}"
            why.fail.test. TXT "%{i} is no host of %{d}, see http://%{d}/?s=%{S}"
            two.test. TXT "v=spf1 +all"
            two.test. TXT "v=spf1 -all"
            slow.test. TXT "v=spf1 a:1.slow.test a:2.slow.test a:3.slow.test a:4.slow.test a:5.slow.test +all"
            *.slow.test. A 192.0.2.1
            """;

    @TempDir
    Path folder;

    private NameServer names;
    private SlowLine line;
    private Daemon daemon;
    private SinkServer sink;

    @BeforeEach
    void start() throws IOException {
        names = new NameServer(folder.resolve("nsd"), ZONE);
        line = new SlowLine(names.port, "slow", Duration.ofMillis(700));
        daemon = Daemon.in(folder)
                .dns(NameServer.resolver(line.port))
                .plugin("spf", "profiles: [mx]\nonFail: reject\ntimeout: 3s\nreceivedSpf: true\n")
                .plugin("iprev", "profiles: [mx]\n")
                .start();
        sink = new SinkServer(daemon.next);
    }

    @AfterEach
    void stop() throws IOException {
        sink.close();
        daemon.close();
        line.close();
        names.close();
    }

    private String send(int port, String from) throws IOException {
        try (SmtpClient client = SmtpClient.greeted(port)) {
            return client.deliver(from, RECIPIENT, MESSAGE);
        }
    }

    /** What the next message of this sender gets when it is sent there. */
    private String results(int port, String from) throws IOException {
        long before = arrived(from).size();
        send(port, from);
        Await.until(daemon::log, SOON, () -> arrived(from).size() > before);
        return arrived(from).getLast().header("Authentication-Results");
    }

    private List<SinkServer.Arrival> arrived(String from) {
        return sink.arrivals().stream()
                .filter(arrival -> arrival.from().contains("<" + from + ">"))
                .toList();
    }

    @Test
    void judgesSendersAndClients() throws IOException {
        String iprev = "mx.local.test; iprev=pass reason=\"mail.client.test\" policy.iprev=127.0.0.1; ";
        assertEquals(
                iprev + "spf=pass reason=\"include:_spf.pass.test\" smtp.mailfrom=anna@pass.test",
                results(daemon.mx, "anna@pass.test"));
        assertTrue(arrived("anna@pass.test").getFirst().header("Received-SPF").startsWith("pass "));
        assertTrue(results(daemon.mx, "anna@alias.test").contains("spf=pass "));
        assertTrue(results(daemon.mx, "").contains("spf=pass reason=\"a:mail.client.test\" smtp.helo=client.test"));
        assertTrue(results(daemon.mx, "a@two.test").contains("spf=permerror "));
        assertTrue(results(daemon.mx, "a@nowhere.test").contains("spf=none smtp.mailfrom=a@nowhere.test"));
        try (SmtpClient client = SmtpClient.greeted(daemon.mx)) {
            assertEquals(
                    "550 5.7.23 SPF validation failed, fail.test explains: 127.0.0.1 is no host of fail.test,"
                            + " see http://fail.test/?s=b%40fail.test",
                    client.say("MAIL FROM:<b@fail.test>").reply());
        }
        assertEquals("", results(daemon.smtp, "b@fail.test"), "mail of ours is not checked");
    }

    @Test
    void saysTemperrorWithinItsTimeWhenTheNameServerIsDead() throws Exception {
        names.close();
        line.close();
        long start = System.nanoTime();
        CompletableFuture<String> checked = CompletableFuture.supplyAsync(() -> quietly("anna@pass.test"));
        assertEquals("", results(daemon.smtp, "b@fail.test"), "mail of ours flows");
        assertTrue(checked.get(30, TimeUnit.SECONDS).startsWith("250"));
        Duration took = Duration.ofNanos(System.nanoTime() - start);
        assertTrue(took.compareTo(Duration.ofSeconds(20)) < 0, "took " + took);
        Await.until(daemon::log, SOON, () -> arrived("anna@pass.test").size() == 1);
        String results = arrived("anna@pass.test").getFirst().header("Authentication-Results");
        assertTrue(results.contains("iprev=temperror ") && results.contains("spf=temperror "), results);
    }

    private String quietly(String from) {
        try {
            return send(daemon.mx, from);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @Test
    void saysTemperrorWithinItsTimeWhenSomeNamesAreSlowWhileMailFromOthersFlows() throws Exception {
        long start = System.nanoTime();
        CompletableFuture<String> slow = CompletableFuture.supplyAsync(() -> quietly("a@slow.test"));
        Await.until("a late question", SOON, () -> line.late() > 0);
        int carried = 0;
        for (int i = 0; i < 10 && !slow.isDone(); i++) {
            assertTrue(results(daemon.mx, "anna@pass.test").contains("spf=pass "));
            carried += slow.isDone() ? 0 : 1;
        }
        assertTrue(carried >= 1, carried + " messages of others were carried meanwhile");
        assertTrue(slow.get(30, TimeUnit.SECONDS).startsWith("250"));
        Duration took = Duration.ofNanos(System.nanoTime() - start);
        assertTrue(took.compareTo(Duration.ofSeconds(20)) < 0, "took " + took);
        Await.until(daemon::log, SOON, () -> arrived("a@slow.test").size() == 1);
        String results = arrived("a@slow.test").getFirst().header("Authentication-Results");
        assertTrue(results.contains("; spf=temperror "), results);
    }
}
