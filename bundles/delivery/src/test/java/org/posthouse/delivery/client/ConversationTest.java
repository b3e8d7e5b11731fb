// SPDX-License-Identifier: Apache-2.0
package org.posthouse.delivery.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.posthouse.api.Address;
import org.posthouse.api.BodyType;
import org.posthouse.api.Content;
import org.posthouse.api.Recipient;
import org.posthouse.api.Reply;
import org.posthouse.api.Sender;
import org.posthouse.delivery.FakeDns;

final class ConversationTest {
    private static final Words HELLO = Words.of("Subject: x\n\n.hello\n");

    private final StalledWrites watch = new StalledWrites(Duration.ofSeconds(10));
    private final List<List<Integer>> intents = new ArrayList<>();
    private boolean willing = true;

    @AfterEach
    void close() {
        watch.close();
    }

    private Link dial(ScriptedServer server, TlsPolicy tls, boolean lmtp) throws Exception {
        Duration second = Duration.ofSeconds(5);
        Timeouts timeouts = new Timeouts(second, second, second, second, second, second, second, second);
        Dialer dialer = new Dialer(
                new Addresses(new FakeDns(), true),
                timeouts,
                null,
                "us.test",
                false,
                new PlainHosts(Duration.ofMinutes(1)),
                watch);
        return dialer.dial(new Hop(lmtp, List.of(List.of("127.0.0.1")), server.port(), tls, false));
    }

    private Shipment shipment(Sender sender, Content content, boolean eightBit, Recipient... recipients) {
        return new Shipment(sender, sender.address(), List.of(recipients), content, eightBit, positions -> {
            intents.add(positions);
            return willing;
        });
    }

    private Shipment plain(String... recipients) {
        Recipient[] all = List.of(recipients).stream()
                .map(r -> Recipient.of(Address.of(r)))
                .toArray(Recipient[]::new);
        return shipment(Sender.of(Address.of("a@us.test")), HELLO, false, all);
    }

    private static List<Integer> codes(Receipt receipt) {
        return receipt.lines().stream().map(l -> l.reply().code()).toList();
    }

    private Receipt send(Shipment shipment, boolean lmtp, String... transcripts) throws Exception {
        try (ScriptedServer server = new ScriptedServer(transcripts)) {
            Link link = dial(server, TlsPolicy.OPPORTUNISTIC, lmtp);
            Receipt receipt = new Transaction(link, shipment).run();
            link.quit();
            server.finish();
            return receipt;
        }
    }

    @Test
    void waitsForEachReplyWhereNothingIsOffered() throws Exception {
        Receipt receipt = send(plain("b@x.test"), false, """
                S: 220 x.test
                C: EHLO us.test
                S: 250 x.test
                C: MAIL FROM:<a@us.test>
                quiet
                S: 250 ok
                C: RCPT TO:<b@x.test>
                quiet
                S: 250 ok
                C: DATA
                quiet
                S: 354 go
                C: Subject: x
                C:
                C: ..hello
                C: .
                S: 250 2.0.0 taken
                C: QUIT
                S: 221 bye
                """);
        assertEquals(new Reply(250, "2.0.0", "taken"), receipt.lines().get(0).reply());
        assertEquals(List.of(List.of(0)), intents);
        assertFalse(receipt.lines().get(0).notifies());
    }

    @Test
    void sendsTheEnvelopeInOneGroupWherePipeliningIsOffered() throws Exception {
        Recipient odd = new Recipient(Address.of("b@x.test"), "SUCCESS,FAILURE", "rfc822;o+d@y.test");
        Sender sender = new Sender(Address.of("a@us.test"), -1, BodyType.EIGHT_BIT, false, "HDRS", "id=1");
        Receipt receipt = send(shipment(sender, HELLO, true, odd, Recipient.of(Address.of("c@x.test"))), false, """
                S: 220 x.test
                C: EHLO us.test
                S: 250-x.test
                S: 250-PIPELINING
                S: 250-SIZE 1000
                S: 250-8bitmime
                S: 250 DSN
                C: MAIL FROM:<a@us.test> SIZE=22 BODY=8BITMIME RET=HDRS ENVID=id+3D1
                C: RCPT TO:<b@x.test> NOTIFY=SUCCESS,FAILURE ORCPT=rfc822;o+2Bd@y.test
                C: RCPT TO:<c@x.test>
                C: DATA
                S: 250 ok
                S: 550 5.1.1 no
                S: 250 ok
                S: 354 go
                C: Subject: x
                C:
                C: ..hello
                C: .
                S: 250 taken
                C: QUIT
                S: 221 bye
                """);
        assertEquals(List.of(550, 250), codes(receipt));
        assertEquals(List.of(List.of(1)), intents);
        assertTrue(receipt.lines().get(1).notifies());
    }

    @Test
    void endsAnAcceptedDataWithoutRecipientsAndResetsBeforeTheNext() throws Exception {
        try (ScriptedServer server = new ScriptedServer("""
                S: 220 x.test
                C: EHLO us.test
                S: 250-x.test
                S: 250 PIPELINING
                C: MAIL FROM:<a@us.test>
                C: RCPT TO:<b@x.test>
                C: DATA
                S: 250 ok
                S: 550 no
                S: 354 go
                C: .
                S: 554 no valid recipients
                C: MAIL FROM:<a@us.test>
                C: RCPT TO:<c@x.test>
                C: DATA
                S: 250 ok
                S: 450 later
                S: 503 no recipients
                C: RSET
                C: MAIL FROM:<a@us.test>
                C: RCPT TO:<d@x.test>
                C: DATA
                S: 250 reset
                S: 550 5.7.1 not you
                S: 503 no
                S: 503 no
                C: QUIT
                S: 221 bye
                """)) {
            Link link = dial(server, TlsPolicy.OPPORTUNISTIC, false);
            assertEquals(List.of(550), codes(new Transaction(link, plain("b@x.test")).run()));
            assertEquals(List.of(450), codes(new Transaction(link, plain("c@x.test")).run()));
            assertEquals(
                    new Reply(550, "5.7.1", "not you"),
                    new Transaction(link, plain("d@x.test"))
                            .run()
                            .lines()
                            .get(0)
                            .reply());
            link.quit();
            server.finish();
            assertEquals(List.of(), intents);
        }
    }

    @Test
    void greetsByHeloWhenEhloIsRefused() throws Exception {
        Receipt receipt = send(plain("b@x.test"), false, """
                S: 220 x.test
                C: EHLO us.test
                S: 502 what?
                C: HELO us.test
                S: 250 x.test
                C: MAIL FROM:<a@us.test>
                S: 552 5.2.2 full
                C: QUIT
                S: 221 bye
                """);
        assertEquals(List.of(552), codes(receipt));
    }

    @Test
    void takes552ForARecipientAsTemporaryUnlessItGivesAnotherReason() throws Exception {
        Receipt receipt = send(plain("b@x.test", "c@x.test", "d@x.test"), false, """
                S: 220 x.test
                C: EHLO us.test
                S: 250 x.test
                C: MAIL FROM:<a@us.test>
                S: 250 ok
                C: RCPT TO:<b@x.test>
                S: 250 ok
                C: RCPT TO:<c@x.test>
                S: 552 too many recipients
                C: RCPT TO:<d@x.test>
                S: 552 5.2.2 mailbox full
                C: DATA
                S: 354 go
                C: Subject: x
                C:
                C: ..hello
                C: .
                S: 250 taken
                C: QUIT
                S: 221 bye
                """);
        assertEquals(List.of(250, 452, 552), codes(receipt));
        assertTrue(receipt.lines().get(1).crowded());
    }

    @Test
    void readsOneReplyForEachRecipientOfLmtp() throws Exception {
        Receipt receipt = send(plain("b@x.test", "c@x.test", "d@x.test"), true, """
                S: 220 x.test
                C: LHLO us.test
                S: 250-x.test
                S: 250 PIPELINING
                C: MAIL FROM:<a@us.test>
                C: RCPT TO:<b@x.test>
                C: RCPT TO:<c@x.test>
                C: RCPT TO:<d@x.test>
                C: DATA
                S: 250 ok
                S: 250 ok
                S: 550 no
                S: 250 ok
                S: 354 go
                C: Subject: x
                C:
                C: ..hello
                C: .
                S: 250 b
                S: 452 4.2.2 d is full
                C: QUIT
                S: 221 bye
                """);
        assertEquals(List.of(250, 550, 452), codes(receipt));
    }

    @Test
    void dropsTheConnectionWithoutTheDotWhenTheIntentIsRefused() throws Exception {
        willing = false;
        try (ScriptedServer server = new ScriptedServer("""
                S: 220 x.test
                C: EHLO us.test
                S: 250 x.test
                C: MAIL FROM:<a@us.test>
                S: 250 ok
                C: RCPT TO:<b@x.test>
                S: 250 ok
                C: DATA
                S: 354 go
                """)) {
            Link link = dial(server, TlsPolicy.NONE, false);
            Receipt receipt = new Transaction(link, plain("b@x.test")).run();
            assertTrue(receipt.withdrawn());
            assertFalse(link.isOpen());
            server.finish();
        }
    }

    @Test
    void triesAgainLaterWhenTheConnectionEndsAfterTheDot() throws Exception {
        Receipt receipt = send(plain("b@x.test", "c@x.test"), false, """
                S: 220 x.test
                C: EHLO us.test
                S: 250-x.test
                S: 250 PIPELINING
                C: MAIL FROM:<a@us.test>
                C: RCPT TO:<b@x.test>
                C: RCPT TO:<c@x.test>
                C: DATA
                S: 250 ok
                S: 550 no
                S: 250 ok
                S: 354 go
                C: Subject: x
                C:
                C: ..hello
                C: .
                close
                """);
        assertEquals(List.of(550, 451), codes(receipt));
        assertEquals("4.4.2", receipt.lines().get(1).reply().enhanced());
    }

    @Test
    void endsTheConnectionAt421() throws Exception {
        try (ScriptedServer server = new ScriptedServer("""
                S: 220 x.test
                C: EHLO us.test
                S: 250 x.test
                C: MAIL FROM:<a@us.test>
                S: 250 ok
                C: RCPT TO:<b@x.test>
                S: 421 4.3.2 closing
                """)) {
            Link link = dial(server, TlsPolicy.NONE, false);
            assertEquals(List.of(421, 421), codes(new Transaction(link, plain("b@x.test", "c@x.test")).run()));
            assertFalse(link.isOpen());
        }
    }

    @Test
    void callsGarbageAProtocolError() throws Exception {
        try (ScriptedServer server = new ScriptedServer("""
                S: 220 x.test
                C: EHLO us.test
                S: 250 x.test
                C: MAIL FROM:<a@us.test>
                S: garbage
                """)) {
            Link link = dial(server, TlsPolicy.NONE, false);
            Receipt receipt = new Transaction(link, plain("b@x.test")).run();
            assertEquals(
                    new Reply(451, "4.5.0", "Protocol error in the envelope: reply that is none: garbage"),
                    receipt.lines().get(0).reply());
            assertFalse(link.isOpen());
        }
    }

    @Test
    void refusesWhatTheHostCanNotTakeWithoutAWord() throws Exception {
        String transcript = """
                S: 220 x.test
                C: EHLO us.test
                S: 250-x.test
                S: 250 SIZE 5
                C: QUIT
                S: 221 bye
                """;
        assertEquals(
                "5.3.4",
                send(plain("b@x.test"), false, transcript)
                        .lines()
                        .get(0)
                        .reply()
                        .enhanced());
        String plain = transcript.replace("SIZE 5", "SIZE");
        Sender utf8 = new Sender(Address.of("\u00fc@us.test"), -1, BodyType.EIGHT_BIT, true, "", "");
        Recipient to = Recipient.of(Address.of("b@x.test"));
        assertEquals("5.6.7", enhanced(send(shipment(utf8, HELLO, false, to), false, plain)));
        Sender plainSender = new Sender(Address.of("a@us.test"), -1, BodyType.EIGHT_BIT, true, "", "");
        Words header = Words.of("X: \u00fc\n\nhello\n");
        assertEquals("5.6.7", enhanced(send(shipment(plainSender, header, true, to), false, plain)));
        Sender eight = new Sender(Address.of("a@us.test"), -1, BodyType.EIGHT_BIT, false, "", "");
        assertEquals("5.6.3", enhanced(send(shipment(eight, header, true, to), false, plain)));
        Sender binary = new Sender(Address.of("a@us.test"), -1, BodyType.BINARY, false, "", "");
        assertEquals("5.6.1", enhanced(send(shipment(binary, HELLO, false, to), false, plain)));
        Recipient international = Recipient.of(Address.of("\u00fc@x.test"));
        Sender wants = new Sender(Address.of("a@us.test"), -1, BodyType.SEVEN_BIT, true, "", "");
        assertEquals("5.6.7", enhanced(send(shipment(wants, HELLO, false, international), false, plain)));
        Sender edited = new Sender(Address.of("\u00fc@us.test"), -1, BodyType.SEVEN_BIT, false, "", "");
        assertEquals("5.6.7", enhanced(send(shipment(edited, HELLO, false, to), false, plain)));
    }

    private static String enhanced(Receipt receipt) {
        assertFalse(receipt.lines().get(0).said());
        return receipt.lines().get(0).reply().enhanced();
    }

    @Test
    void convertsEightBitTextForAnOldHost() throws Exception {
        Sender eight = new Sender(Address.of("a@us.test"), -1, BodyType.EIGHT_BIT, false, "", "");
        Words words = Words.of("Content-Transfer-Encoding: 8bit\n\n.\u00fc\n");
        Recipient to = Recipient.of(Address.of("b@x.test"));
        Receipt receipt = send(shipment(eight, words, true, to), false, """
                S: 220 x.test
                C: EHLO us.test
                S: 250 x.test
                C: MAIL FROM:<a@us.test>
                S: 250 ok
                C: RCPT TO:<b@x.test>
                S: 250 ok
                C: DATA
                S: 354 go
                C: Content-Transfer-Encoding: quoted-printable
                C:
                C: ..=C3=BC
                C: .
                S: 250 taken
                C: QUIT
                S: 221 bye
                """);
        assertEquals(List.of(250), codes(receipt));
    }

    @Test
    void sendsLargeMessagesInChunks() throws Exception {
        Words large = new Words(
                ("Subject: x\r\n\r\n" + "x".repeat(78) + "\r\n").repeat(4000).getBytes());
        int size = (int) large.size();
        int chunk = 256 * 1024;
        Receipt receipt = send(
                shipment(Sender.of(Address.of("a@us.test")), large, false, Recipient.of(Address.of("b@x.test"))),
                false,
                """
                S: 220 x.test
                C: EHLO us.test
                S: 250-x.test
                S: 250 CHUNKING
                C: MAIL FROM:<a@us.test>
                S: 250 ok
                C: RCPT TO:<b@x.test>
                S: 250 ok
                C: BDAT %d
                skip %d
                S: 250 go on
                C: BDAT %d LAST
                skip %d
                S: 250 2.0.0 taken
                C: QUIT
                S: 221 bye
                """.formatted(chunk, chunk, size - chunk, size - chunk));
        assertEquals(List.of(250), codes(receipt));
        assertEquals(1, intents.size());
    }

    /** An intent for which others are asked, so that it may take long. */
    private Shipment.Intent askingOthers() {
        return new Shipment.Intent() {
            @Override
            public boolean record(List<Integer> positions) {
                intents.add(positions);
                return willing;
            }

            @Override
            public boolean asksOthers() {
                return true;
            }
        };
    }

    private Shipment asking(Content content) {
        Sender sender = Sender.of(Address.of("a@us.test"));
        return new Shipment(
                sender,
                sender.address(),
                List.of(Recipient.of(Address.of("b@x.test"))),
                content,
                false,
                askingOthers());
    }

    @Test
    void leavesNothingButTheDotToSendWhileOthersAreAsked() throws Exception {
        willing = false;
        Receipt receipt = send(asking(HELLO), false, """
                S: 220 x.test
                C: EHLO us.test
                S: 250 x.test
                C: MAIL FROM:<a@us.test>
                S: 250 ok
                C: RCPT TO:<b@x.test>
                S: 250 ok
                C: DATA
                S: 354 go
                C: Subject: x
                C:
                C: ..hello
                close
                """);
        assertTrue(receipt.withdrawn());
        assertEquals(1, intents.size());
    }

    @Test
    void leavesNothingButTheLastWordToSendWhileOthersAreAsked() throws Exception {
        Words large = new Words("x\r\n".repeat(100_000).getBytes(StandardCharsets.US_ASCII));
        int chunk = 256 * 1024;
        int rest = (int) large.size() - chunk;
        Receipt receipt = send(asking(large), false, """
                S: 220 x.test
                C: EHLO us.test
                S: 250-x.test
                S: 250 CHUNKING
                C: MAIL FROM:<a@us.test>
                S: 250 ok
                C: RCPT TO:<b@x.test>
                S: 250 ok
                C: BDAT %d
                skip %d
                S: 250 go on
                C: BDAT %d
                skip %d
                S: 250 go on
                C: BDAT 0 LAST
                S: 250 2.0.0 taken
                C: QUIT
                S: 221 bye
                """.formatted(chunk, chunk, rest, rest));
        assertEquals(List.of(250), codes(receipt));
        assertEquals(1, intents.size());
    }

    @Test
    void stopsBehindARefusedChunk() throws Exception {
        Words large = new Words("x\r\n".repeat(100_000).getBytes());
        Receipt receipt = send(
                shipment(Sender.of(Address.of("a@us.test")), large, false, Recipient.of(Address.of("b@x.test"))),
                false,
                """
                S: 220 x.test
                C: EHLO us.test
                S: 250-x.test
                S: 250 CHUNKING
                C: MAIL FROM:<a@us.test>
                S: 250 ok
                C: RCPT TO:<b@x.test>
                S: 250 ok
                C: BDAT 262144
                skip 262144
                S: 552 5.3.4 too much
                C: QUIT
                S: 221 bye
                """);
        assertEquals(List.of(552), codes(receipt));
        assertEquals(List.of(), intents);
    }

    @Test
    void abortsWithoutTheDotWhenTheMessageCanNotBeRead() throws Exception {
        Content damaged = new Content() {
            @Override
            public long size() {
                return 100;
            }

            @Override
            public InputStream open() {
                return new InputStream() {
                    @Override
                    public int read() throws IOException {
                        throw new IOException("checksum");
                    }
                };
            }
        };
        try (ScriptedServer server = new ScriptedServer("""
                S: 220 x.test
                C: EHLO us.test
                S: 250 x.test
                C: MAIL FROM:<a@us.test>
                S: 250 ok
                C: RCPT TO:<b@x.test>
                S: 250 ok
                C: DATA
                S: 354 go
                """)) {
            Link link = dial(server, TlsPolicy.NONE, false);
            Sender sender = Sender.of(Address.of("a@us.test"));
            Transaction transaction =
                    new Transaction(link, shipment(sender, damaged, false, Recipient.of(Address.of("b@x.test"))));
            assertThrows(DamagedContent.class, transaction::run);
            assertFalse(link.isOpen());
            server.finish();
            assertEquals(List.of(), intents);
        }
    }

    @Test
    void saysWhenAKeptConnectionIsGone() throws Exception {
        try (ScriptedServer server = new ScriptedServer("""
                S: 220 x.test
                C: EHLO us.test
                S: 250 x.test
                C: MAIL FROM:<a@us.test>
                S: 450 later
                S: 421 idle too long
                close
                """)) {
            Link link = dial(server, TlsPolicy.NONE, false);
            assertEquals(List.of(450), codes(new Transaction(link, plain("b@x.test")).run()));
            server.finish();
            assertThrows(StaleLink.class, () -> new Transaction(link, plain("b@x.test")).run());
        }
    }

    @Test
    void goesOnInClearAfterABrokenHandshake() throws Exception {
        try (ScriptedServer server = new ScriptedServer("""
                S: 220 x.test
                C: EHLO us.test
                S: 250-x.test
                S: 250 STARTTLS
                C: STARTTLS
                S: 220 go
                skip 5
                S: this is not TLS
                close
                """, """
                S: 220 x.test
                C: EHLO us.test
                S: 250-x.test
                S: 250 STARTTLS
                C: QUIT
                S: 221 bye
                """)) {
            Link link = dial(server, TlsPolicy.OPPORTUNISTIC, false);
            assertEquals("", link.tls());
            link.quit();
            server.finish();
        }
    }

    @Test
    void refusesOctetsInClearBehindStartTls() throws Exception {
        try (ScriptedServer server = new ScriptedServer("""
                S: 220 x.test
                C: EHLO us.test
                S: 250-x.test
                S: 250 STARTTLS
                C: STARTTLS
                S: 220 go|250-evil.invalid|250 AUTH PLAIN
                """)) {
            Unreached unreached = assertThrows(Unreached.class, () -> dial(server, TlsPolicy.OPPORTUNISTIC, false));
            assertEquals("4.7.0", unreached.reply().enhanced());
        }
    }

    @Test
    void neverSendsInClearWhereTlsIsRequired() throws Exception {
        try (ScriptedServer server = new ScriptedServer("""
                S: 220 x.test
                C: EHLO us.test
                S: 250 x.test
                """)) {
            Unreached unreached = assertThrows(Unreached.class, () -> dial(server, TlsPolicy.REQUIRE, false));
            assertEquals(new Reply(454, "4.7.4", "TLS is required, but not offered by the host"), unreached.reply());
        }
    }

    @Test
    void tellsTemporaryFromPermanentGreetings() throws Exception {
        try (ScriptedServer later = new ScriptedServer("S: 421 4.3.2 busy");
                ScriptedServer never = new ScriptedServer("S: 554 no service")) {
            assertTrue(assertThrows(Unreached.class, () -> dial(later, TlsPolicy.NONE, false))
                    .reply()
                    .temporary());
            assertTrue(assertThrows(Unreached.class, () -> dial(never, TlsPolicy.NONE, false))
                    .reply()
                    .permanent());
        }
    }
}
