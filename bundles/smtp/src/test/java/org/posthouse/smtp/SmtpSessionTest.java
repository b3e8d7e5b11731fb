// SPDX-License-Identifier: Apache-2.0
package org.posthouse.smtp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.posthouse.api.Event;
import org.posthouse.api.Reply;
import org.posthouse.api.Stage;
import org.posthouse.pipeline.spi.Decision;
import org.posthouse.queue.spi.Custodian;
import org.posthouse.queue.spi.Intake;
import org.posthouse.spool.spi.MessageId;
import org.posthouse.spool.spi.SpoolException;
import org.posthouse.testkit.server.ConversationPlayer;

final class SmtpSessionTest {
    private static final String[] HELLO = {
        "S: 220 mx.local.test ESMTP Posthouse", "C: HELO client.example.com", "S: 250 mx.local.test"
    };
    private static final String[] ENVELOPE = {
        "C: MAIL FROM:<a@b.example>", "S: 250 2.1.0 Sender ok", "C: RCPT TO:<u@local.test>", "S: 250 2.1.5 Recipient ok"
    };
    private static final String[] BODY = {"C: DATA", "S: 354 …", "C: Subject: x", "C: ", "C: hello", "C: ."};

    /** Shared, for making a certificate takes a second. */
    @TempDir
    static Path data;

    private final Fakes fakes = new Fakes();
    private FakeServer server;

    private ConversationPlayer connect(String profile, String trusted) throws IOException {
        if (server == null) {
            server = new FakeServer(FakeServer.settings(profile, "STARTTLS", trusted, "", 0), fakes, data);
        }
        return new ConversationPlayer(server.address());
    }

    @AfterEach
    void close() {
        if (server != null) {
            server.close();
        }
    }

    @Test
    void acceptsAMessageWithItsTraceLine() throws Exception {
        try (ConversationPlayer player = connect("MX", "")) {
            player.play(HELLO);
            player.play(ENVELOPE);
            player.play(BODY);
            player.play("S: 250 2.0.0 queued as …", "C: QUIT", "S: 221 2.0.0 Bye", "X");
        }
        Fakes.Accepted message = fakes.accepted.poll(5, TimeUnit.SECONDS);
        assertEquals("Subject: x\r\n\r\nhello\r\n", message.text());
        assertTrue(message.envelope().trace().startsWith("Received: from client.example.com ([127.0.0.1])\r\n\tby"));
        Event event = fakes.events.getFirst();
        assertEquals(Event.Type.RECEPTION, event.type());
        assertEquals(message.envelope().id().toString(), event.facts().get("id"));
        assertEquals(21L, event.facts().get("size"));
        assertEquals("127.0.0.1", event.facts().get("peer"));
    }

    @Test
    void tellsWhatAHookSaidAndNotesWhy() throws IOException {
        fakes.policy = (stage, about) ->
                stage == Stage.RCPT && about.startsWith("bad") ? Fakes.refuse(550, "5.1.1", "No such user") : null;
        try (ConversationPlayer player = connect("MX", "")) {
            player.play(HELLO);
            player.play("C: MAIL FROM:<>", "S: 250 …", "C: RCPT TO:<bad@local.test>", "S: 550 5.1.1 No such user");
            player.play("C: DATA", "S: 554 5.5.1 No valid recipients", "C: QUIT", "S: 221 …", "X");
        }
        Event event = fakes.events.getFirst();
        assertEquals(Event.Type.REJECTION, event.type());
        assertEquals("fake", event.facts().get("hook"));
        assertEquals("because", event.facts().get("reason"));
        assertEquals("bad@local.test", event.facts().get("recipient"));
        assertEquals(550L, event.facts().get("code"));
    }

    @Test
    void closesWhenAHookDisconnects() throws IOException {
        Reply reply = new Reply(421, "4.7.0", "Go away");
        fakes.policy = (stage, about) ->
                stage == Stage.CONNECT ? new Decision(Decision.Action.DISCONNECT, reply, "fake", "") : null;
        try (ConversationPlayer player = connect("MX", "")) {
            player.play("S: 421 4.7.0 Go away", "X");
        }
    }

    @Test
    void sendsARefusalOfTheHeadersAtTheFinalDot() throws IOException {
        fakes.policy = (stage, about) ->
                stage == Stage.DATA && about.contains("Subject: x") ? Fakes.refuse(554, "5.7.1", "No x") : null;
        try (ConversationPlayer player = connect("MX", "")) {
            player.play(HELLO);
            player.play(ENVELOPE);
            player.play(BODY);
            player.play("S: 554 5.7.1 No x", "C: NOOP", "S: 250 2.0.0 Ok");
        }
        Event event = fakes.events.getFirst();
        assertEquals("fake", event.facts().get("hook"));
        assertEquals(
                1,
                fakes.events.stream()
                        .filter(one -> one.type() == Event.Type.REJECTION)
                        .count(),
                "noted once");
    }

    @Test
    void throwsAwayWhatAHookDiscards() throws IOException {
        fakes.policy = (stage, about) -> stage == Stage.DATA && about.equals("message")
                ? new Decision(Decision.Action.DISCARD, null, "fake", "")
                : null;
        try (ConversationPlayer player = connect("MX", "")) {
            player.play(HELLO);
            player.play(ENVELOPE);
            player.play(BODY);
            player.play("S: 250 2.0.0 accepted as …");
        }
        assertNull(fakes.accepted.poll());
    }

    @Test
    void asksQueueHooksOfWhatIsToBeDiscardedToo() throws Exception {
        fakes.policy = (stage, about) -> stage == Stage.QUEUE
                ? new Decision(Decision.Action.HOLD, null, "fake", "")
                : stage == Stage.DATA && about.equals("message")
                        ? new Decision(Decision.Action.DISCARD, null, "fake", "")
                        : null;
        try (ConversationPlayer player = connect("MX", "")) {
            player.play(HELLO);
            player.play(ENVELOPE);
            player.play(BODY);
            player.play("S: 250 2.0.0 queued as …");
        }
        assertNotNull(fakes.accepted.poll(5, TimeUnit.SECONDS));
    }

    @Test
    void defersWhenSomethingInsideThrows() throws IOException {
        fakes.policy = (stage, about) -> {
            if (stage == Stage.QUEUE || about.equals("x@local.test")) {
                throw new IllegalStateException("broken on purpose");
            }
            return null;
        };
        try (ConversationPlayer player = connect("MX", "")) {
            player.play(HELLO);
            player.play(ENVELOPE);
            player.play(BODY);
            player.play("S: 451 4.3.0 …", "C: MAIL FROM:<>", "S: 250 …", "C: RCPT TO:<x@local.test>", "S: 451 4.3.0 …");
        }
    }

    @Test
    void says452WhenTheSpoolIsFull() throws IOException {
        fakes.commitFails = new SpoolException(SpoolException.Kind.FULL, "full");
        try (ConversationPlayer player = connect("MX", "")) {
            player.play(HELLO);
            player.play(ENVELOPE);
            player.play(BODY);
            player.play("S: 452 4.3.1 …", "C: NOOP", "S: 250 …");
            fakes.readiness = new Intake.Readiness(false, SpoolException.Kind.FULL, "full");
            player.play("C: MAIL FROM:<>", "S: 452 4.3.1 …");
        }
    }

    @Test
    void saysHowManyNodesHaveIt() throws IOException {
        fakes.word = new Custodian.Word(Custodian.Word.Kind.ACCEPTED, 3);
        try (ConversationPlayer player = connect("MX", "")) {
            player.play(HELLO);
            player.play(ENVELOPE);
            player.play(BODY);
            player.play("S: 250 2.0.0 queued as …");
            assertEquals(
                    3L,
                    fakes.events.stream()
                            .filter(e -> e.type() == Event.Type.RECEPTION)
                            .map(e -> e.facts().get("copies"))
                            .findFirst()
                            .orElseThrow());
        }
    }

    @Test
    void says451WhenNobodyWillDeliverIt() throws IOException {
        fakes.word = new Custodian.Word(Custodian.Word.Kind.DEFERRED, 1);
        try (ConversationPlayer player = connect("MX", "")) {
            player.play(HELLO);
            player.play(ENVELOPE);
            player.play(BODY);
            player.play("S: 451 4.3.0 …", "C: NOOP", "S: 250 …");
        }
    }

    @Test
    void closesWithoutAReplyWhenSomebodyMayDeliverIt() throws IOException {
        fakes.word = new Custodian.Word(Custodian.Word.Kind.CLOSED, 1);
        try (ConversationPlayer player = connect("MX", "")) {
            player.play(HELLO);
            player.play(ENVELOPE);
            player.play(BODY);
            player.play("X");
        }
    }

    @Test
    void says421AndClosesWhenTheSpoolIsSick() throws IOException {
        fakes.readiness = new Intake.Readiness(false, SpoolException.Kind.SICK, "sick");
        try (ConversationPlayer player = connect("MX", "")) {
            player.play(HELLO);
            player.play("C: MAIL FROM:<>", "S: 421 4.3.0 …", "X");
        }
    }

    @Test
    void saysThatTheServiceClosesWhenTheServerDrains() throws IOException {
        fakes.readiness = Intake.Readiness.LEAVING;
        try (ConversationPlayer player = connect("MX", "")) {
            player.play(HELLO);
            player.play("C: MAIL FROM:<a@b.example>", "S: 421 4.3.2 …", "X");
        }
    }

    @Test
    void wantsTlsAndAuthenticationOnASubmissionPort() throws IOException {
        try (ConversationPlayer player = connect("SUBMISSION", "")) {
            player.play(HELLO);
            player.play("C: MAIL FROM:<a@b.example>", "S: 530 5.7.0 Must issue a STARTTLS command first");
            player.play("C: AUTH PLAIN AGEAYg==", "S: 538 5.7.11 …");
        }
    }

    @Test
    void letsTrustedClientsSendAnywhere() throws IOException {
        try (ConversationPlayer player = connect("RELAY", "127.0.0.0/8")) {
            player.play(HELLO);
            player.play("C: MAIL FROM:<>", "S: 250 …", "C: RCPT TO:<a%b@foreign.example>", "S: 250 …");
        }
    }

    @Test
    void doesNotOfferWhatAHookWithdrew() throws IOException {
        fakes.withdrawn = Set.of("CHUNKING", "STARTTLS", "DSN", "SMTPUTF8");
        try (ConversationPlayer player = connect("MX", "")) {
            player.play("S: 220 …", "C: EHLO c", "S: 250-mx.local.test", "S: 250-PIPELINING", "S: 250-SIZE 67108864");
            player.play("S: 250-8BITMIME", "S: 250 ENHANCEDSTATUSCODES", "C: STARTTLS", "S: 502 …");
        }
    }

    @Test
    void refusesCommandsInjectedBehindStartTls() throws IOException {
        try (ConversationPlayer player = connect("MX", "")) {
            player.play("S: 220 …", "R: STARTTLS\\r\\nRSET\\r\\n", "S: 554 5.7.0 …", "X");
        }
        assertEquals("STARTTLS injection", fakes.events.getFirst().facts().get("what"));
    }

    @Test
    void sendsAwayWhoOnlyMakesMistakes() throws IOException {
        try (ConversationPlayer player = connect("MX", "")) {
            player.play("S: 220 …");
            for (int i = 0; i < 19; i++) {
                player.play("C: FOO", "S: 500 5.5.1 …");
            }
            player.play("C: FOO", "S: 421 4.7.0 …", "X");
        }
    }

    @Test
    void acceptsNothingFromAClientThatVanishesBeforeTheDot() throws IOException {
        try (ConversationPlayer player = connect("MX", "")) {
            player.play(HELLO);
            player.play(ENVELOPE);
            player.play("C: DATA", "S: 354 …", "C: half", "R: .");
            player.socket().shutdownOutput();
            player.play("X");
        }
        assertNull(fakes.accepted.poll());
    }

    @Test
    void closesIdleSessionsAtOnceAndLetsOpenTransactionsEnd() throws Exception {
        try (ConversationPlayer idle = connect("MX", "");
                ConversationPlayer busy = connect("MX", "")) {
            idle.play(HELLO);
            busy.play(HELLO);
            busy.play(ENVELOPE);
            Thread closing = Thread.ofVirtual().start(server::closeListener);
            idle.play("S: 421 4.3.2 …", "X");
            busy.play(BODY);
            busy.play("S: 250 2.0.0 queued as …", "S: 421 4.3.2 …", "X");
            assertTrue(closing.join(Duration.ofSeconds(10)));
        }
        assertNotNull(fakes.accepted.poll());
    }

    @Test
    void namesListenerAndAddressWhenThePortIsTaken() throws IOException {
        connect("MX", "").close();
        int port = server.address().getPort();
        IOException e = assertThrows(
                IOException.class,
                () -> new FakeServer(FakeServer.settings("RELAY", "NONE", "", "", port), new Fakes(), data));
        assertTrue(e.getMessage().startsWith("Listener RELAY can not listen on /127.0.0.1:" + port), e.getMessage());
    }

    @Test
    void dropsConnectionsThatComeNotFromTheProxy() throws IOException {
        server = new FakeServer(FakeServer.settings("MX", "NONE", "", "192.0.2.0/24", 0), fakes, data);
        try (ConversationPlayer player = new ConversationPlayer(server.address())) {
            player.play("X");
        }
    }

    @Test
    void trustsTheAddressInTheProxyHeader() throws IOException {
        server = new FakeServer(FakeServer.settings("RELAY", "NONE", "127.0.0.0/8", "127.0.0.1", 0), fakes, data);
        try (ConversationPlayer player = new ConversationPlayer(server.address())) {
            player.play("C: PROXY TCP4 192.0.2.77 127.0.0.1 34567 25");
            player.play(HELLO);
            player.play("C: MAIL FROM:<>", "S: 250 …", "C: RCPT TO:<a@foreign.example>", "S: 550 5.7.1 …");
        }
        assertEquals("192.0.2.77", fakes.events.getFirst().facts().get("peer"));
    }

    private static ListenerSettings limited(int connectionsPerIp, long commandMillis) {
        ListenerSettings shipped = FakeServer.settings("MX", "NONE", "", "", 0);
        return new ListenerSettings(
                "limited",
                shipped.address(),
                shipped.profile(),
                shipped.trusted(),
                shipped.tls(),
                shipped.proxyFrom(),
                "",
                true,
                shipped.auth(),
                new ListenerSettings.Limits(1000, 100, 1000, connectionsPerIp, 20, 2, 10),
                new ListenerSettings.Timeouts(commandMillis, 1000, 1000, 1000));
    }

    @Test
    void sendsAwayWhoSaysNothing() throws IOException {
        server = new FakeServer(limited(10, 200), fakes, data);
        try (ConversationPlayer player = new ConversationPlayer(server.address())) {
            player.play("S: 220 mx.local.test ESMTP", "R: NOO", "S: 421 4.4.2 …", "X");
        }
        assertEquals("timeout", fakes.events.getFirst().facts().get("what"));
    }

    @Test
    void takesSoManyConnectionsFromOneAddress() throws IOException {
        server = new FakeServer(limited(1, 60_000), fakes, data);
        try (ConversationPlayer first = new ConversationPlayer(server.address())) {
            first.play("S: 220 …");
            try (ConversationPlayer second = new ConversationPlayer(server.address())) {
                second.play("S: 421 4.7.0 Too many connections", "X");
            }
            first.play("C: NOOP", "S: 250 2.0.0 Ok");
        }
    }

    @Test
    void refusesMessagesThatAreTooBigOrLoop() throws IOException {
        server = new FakeServer(limited(10, 60_000), fakes, data);
        try (ConversationPlayer player = new ConversationPlayer(server.address())) {
            player.play("S: 220 …", "C: HELO c", "S: 250 …", "C: MAIL FROM:<> SIZE=1001", "S: 552 5.3.4 …");
            player.play(ENVELOPE);
            player.play("C: DATA", "S: 354 …", "C: " + "x".repeat(1000), "C: .", "S: 552 5.3.4 Message too big");
            player.play(ENVELOPE);
            player.play("C: DATA", "S: 354 …", "R: " + "Received: x\\r\\n".repeat(11), "C: ", "C: .");
            player.play("S: 554 5.4.6 Too many hops", "C: MAIL FROM:<>", "S: 421 4.7.0 Enough for one connection", "X");
        }
    }

    @Test
    void answersAllOfAPipelineThatIsReadLate() throws IOException {
        try (ConversationPlayer player = connect("MX", "")) {
            player.send("NOOP\r\n".repeat(20_000));
            player.play("S: 220 …");
            for (int i = 0; i < 20_000; i++) {
                player.play("S: 250 2.0.0 Ok");
            }
        }
    }

    @Test
    void trustsNobodyWhomTheProxyDoesNotName() throws IOException {
        server = new FakeServer(FakeServer.settings("RELAY", "NONE", "127.0.0.0/8", "127.0.0.1", 0), fakes, data);
        try (ConversationPlayer player = new ConversationPlayer(server.address())) {
            player.play("C: PROXY UNKNOWN");
            player.play(HELLO);
            player.play("C: MAIL FROM:<>", "S: 250 …", "C: RCPT TO:<a@foreign.example>", "S: 550 5.7.1 …");
        }
    }

    @Test
    void tellsAClientInTheMiddleOfAMessageThatTheListenerCloses() throws Exception {
        try (ConversationPlayer busy = connect("MX", "")) {
            busy.play(HELLO);
            busy.play(ENVELOPE);
            busy.play("C: DATA", "S: 354 …", "C: Subject: x");
            Thread closing = Thread.ofVirtual().start(server::closeListener);
            busy.play("S: 421 4.3.2 …", "X");
            assertTrue(closing.join(Duration.ofSeconds(10)));
        }
        assertTrue(fakes.accepted.isEmpty());
    }

    @Test
    void countsConnectionsBeforeTheirHandshake() throws IOException {
        ListenerSettings shipped = limited(1, 60_000);
        server = new FakeServer(
                new ListenerSettings(
                        "implicit",
                        shipped.address(),
                        shipped.profile(),
                        shipped.trusted(),
                        ListenerSettings.Tls.IMPLICIT,
                        shipped.proxyFrom(),
                        "",
                        true,
                        shipped.auth(),
                        shipped.limits(),
                        new ListenerSettings.Timeouts(60_000, 60_000, 60_000, 100)),
                fakes,
                data);
        try (ConversationPlayer first = new ConversationPlayer(server.address());
                ConversationPlayer second = new ConversationPlayer(server.address())) {
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
            while (fakes.events.isEmpty() && System.nanoTime() < deadline) {
                Thread.onSpinWait();
            }
            assertEquals("too many connections", fakes.events.getFirst().facts().get("what"));
            assertTrue(first.socket().isConnected() && second.socket().isConnected());
        }
    }

    @Test
    void throwsAwayTheReplacementOfAMessageThatIsRefused() throws IOException {
        Fakes.FakeDraft replacement = new Fakes.FakeDraft(MessageId.next(), true);
        fakes.replacement = replacement;
        fakes.policy = (stage, about) -> stage == Stage.QUEUE ? Fakes.refuse(451, "4.7.1", "Later") : null;
        try (ConversationPlayer player = connect("MX", "")) {
            player.play(HELLO);
            player.play(ENVELOPE);
            player.play(BODY);
            player.play("S: 451 4.7.1 Later");
        }
        assertTrue(replacement.closed);
    }
}
