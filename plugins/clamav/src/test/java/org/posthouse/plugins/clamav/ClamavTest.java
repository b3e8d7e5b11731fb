// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.clamav;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.net.InetSocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.posthouse.api.Content;
import org.posthouse.api.Edit;
import org.posthouse.api.Need;
import org.posthouse.api.Stage;
import org.posthouse.api.Verdict;
import org.posthouse.api.operator.HealthCheck;
import org.posthouse.testkit.FakeSession;
import org.posthouse.testkit.FakeTransaction;
import org.posthouse.testkit.Settings;
import org.posthouse.testkit.server.Await;
import org.posthouse.testkit.service.FakeDns;

final class ClamavTest {
    private static final String NOBODY = "127.0.0.1:1";

    private final FakeDns dns = new FakeDns();
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final Map<String, Object> settings =
            new HashMap<>(Map.of("timeout", 20_000L, "pause", 60_000L, "maxSize", 25_000_000L));
    private final List<FakeClamd> daemons = new ArrayList<>();
    private FakeSession.Builder session = FakeSession.with();
    private String body = "hello\r\n";

    @TempDir
    private Path folder;

    @AfterEach
    void close() throws IOException {
        for (FakeClamd daemon : daemons) {
            daemon.close();
        }
    }

    private FakeClamd daemon(FakeClamd daemon) throws IOException {
        daemons.add(daemon);
        settings.put("servers", new String[] {daemon.place()});
        return daemon;
    }

    private FakeClamd says(String answer) throws IOException {
        return daemon(FakeClamd.thatSays(answer));
    }

    private FakeTransaction transaction() {
        return FakeTransaction.at(Stage.DATA)
                .in(session)
                .needs(Need.BODY, Need.EDIT_HEADERS, Need.NETWORK)
                .headers("Subject: x", "X-Virus: none, trust me")
                .body(body)
                .build();
    }

    private Clamav plugin() {
        Object[] pairs = settings.entrySet().stream()
                .flatMap(entry -> List.of(entry.getKey(), entry.getValue()).stream())
                .toArray();
        return new Clamav(Settings.of(Clamav.Config.class, pairs), dns, meters);
    }

    private Verdict ask(FakeTransaction tx) {
        return plugin().onMessage(tx, tx.message());
    }

    private Verdict ask() {
        return ask(transaction());
    }

    private double count(String outcome) {
        return meters.counter("posthouse.clamav.answers", "outcome", outcome).count();
    }

    @Test
    void letsCleanMailThroughWithoutTheMarksOfStrangers() throws IOException {
        FakeClamd daemon = says("stream: OK");
        FakeTransaction tx = transaction();
        assertEquals(Verdict.next(), ask(tx));
        assertEquals(List.of(new Edit.RemoveHeader("X-Virus", 0)), tx.edits());
        assertEquals(
                "Subject: x\r\nX-Virus: none, trust me\r\n\r\nhello\r\n",
                new String(daemon.streams().getFirst(), StandardCharsets.UTF_8));
        assertEquals(1.0, count("clean"));
    }

    @Test
    void streamsWhatIsLargerThanOneChunk() throws IOException {
        body = "0123456789abcde\n".repeat(200_000);
        FakeClamd daemon = says("stream: OK");
        assertEquals(Verdict.next(), ask());
        String octets = new String(daemon.streams().getFirst(), StandardCharsets.UTF_8);
        assertEquals(body, octets.substring(octets.length() - body.length()));
    }

    @Test
    void namesWhatWasFound() throws IOException {
        says("stream: Win.Test.EICAR_HDB-1 FOUND");
        Verdict.Reject verdict = assertInstanceOf(Verdict.Reject.class, ask());
        assertEquals(
                "554 5.7.1 Message refused, it carries Win.Test.EICAR_HDB-1",
                verdict.reply().toString());
        assertEquals("clamd found Win.Test.EICAR_HDB-1", verdict.reason());
        assertEquals(1.0, count("found"));
    }

    @Test
    void namesItInAWayThatAReplyAndAFieldCanHold() throws IOException {
        says("stream: Bad\r\n250 ok \u00fc " + "x".repeat(300) + " FOUND");
        String text = assertInstanceOf(Verdict.Reject.class, ask()).reply().text();
        assertTrue(text.matches("Message refused, it carries Bad__250_ok_+x{80,90}"), text);
    }

    @Test
    void holdsDiscardsOrTagsWhereTheOperatorSaysSo() throws IOException {
        says("stream: Eicar FOUND");
        settings.put("found", "hold");
        assertEquals(Verdict.hold("clamd found Eicar"), ask());
        settings.put("found", "discard");
        assertInstanceOf(Verdict.Discard.class, ask());
        settings.put("found", "tag");
        FakeTransaction tx = transaction();
        assertInstanceOf(Verdict.Continue.class, ask(tx));
        assertEquals(List.of(new Edit.RemoveHeader("X-Virus", 0), Edit.addHeader("X-Virus", "Eicar")), tx.edits());
    }

    @Test
    void asksOverAUnixSocket() throws IOException {
        daemon(new FakeClamd(UnixDomainSocketAddress.of(folder.resolve("clamd.ctl")), "stream: Eicar FOUND", false));
        assertInstanceOf(Verdict.Reject.class, ask());
        assertEquals(HealthCheck.Finding.OK, plugin().check());
    }

    @Test
    void asksTheNextServerWhereOneGivesNoAnswer() throws IOException {
        String good = says("stream: Eicar FOUND").place();
        List<String> bad = new ArrayList<>(List.of(NOBODY, folder + "/none.ctl", "nowhere.example:3310"));
        for (String answer : List.of(
                "stream: Can't allocate memory ERROR",
                "INSTREAM size limit exceeded. ERROR",
                "FOUND",
                "x".repeat(2000))) {
            bad.add(says(answer).place());
        }
        for (String place : bad) {
            settings.put("servers", new String[] {place, good});
            assertInstanceOf(Verdict.Reject.class, ask(), place);
        }
        assertEquals(0.0, count("no-answer"));
    }

    @Test
    void looksNamesUpByTheServersOwnResolver() throws IOException {
        dns.address("clamd.example", "127.0.0.1");
        settings.put("servers", new String[] {says("stream: OK").place().replace("127.0.0.1", "clamd.example")});
        assertEquals(Verdict.next(), ask());
    }

    @Test
    void hearsClamdWhenItWantsNoMore() throws IOException {
        body = "x".repeat(78).concat("\r\n").repeat(100_000);
        String early = daemon(new FakeClamd(
                        new InetSocketAddress("127.0.0.1", 0), "INSTREAM size limit exceeded. ERROR", true))
                .place();
        String good = says("stream: OK").place();
        settings.put("servers", new String[] {early, good});
        assertEquals(Verdict.next(), ask());
    }

    @Test
    void believesWhatClamdFoundBeforeItHadTheWholeMessage() throws IOException {
        FakeClamd daemon = early("stream: Eicar FOUND");
        assertEquals(new Catch("Eicar"), clamd(daemon).scan(new Slow(daemon), soon()));
    }

    @Test
    void doesNotBelieveThatAMessageIsCleanOfWhichClamdHasAPart() throws IOException {
        FakeClamd daemon = early("stream: OK");
        assertThrows(IOException.class, () -> clamd(daemon).scan(new Slow(daemon), soon()));
        early("stream: OK").staying();
        body = "x".repeat(78).concat("\r\n").repeat(100_000);
        assertInstanceOf(Verdict.Defer.class, ask());
    }

    private FakeClamd early(String answer) throws IOException {
        return daemon(new FakeClamd(new InetSocketAddress("127.0.0.1", 0), answer, true));
    }

    private Clamd clamd(FakeClamd daemon) throws IOException {
        return new Clamd(daemon.place(), dns, 0, System::nanoTime);
    }

    private static long soon() {
        return System.nanoTime() + Duration.ofSeconds(20).toNanos();
    }

    /** Octets of which more come once the daemon has closed. */
    private record Slow(FakeClamd daemon) implements Content {
        private static final int SIZE = 1_000_000;

        @Override
        public long size() {
            return SIZE;
        }

        @Override
        public InputStream open() {
            InputStream later = new InputStream() {
                @Override
                public int read() {
                    Await.until("clamd closes", Duration.ofSeconds(20), () -> daemon.closed() > 0);
                    return -1;
                }
            };
            InputStream first = new ByteArrayInputStream(new byte[SIZE / 10]);
            InputStream rest = new ByteArrayInputStream(new byte[SIZE - SIZE / 10]);
            return new SequenceInputStream(Collections.enumeration(List.of(first, later, rest)));
        }
    }

    @Test
    void defersOrContinuesWhenNobodyAnswers() {
        settings.put("servers", new String[] {NOBODY});
        assertEquals(
                "451 4.7.1 Try again later",
                assertInstanceOf(Verdict.Defer.class, ask()).reply().toString());
        settings.put("onError", "continue");
        assertEquals(Verdict.next().because("clamd gives no answer"), ask());
        assertEquals(2.0, count("no-answer"));
    }

    @Test
    void givesUpOnAServerThatIsSilent() throws IOException {
        says("");
        settings.put("timeout", 300L);
        long began = System.nanoTime();
        assertInstanceOf(Verdict.Defer.class, ask());
        long spent = Duration.ofNanos(System.nanoTime() - began).toMillis();
        assertTrue(spent >= 250 && spent < 15_000, spent + " ms");
    }

    @Test
    void endsWhenItIsInterrupted() throws Exception {
        FakeClamd daemon = says("");
        Thread asking = Thread.ofVirtual().start(this::ask);
        Await.until(
                "clamd is asked",
                Duration.ofSeconds(20),
                () -> !daemon.streams().isEmpty());
        asking.interrupt();
        assertTrue(asking.join(Duration.ofSeconds(10)));
    }

    @Test
    void leavesAServerAloneThatFailsAgainAndAgain() throws IOException {
        FakeClamd daemon = says("stream: no memory ERROR");
        Clamav plugin = plugin();
        for (int i = 0; i < 20; i++) {
            FakeTransaction tx = transaction();
            assertInstanceOf(Verdict.Defer.class, plugin.onMessage(tx, tx.message()));
        }
        assertEquals(3, daemon.asked());
    }

    @Test
    void sparesWhatIsTrustedOrTooLarge() throws IOException {
        says("stream: Eicar FOUND");
        session = FakeSession.with().trusted();
        assertInstanceOf(Verdict.Reject.class, ask());
        settings.put("exemptTrusted", true);
        assertEquals(Verdict.next(), ask());
        session = FakeSession.with();
        settings.put("maxSize", 20L);
        assertInstanceOf(Verdict.Continue.class, ask());
        assertEquals(1.0, count("too-big"));
    }

    @Test
    void warnsOfServersThatAreSilent() throws IOException {
        settings.put("servers", new String[] {says("stream: OK").place(), NOBODY});
        HealthCheck.Finding finding = plugin().check();
        assertEquals(HealthCheck.Level.WARN, finding.level());
        assertTrue(finding.detail().startsWith("not all servers answer: 127.0.0.1:1 ("), finding.detail());
        settings.put("servers", new String[] {NOBODY});
        assertTrue(plugin().check().detail().startsWith("no server answers: "));
    }

    @Test
    void refusesAConfigurationThatCanNotWork() {
        for (String place :
                List.of("clamd.ctl", "127.0.0.1", "::1:3310", "[::1]", "host:port", "http://x:1", "x:0", "x:65536")) {
            settings.put("servers", new String[] {place});
            assertThrows(IllegalArgumentException.class, this::plugin, place);
        }
        settings.put("servers", new String[] {});
        assertThrows(IllegalArgumentException.class, this::plugin);
        settings.remove("servers");
        settings.put("header", "X Virus");
        assertThrows(IllegalArgumentException.class, this::plugin);
    }
}
