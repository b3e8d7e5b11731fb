// SPDX-License-Identifier: Apache-2.0
package org.posthouse.itests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPairGenerator;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.posthouse.testkit.server.Await;
import org.posthouse.testkit.server.SinkServer;
import org.posthouse.testkit.server.SmtpClient;

/** Mail that goes on: forwarded and back, rewritten, sealed, held until it is released, and kept until its date. */
class RoutingIT {
    private static final Duration SOON = Duration.ofSeconds(30);
    private static final String TEXT = "From: Anna <anna@example.org>\r\nSubject: x\r\n\r\nx\r\n";

    @TempDir
    Path folder;

    private Daemon daemon;
    private SinkServer sink;

    @BeforeEach
    void start() throws Exception {
        daemon = Daemon.in(folder);
        sink = new SinkServer(daemon.next);
        daemon.plugin("routing", """
                rules:
                  - 'to = bert@local.test -> forward bert@away.test'
                  - 'to = old@local.test -> reject 550 5.1.6 "Moved"'
                  - 'to = carl@local.test and header X-Spam-Flag = YES -> quarantine # spam'
                srsDomain: srs.local.test
                srsSecrets: ["a secret of this test alone"]
                """);
        daemon.plugin("rewriting", "canonical: ['*@old.test -> *@new.test']\n");
        daemon.plugin("delayed", "enabled: true\nleastDelay: 1s\n");
        daemon.plugin("arc", "domain: local.test\nselector: s1\n");
        byte[] key = KeyPairGenerator.getInstance("Ed25519")
                .generateKeyPair()
                .getPrivate()
                .getEncoded();
        Files.createDirectories(daemon.data().resolve("dkim"));
        Files.writeString(
                daemon.data().resolve("dkim/local.test.s1.pem"),
                "-----BEGIN PRIVATE KEY-----\n" + Base64.getEncoder().encodeToString(key)
                        + "\n-----END PRIVATE KEY-----\n");
        daemon.start();
    }

    @AfterEach
    void stop() throws Exception {
        daemon.close();
        sink.close();
    }

    private SinkServer.Arrival arrival(int index) {
        Await.until(daemon::log, SOON, () -> sink.arrivals().size() > index);
        return sink.arrivals().get(index);
    }

    private static String path(String command) {
        return command.substring(command.indexOf('<') + 1, command.indexOf('>'));
    }

    @Test
    void forwardsThroughOurReversePathAndTakesBackWhatBounces() throws Exception {
        try (SmtpClient stranger = SmtpClient.greeted(daemon.mx)) {
            assertTrue(stranger.deliver("anna@example.org", "bert@local.test", TEXT)
                    .startsWith("250"));
            SinkServer.Arrival forwarded = arrival(0);
            String srs = path(forwarded.from());
            assertTrue(srs.matches("SRS0=\\w{6}=\\w\\w=example\\.org=anna@srs\\.local\\.test"), srs);
            assertEquals("bert@away.test", path(forwarded.recipients().getFirst()));
            assertEquals("bert@local.test", forwarded.header("Delivered-To"));
            assertTrue(forwarded.header("ARC-Seal").contains("cv=none; d=local.test; i=1; s=s1;"), forwarded.head());
            assertTrue(
                    forwarded.header("ARC-Authentication-Results").startsWith("i=1; mx.local.test; "),
                    forwarded.head());

            assertTrue(stranger.deliver("", srs, TEXT).startsWith("250"));
            SinkServer.Arrival back = arrival(1);
            assertEquals("", path(back.from()));
            assertEquals("anna@example.org", path(back.recipients().getFirst()));

            stranger.say("MAIL FROM:<>").expect("250");
            stranger.say("RCPT TO:<" + srs.replace("=anna@", "=eve@") + ">").expect("550 5.1.1");
            stranger.say("RSET").expect("250");
            stranger.say("MAIL FROM:<eve@example.net>").expect("250");
            stranger.say("RCPT TO:<" + srs + ">").expect("550 5.7.1");
            stranger.say("RCPT TO:<old@local.test>").expect("550 5.1.6 Moved");
            stranger.say("RSET").expect("250");
            String loop = stranger.deliver("anna@example.org", "bert@local.test", forwarded.head() + "x\r\n");
            assertTrue(loop.startsWith("554 5.4.6"), loop);
        }
        assertEquals(2, sink.messages());
    }

    @Test
    void holdsForOneAndSendsToTheOthersUntilReleased() throws Exception {
        String id;
        try (SmtpClient stranger = SmtpClient.greeted(daemon.mx)) {
            stranger.say("MAIL FROM:<anna@example.org>").expect("250");
            for (String to : List.of("carl@local.test", "dora@local.test")) {
                stranger.say("RCPT TO:<" + to + ">").expect("250");
            }
            stranger.say("DATA").expect("354");
            id = stranger.say("X-Spam-Flag: YES\r\n" + TEXT + ".").expect("250").split(" ")[4];
        }
        assertEquals(
                List.of("dora@local.test"),
                arrival(0).recipients().stream().map(RoutingIT::path).toList());
        String held = daemon.cli("queue", "show", id).mustSucceed().output();
        assertTrue(held.contains("routing rule 3: spam"), held);
        assertTrue(daemon.cli("queue", "list").output().toLowerCase(Locale.ROOT).contains("held"), held);
        daemon.cli("queue", "release", id).mustSucceed();
        assertEquals(
                List.of("carl@local.test"),
                arrival(1).recipients().stream().map(RoutingIT::path).toList());
    }

    @Test
    void rewritesAndKeepsUntilItsDate() throws Exception {
        Instant due = Instant.now().plusSeconds(4).truncatedTo(ChronoUnit.SECONDS);
        try (SmtpClient client = SmtpClient.greeted(daemon.smtp)) {
            client.deliver("anna@old.test", "bert@old.test", dated(due));
            String later = client.deliver("anna@old.test", "bert@old.test", dated(due.plus(Duration.ofHours(1))))
                    .split(" ")[4];
            SinkServer.Arrival first = arrival(0);
            assertFalse(Instant.now().isBefore(due), "came before its date");
            assertEquals("anna@new.test", path(first.from()));
            assertEquals("bert@new.test", path(first.recipients().getFirst()));
            assertEquals("\"Anna, at home\" (not old.test) <anna@new.test>", first.header("From"));
            assertEquals(1, sink.messages());
            daemon.cli("queue", "retry", later).mustSucceed();
            arrival(1);
        }
    }

    private static String dated(Instant time) {
        return "From: \"Anna, at home\" (not old.test)\r\n <anna@old.test>\r\nDate: "
                + DateTimeFormatter.RFC_1123_DATE_TIME.format(time.atOffset(ZoneOffset.UTC))
                + "\r\nSubject: later\r\n\r\nx\r\n";
    }
}
