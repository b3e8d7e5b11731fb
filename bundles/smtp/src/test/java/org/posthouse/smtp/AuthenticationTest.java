// SPDX-License-Identifier: Apache-2.0
package org.posthouse.smtp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.posthouse.api.Event;
import org.posthouse.api.Session;
import org.posthouse.api.hook.Authenticator;
import org.posthouse.testkit.server.ConversationPlayer;

final class AuthenticationTest {
    private static final String[] HELLO = {
        "S: 220 …",
        "C: EHLO c",
        "S: 250-mx.local.test",
        "S: 250-PIPELINING",
        "S: 250-SIZE 67108864",
        "S: 250-8BITMIME",
        "S: 250-ENHANCEDSTATUSCODES",
        "S: 250-CHUNKING",
        "S: 250-SMTPUTF8"
    };
    private static final String RIGHT = base64("\0anna\0secret");
    private static final String WRONG = base64("\0anna\0wrong");

    /** Shared, for making a certificate takes a second. */
    @TempDir
    static Path data;

    private final Fakes fakes = new Fakes();
    private FakeServer server;

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    private static Authenticator.Answer anna(Session session, Authenticator.Credentials credentials) {
        return credentials.equals(new Authenticator.Credentials.Password("anna", "secret"))
                ? new Authenticator.Answer.Granted("anna@local.test")
                : new Authenticator.Answer.Denied("no");
    }

    private ConversationPlayer connect(String profile, String trusted) throws IOException {
        if (server == null) {
            server = new FakeServer(FakeServer.settings(profile, "STARTTLS", trusted, "", 0), fakes, data);
        }
        return new ConversationPlayer(server.address());
    }

    /** A client of a submission listener, greeted under TLS. */
    private ConversationPlayer submit() throws IOException {
        if (fakes.authenticator == null) {
            fakes.authenticator = AuthenticationTest::anna;
        }
        ConversationPlayer player = connect("SUBMISSION", "");
        player.play("S: 220 …", "C: EHLO c");
        rest(player);
        player.play("C: STARTTLS", "S: 220 …", "T", "C: EHLO c");
        rest(player);
        return player;
    }

    private static String rest(ConversationPlayer player) throws IOException {
        String line = "-";
        StringBuilder all = new StringBuilder();
        while (line.indexOf('-') == 3 || line.equals("-")) {
            line = String.valueOf(player.line());
            all.append(line).append('\n');
        }
        return all.toString();
    }

    @AfterEach
    void close() {
        if (server != null) {
            server.close();
        }
    }

    @Test
    void offersMechanismsUnderTlsAlone() throws IOException {
        fakes.authenticator = AuthenticationTest::anna;
        try (ConversationPlayer player = connect("SUBMISSION", "")) {
            player.play(HELLO);
            player.play("S: 250-DSN", "S: 250 STARTTLS", "C: AUTH PLAIN " + RIGHT, "S: 538 5.7.11 …");
            player.play("C: MAIL FROM:<a@b.example>", "S: 530 5.7.0 Must issue a STARTTLS command first");
            player.play("C: STARTTLS", "S: 220 …", "T", "C: EHLO c");
            assertTrue(rest(player).endsWith("250-DSN\n250 AUTH PLAIN LOGIN\n"));
            player.play("C: MAIL FROM:<a@b.example>", "S: 530 5.7.0 Authentication required");
        }
    }

    @Test
    void takesMailOfWhoAuthenticated() throws Exception {
        try (ConversationPlayer player = submit()) {
            player.play("C: auth plain " + RIGHT, "S: 235 2.7.0 Authentication successful");
            player.play("C: AUTH PLAIN " + RIGHT, "S: 503 5.5.1 Already authenticated", "C: RSET", "S: 250 …");
            player.play("C: EHLO c");
            assertFalse(rest(player).contains("AUTH"));
            player.play("C: MAIL FROM:<a@b.example> AUTH=e+3Dmc2@example.com", "S: 250 …");
            player.play("C: RCPT TO:<u@foreign.example>", "S: 250 …", "C: DATA", "S: 354 …", "C: Subject: x", "C: .");
            player.play("S: 250 …");
        }
        Fakes.Accepted message = fakes.accepted.poll(5, TimeUnit.SECONDS);
        assertTrue(
                message.envelope().trace().contains(" with ESMTPSA id "),
                message.envelope().trace());
        assertEquals("anna@local.test", message.envelope().origin().user());
        Event event = fakes.events.getFirst();
        assertEquals(Event.Type.AUTHENTICATION, event.type());
        assertEquals("granted", event.facts().get("result"));
        assertEquals("PLAIN", event.facts().get("mechanism"));
        assertEquals("anna@local.test", event.facts().get("user"));
        assertTrue(event.facts().get("tls").toString().startsWith("TLSv1"));
    }

    @Test
    void exchangesChallengesAndResponses() throws IOException {
        try (ConversationPlayer player = submit()) {
            player.play("C: AUTH PLAIN", "S: 334 ", "C: *", "S: 501 5.0.0 Cancelled");
            player.play("C: AUTH LOGIN " + base64("anna"), "S: 334 UGFzc3dvcmQ6", "C: !", "S: 501 5.5.2 Not base64");
            player.play("C: AUTH PLAIN =", "S: 501 5.5.2 Not what was asked for", "C: NOOP", "S: 250 …");
            player.play("C: AUTH PLAIN", "S: 334 ", "C: " + "A".repeat(12289), "S: 500 5.5.6 …", "C: NOOP", "S: 250 …");
            player.play("C: AUTH PLAIN", "S: 334 ", "C: " + "A".repeat(12288), "S: 501 …", "C: NOOP", "S: 250 …");
            player.play("C: AUTH PLAIN", "S: 334 ", "R: abc\\nNOOP\\r\\n", "S: 500 5.5.2 …", "C: NOOP", "S: 250 …");
            player.play("C: AUTH LOGIN", "S: 334 VXNlcm5hbWU6", "C: " + base64("anna"), "S: 334 UGFzc3dvcmQ6");
            player.play("C: " + base64("secret"), "S: 235 2.7.0 …");
        }
        assertTrue(fakes.events.stream().noneMatch(e -> e.toString().contains("secret")), fakes.events.toString());
    }

    @Test
    void refusesWhatIsOutOfPlaceOrUnknown() throws IOException {
        try (ConversationPlayer player = submit()) {
            player.play("C: AUTH", "S: 501 5.5.4 …", "C: AUTH CRAM-MD5", "S: 504 5.5.4 …");
            player.play("C: AUTH SCRAM-SHA-256 biws", "S: 504 …", "C: AUTH PLAIN a b", "S: 501 …");
        }
        server.close();
        server = new FakeServer(listener(ListenerSettings.Policy.OPTIONAL, 3), fakes, data);
        try (ConversationPlayer player = new ConversationPlayer(server.address())) {
            player.play(
                    "T", "S: 220 …", "C: HELO c", "S: 250 …", "C: AUTH PLAIN " + RIGHT, "S: 503 5.5.1 Say EHLO first");
            player.play("C: EHLO c");
            rest(player);
            player.play("C: MAIL FROM:<> AUTH=<>", "S: 250 …", "C: AUTH PLAIN " + RIGHT, "S: 503 5.5.1 Not amid …");
            player.play(
                    "C: RSET", "S: 250 …", "C: MAIL FROM:<> AUTH=a", "S: 501 …", "C: AUTH PLAIN " + RIGHT, "S: 235 …");
        }
    }

    /** A listener with implicit TLS. */
    private static ListenerSettings listener(ListenerSettings.Policy policy, int failures) {
        ListenerSettings shipped = FakeServer.settings("SUBMISSION", "IMPLICIT", "127.0.0.1", "", 0);
        return new ListenerSettings(
                "submissions",
                shipped.address(),
                shipped.profile(),
                failures > 3 ? shipped.trusted() : Networks.of(),
                shipped.tls(),
                shipped.proxyFrom(),
                shipped.banner(),
                true,
                new ListenerSettings.Auth(policy, failures, 600_000, 1),
                shipped.limits(),
                shipped.timeouts());
    }

    @Test
    void asksForAuthenticationFromTrustedNetworksToo() throws IOException {
        fakes.authenticator = AuthenticationTest::anna;
        server = new FakeServer(listener(ListenerSettings.Policy.REQUIRED, 4), fakes, data);
        try (ConversationPlayer player = new ConversationPlayer(server.address())) {
            player.play("T", "S: 220 …", "C: EHLO c");
            rest(player);
            player.play("C: MAIL FROM:<>", "S: 530 5.7.0 Authentication required");
            for (int i = 0; i < 6; i++) {
                player.play("C: AUTH PLAIN " + WRONG, "S: 535 5.7.8 …");
            }
            player.play("C: AUTH PLAIN " + RIGHT, "S: 235 …");
        }
    }

    @Test
    void offersNothingWhereNobodyAuthenticates() throws IOException {
        try (ConversationPlayer player = connect("SUBMISSION", "")) {
            player.play("S: 220 …", "C: EHLO c");
            rest(player);
            player.play("C: STARTTLS", "S: 220 …", "T", "C: EHLO c");
            assertFalse(rest(player).contains("AUTH"));
            player.play("C: AUTH PLAIN " + RIGHT, "S: 502 5.5.1 Authentication not offered");
            player.play("C: MAIL FROM:<a@b.example>", "S: 530 5.7.0 Authentication required");
            player.play("C: MAIL FROM:<a@b.example> AUTH=<>", "S: 530 …");
        }
        server.close();
        server = null;
        fakes.authenticator = AuthenticationTest::anna;
        fakes.withdrawn = Set.of("AUTH");
        try (ConversationPlayer player = submit()) {
            player.play("C: AUTH PLAIN " + RIGHT, "S: 502 5.5.1 Authentication not offered");
        }
    }

    @Test
    void saysSoWhenItCanNotBeToldNow() throws IOException {
        fakes.authenticator = (session, credentials) -> new Authenticator.Answer.Unavailable("no disk");
        try (ConversationPlayer player = submit()) {
            for (int i = 0; i < 5; i++) {
                player.play("C: AUTH PLAIN " + RIGHT, "S: 454 4.7.0 Temporary authentication failure");
            }
            fakes.authenticator = (session, credentials) -> {
                throw new IllegalStateException("broken");
            };
            player.play("C: AUTH PLAIN " + RIGHT, "S: 454 4.7.0 Temporary authentication failure");
        }
        assertEquals("no disk", fakes.events.getFirst().facts().get("reason"));
    }

    @Test
    void guessesWhileOneAuthenticatorIsAwayComeToAnEndToo() throws IOException {
        fakes.authenticator = (session, credentials) -> new Authenticator.Answer.Unavailable("one is away");
        try (ConversationPlayer player = submit()) {
            for (int i = 0; i < 30; i++) {
                player.play("C: AUTH PLAIN " + WRONG, "S: 454 4.7.0 …");
            }
            player.play("C: AUTH PLAIN " + WRONG, "S: 421 4.7.0 …", "X");
        }
    }

    @Test
    void slowsAndThenRefusesWhoGuesses() throws IOException {
        try (ConversationPlayer player = submit()) {
            long began = System.nanoTime();
            player.play("C: AUTH PLAIN " + WRONG, "S: 535 5.7.8 Authentication credentials invalid");
            assertTrue(System.nanoTime() - began >= TimeUnit.MILLISECONDS.toNanos(50));
            player.play("C: AUTH PLAIN " + RIGHT, "S: 235 …");
        }
        try (ConversationPlayer player = submit()) {
            player.play("C: AUTH PLAIN " + base64("\0bert\0x"), "S: 535 5.7.8 Authentication credentials invalid");
            long began = System.nanoTime();
            player.play("C: AUTH LOGIN " + base64("carl"), "S: 334 …", "C: eA==", "S: 535 5.7.8 …");
            assertTrue(System.nanoTime() - began >= TimeUnit.MILLISECONDS.toNanos(150));
            player.play("C: AUTH PLAIN " + RIGHT, "S: 421 4.7.0 …", "X");
        }
        try (ConversationPlayer player = submit()) {
            player.play("C: AUTH PLAIN", "S: 421 4.7.0 Too many failed authentications, try again later", "X");
        }
        assertEquals("exhausted", fakes.events.getLast().facts().get("result"));
    }

    @Test
    void countsGuessesInParallelAsIfTheyCameInTurn() throws Exception {
        AtomicInteger asked = new AtomicInteger();
        fakes.authenticator = (session, credentials) -> {
            asked.incrementAndGet();
            return new Authenticator.Answer.Denied("no");
        };
        submit().close();
        List<Thread> clients = java.util.stream.IntStream.range(0, 12)
                .mapToObj(i -> Thread.ofVirtual().start(() -> {
                    try (ConversationPlayer player = submit()) {
                        player.play("C: AUTH PLAIN " + WRONG);
                        player.line();
                    } catch (IOException e) {
                        throw new AssertionError(e);
                    }
                }))
                .toList();
        for (Thread client : clients) {
            assertTrue(client.join(Duration.ofSeconds(20)));
        }
        assertEquals(3, asked.get());
    }

    @Test
    void endsADelayedRefusalWhenTheListenerCloses() throws Exception {
        fakes.authenticator = AuthenticationTest::anna;
        ListenerSettings shipped = listener(ListenerSettings.Policy.REQUIRED, 3);
        server = new FakeServer(
                new ListenerSettings(
                        "slow",
                        shipped.address(),
                        shipped.profile(),
                        shipped.trusted(),
                        shipped.tls(),
                        shipped.proxyFrom(),
                        "",
                        true,
                        new ListenerSettings.Auth(ListenerSettings.Policy.REQUIRED, 3, 600_000, 600_000),
                        shipped.limits(),
                        shipped.timeouts()),
                fakes,
                data);
        try (ConversationPlayer player = new ConversationPlayer(server.address())) {
            player.play("T", "S: 220 …", "C: EHLO c");
            rest(player);
            player.play("C: AUTH PLAIN " + WRONG);
            Thread closing = Thread.ofVirtual().start(server::closeListener);
            player.play("S: 421 4.3.2 …", "X");
            assertTrue(closing.join(Duration.ofSeconds(10)));
        }
    }

    @Test
    void forgetsAuthenticationAtStartTlsOnly() throws IOException {
        fakes.authenticator = AuthenticationTest::anna;
        Dialogue dialogue = new Dialogue(
                "id",
                FakeServer.settings("SUBMISSION", "STARTTLS", "", "", 0),
                new java.net.InetSocketAddress("127.0.0.1", 1),
                false,
                "TLSv1.3",
                fakes.pipeline()
                        .open(new org.posthouse.pipeline.spi.Pipeline.Facts(
                                "id",
                                "submission",
                                "submission",
                                new java.net.InetSocketAddress("127.0.0.1", 1),
                                new java.net.InetSocketAddress("127.0.0.1", 2),
                                "TLSv1.3",
                                false)));
        dialogue.authenticated("anna");
        dialogue.reset();
        assertTrue(dialogue.authenticated());
        dialogue.secured("TLSv1.3");
        assertFalse(dialogue.authenticated());
        assertEquals("", dialogue.conversation().origin().user());
    }

    /** Anna by SCRAM: keys that nobody can prove to know. */
    private static final class Scram implements Authenticator, Authenticator.ScramKeys {
        @Override
        public Answer authenticate(Session session, Credentials credentials) {
            return new Answer.Denied("no");
        }

        @Override
        public Optional<Keys> scramKeys(String user) {
            return Optional.of(new Keys(new byte[16], 4096, new byte[32], new byte[32]));
        }
    }

    @Test
    void offersScramFirstAndRefusesAWrongProofLikeAWrongPassword() throws IOException {
        fakes.authenticator = new Scram();
        try (ConversationPlayer player = submit()) {
            player.play("C: EHLO c");
            assertTrue(rest(player).endsWith("250 AUTH SCRAM-SHA-256 PLAIN LOGIN\n"));
            player.play("C: AUTH SCRAM-SHA-256 " + base64("n,,n=anna,r=abc"));
            String first = new String(
                    Base64.getDecoder().decode(String.valueOf(player.line()).substring(4)), StandardCharsets.UTF_8);
            assertTrue(first.startsWith("r=abc"), first);
            String nonce = first.substring(2, first.indexOf(','));
            String proof = Base64.getEncoder().encodeToString(new byte[32]);
            player.play("C: " + base64("c=biws,r=" + nonce + ",p=" + proof), "S: 535 5.7.8 …");
        }
    }
}
