// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.milter;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.posthouse.plugins.milter.FakeMilter.packet;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.posthouse.api.Address;
import org.posthouse.api.BodyType;
import org.posthouse.api.Edit;
import org.posthouse.api.Need;
import org.posthouse.api.Note;
import org.posthouse.api.Recipient;
import org.posthouse.api.Reply;
import org.posthouse.api.Sender;
import org.posthouse.api.Stage;
import org.posthouse.api.Verdict;
import org.posthouse.outside.daemon.Endpoint;
import org.posthouse.testkit.FakeBody;
import org.posthouse.testkit.FakeSession;
import org.posthouse.testkit.FakeTransaction;
import org.posthouse.testkit.Settings;
import org.posthouse.testkit.server.Await;
import org.posthouse.testkit.service.FakeDns;

final class MiltersTest {
    private static final Duration SOON = Duration.ofSeconds(10);
    private static final Need[] NEEDS = {
        Need.BODY, Need.PEER, Need.EDIT_HEADERS, Need.EDIT_BODY, Need.EDIT_SENDER, Need.EDIT_RECIPIENTS, Need.NETWORK
    };
    private static final byte[] GO_ON = packet('c');

    private final FakeDns dns = new FakeDns().address("client.example.org", "192.0.2.1");
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final Map<String, Object> settings = new HashMap<>();
    private final List<Milters> made = new ArrayList<>();
    private FakeMilter milter;

    @BeforeEach
    void listen() throws IOException {
        milter = new FakeMilter();
        settings.putAll(Map.of(
                "milters", new String[] {milter.address() + " name=fake"},
                "connectTimeout", 5_000L,
                "commandTimeout", 10_000L,
                "contentTimeout", 10_000L,
                "pause", 0L,
                "maxBody", 1_000_000L,
                "hostname", "mx.example.net"));
    }

    @AfterEach
    void close() throws IOException {
        made.forEach(Milters::close);
        milter.close();
    }

    private Milters plugin() {
        Object[] pairs = settings.entrySet().stream()
                .flatMap(entry -> Stream.of(entry.getKey(), entry.getValue()))
                .toArray();
        Milters plugin = new Milters(Settings.of(Milters.Config.class, pairs), dns, meters);
        made.add(plugin);
        return plugin;
    }

    private Milters milters(String... lines) {
        settings.put("milters", lines);
        return plugin();
    }

    /** A session with what hooks leave in it, as the server keeps it from stage to stage. */
    private static final class Talk {
        private final Milters plugin;
        private final Map<Note<?>, Object> sessionNotes = new HashMap<>();
        private final Map<Note<?>, Object> notes = new HashMap<>();
        private final List<Recipient> recipients = new ArrayList<>();
        private String id = "TX1";
        private String tls = "";
        private String user = "";
        private String listener = "mx";
        private Sender sender = Sender.of(Address.of("a@example.org"));
        private String[] headers = {"Subject: hello", "X: 1"};
        private String body = "one\r\ntwo\r\n";
        private FakeTransaction last = FakeTransaction.at(Stage.DATA).build();

        Talk(Milters plugin) {
            this.plugin = plugin;
        }

        private FakeSession.Builder session(String helo) {
            FakeSession.Builder session = FakeSession.with()
                    .needs(NEEDS)
                    .helo(helo)
                    .tls(tls)
                    .user(user)
                    .listener(listener, "mx");
            sessionNotes.forEach((note, value) -> leave(session, note, value));
            return session;
        }

        @SuppressWarnings("unchecked")
        private static <T> void leave(FakeSession.Builder session, Note<T> note, Object value) {
            session.note(note, (T) value);
        }

        @SuppressWarnings("unchecked")
        private static <T> void leave(FakeTransaction.Builder tx, Note<T> note, Object value) {
            tx.note(note, (T) value);
        }

        private FakeTransaction tx(Stage stage) {
            FakeTransaction.Builder tx = FakeTransaction.at(stage)
                    .id(id)
                    .needs(NEEDS)
                    .in(session("client.example.org"))
                    .from(sender)
                    .to(recipients)
                    .headers(headers)
                    .body(body);
            notes.forEach((note, value) -> leave(tx, note, value));
            last = tx.build();
            return last;
        }

        private Verdict kept(Verdict verdict) {
            sessionNotes.putAll(last.fakeSession().notes());
            notes.putAll(last.notes());
            return verdict;
        }

        Verdict connect() {
            FakeSession session = session("").build();
            Verdict verdict = plugin.onConnect(session);
            sessionNotes.putAll(session.notes());
            return verdict;
        }

        Verdict helo() {
            FakeSession session = session("client.example.org").build();
            Verdict verdict = plugin.onHelo(session);
            sessionNotes.putAll(session.notes());
            return verdict;
        }

        Verdict mail() {
            FakeTransaction tx = tx(Stage.MAIL);
            return kept(plugin.onMail(tx, tx.sender()));
        }

        Verdict rcpt(String address) {
            return rcpt(Recipient.of(Address.of(address)));
        }

        Verdict rcpt(Recipient recipient) {
            Verdict verdict = kept(plugin.onRcpt(tx(Stage.RCPT), recipient));
            if (verdict instanceof Verdict.Continue) {
                recipients.add(recipient);
            }
            return verdict;
        }

        Verdict data() throws IOException {
            FakeTransaction tx = tx(Stage.DATA);
            return kept(plugin.onMessage(tx, tx.message()));
        }

        /** From the connection to the end of the message. */
        Verdict whole() throws IOException {
            connect();
            helo();
            mail();
            rcpt("b@example.net");
            return data();
        }

        /** The transaction is over, and another may come. */
        Talk ended(String next) throws Exception {
            for (Object value : notes.values()) {
                ((AutoCloseable) value).close();
            }
            notes.clear();
            recipients.clear();
            id = next;
            return this;
        }

        void over() throws Exception {
            ended("");
            for (Object value : sessionNotes.values()) {
                ((AutoCloseable) value).close();
            }
        }

        List<Edit> edits() {
            return last.edits();
        }
    }

    private Talk talk() {
        return new Talk(plugin());
    }

    @Test
    void tellsAMessageStepByStep() throws Exception {
        Talk talk = talk();
        talk.sender = new Sender(Address.of("a@example.org"), 42, BodyType.EIGHT_BIT, true, "HDRS", "id+1");
        talk.connect();
        talk.helo();
        talk.mail();
        talk.rcpt(new Recipient(Address.of("b@example.net"), "SUCCESS,FAILURE", "rfc822;B@example.net"));
        assertEquals(Verdict.next(), talk.data());
        assertEquals(List.of(), talk.edits());
        talk.over();
        Await.until("QUIT", SOON, () -> milter.letters().endsWith("Q"));
        assertEquals(
                List.of(
                        "Cclient.example.org 52 192.0.2.1|",
                        "Hclient.example.org|",
                        "M<a@example.org>|SIZE=42|BODY=8BITMIME|SMTPUTF8|RET=HDRS|ENVID=id+2B1|",
                        "R<b@example.net>|NOTIFY=SUCCESS,FAILURE|ORCPT=rfc822;B@example.net|",
                        "T",
                        "LSubject|hello|",
                        "LX|1|",
                        "N",
                        "B10",
                        "E",
                        "Q"),
                milter.steps());
        assertEquals("one\r\ntwo\r\n", milter.body());
    }

    @Test
    void sendsTheMacrosOfEachStep() throws IOException {
        Talk talk = talk();
        talk.tls = "TLSv1.3 TLS_AES_256_GCM_SHA384";
        talk.user = "anna";
        talk.whole();
        List<String> macros =
                milter.heard().stream().filter(line -> line.startsWith("D")).toList();
        assertEquals(
                List.of(
                        "DCj|mx.example.net|_|client.example.org [192.0.2.1]|v|Posthouse|{daemon_name}|mx|"
                                + "{daemon_addr}|192.0.2.25|{client_addr}|192.0.2.1|{client_name}|client.example.org|"
                                + "{client_port}|40000|{client_ptr}|client.example.org|{client_resolve}|OK|",
                        "DH{tls_version}|TLSv1.3|{cipher}|TLS_AES_256_GCM_SHA384|{cipher_bits}|256|",
                        "DMi|TX1|{auth_type}|SASL|{auth_authen}|anna|{mail_addr}|a@example.org|{mail_host}|example.org|",
                        "DRi|TX1|{rcpt_addr}|b@example.net|{rcpt_host}|example.net|",
                        "DTi|TX1|",
                        "DNi|TX1|",
                        "DEi|TX1|"),
                macros);
    }

    @Test
    void sendsOnlyTheMacrosThatAMilterListed() throws IOException {
        milter.options(6, 0, 0, 0, "{j} {client_addr} {unheard_of}", 3, "", 5, "{mail_addr},i");
        talk().whole();
        List<String> macros =
                milter.heard().stream().filter(line -> line.startsWith("D")).toList();
        assertEquals("DCj|mx.example.net|{client_addr}|192.0.2.1|", macros.getFirst());
        assertTrue(macros.stream().noneMatch(line -> line.startsWith("DR")), macros::toString);
        assertEquals("DE{mail_addr}|a@example.org|i|TX1|", macros.getLast());
    }

    @Test
    void aClientWhoseNameDoesNotLeadBackHasNone() throws IOException {
        dns.servfail("client.example.org");
        Talk talk = talk();
        talk.connect();
        assertEquals("C[192.0.2.1] 52 192.0.2.1|", milter.steps().getFirst());
        assertTrue(
                milter.heard()
                        .get(1)
                        .contains("{client_name}|unknown|{client_port}|40000|{client_ptr}|client.example.org|"
                                + "{client_resolve}|TEMP|"),
                milter.heard()::toString);
    }

    @Test
    void sparesAMilterTheStepsThatItDoesNotWant() throws IOException {
        milter.options(6, Options.ALL_ACTIONS, 0x1 | 0x2 | 0x4 | 0x8 | 0x10 | 0x20 | 0x40 | 0x200);
        assertEquals(Verdict.next(), talk().whole());
        assertEquals("E", milter.letters());
    }

    @Test
    void waitsForNoAnswerThatIsNotGiven() throws IOException {
        milter.options(6, 0, 0x1000 | 0x2000 | 0x4000 | 0x8000 | 0x10000 | 0x80 | 0x40000 | 0x80000);
        for (char command : "CHMRTLNB".toCharArray()) {
            milter.answers(command);
        }
        assertEquals(Verdict.next(), talk().whole());
        assertEquals("CHMRTLLNBE", milter.letters());
    }

    @Test
    void tellsAnOldMilterNothingThatItDoesNotKnow() throws IOException {
        milter.options(2, 0x1, 0x80);
        milter.answers('L');
        assertEquals(Verdict.next(), talk().whole());
        assertEquals("CHMRLLNBE", milter.letters());
    }

    @Test
    void keepsTheSpaceBehindTheColonForThoseWhoWantIt() throws IOException {
        milter.options(6, Options.ADD_HEADERS, Options.LEADING_SPACE);
        milter.answers('E', packet('h', "A", " spaced"), packet('h', "B", "close"), GO_ON);
        Talk talk = talk();
        talk.headers = new String[] {"A: one", "B:two", "C:  three\r\n\tfour"};
        talk.whole();
        assertEquals(
                List.of("LA| one|", "LB|two|", "LC|  three\n\tfour|"),
                milter.steps().stream().filter(step -> step.startsWith("L")).toList());
        assertEquals(List.of(new Edit.AddHeader("A", "spaced"), new Edit.AddHeader("B", "close")), talk.edits());
    }

    @Test
    void sendsALongBodyInChunksUntilTheMilterHasSeenEnough() throws IOException {
        milter.options(6, 0, Options.SKIP);
        Talk talk = talk();
        talk.body = "0123456789abcde\r\n".repeat(10_000);
        talk.whole();
        assertEquals(
                List.of("B65535", "B65535", "B38930"),
                milter.steps().stream().filter(step -> step.startsWith("B")).toList());
        assertEquals(talk.body, milter.body());
        milter.answers('B', packet('s'));
        talk().whole();
        assertTrue(milter.letters().endsWith("LLNBE"), milter.letters());
    }

    @Test
    void refusesWhatAMilterRefuses() throws IOException {
        milter.answers('C', packet('r'));
        assertEquals(554, refusal(talk().connect()).code());
        milter.answers('C', packet('t'));
        assertEquals(421, refusal(talk().connect()).code());
        milter.answers('C', GO_ON);
        milter.answers('H', packet('r'));
        Talk talk = talk();
        talk.connect();
        assertEquals(new Reply(550, "5.7.1", "Command rejected"), refusal(talk.helo()));
        assertEquals(550, refusal(talk.mail()).code(), "what was refused at EHLO stays refused");
        milter.answers('H', GO_ON);
        milter.answers('M', packet('t'));
        assertEquals(new Reply(451, "4.7.1", "Service unavailable, try again later"), refusal(talk().mail()));
    }

    private static Reply refusal(Verdict verdict) {
        return assertInstanceOf(Verdict.Refusal.class, verdict).reply();
    }

    @Test
    void givesTheClientTheReplyOfTheMilter() {
        milter.answers('M', packet('y', "553-5.1.8 Bad\r\n553 5.1.8 100%% sender"));
        assertEquals(new Reply(553, "5.1.8", "Bad 100% sender"), refusal(talk().mail()));
        milter.answers('M', packet('y', "421 4.7.0 Go away"));
        assertEquals(
                new Reply(421, "4.7.0", "Go away"),
                assertInstanceOf(Verdict.Disconnect.class, talk().mail()).reply());
        milter.answers('M', packet('4'));
        assertInstanceOf(Verdict.Disconnect.class, talk().mail());
    }

    @Test
    void refusesOneRecipientAndGoesOnWithTheOthers() throws IOException {
        Talk talk = talk();
        talk.mail();
        milter.once('R', packet('r'));
        assertEquals(550, refusal(talk.rcpt("bad@example.net")).code());
        assertEquals(Verdict.next(), talk.rcpt("good@example.net"));
        assertEquals(Verdict.next(), talk.data());
        assertEquals("CHMRRTLLNBE", milter.letters());
    }

    @Test
    void makesEveryChangeThatAMilterMayMake() throws IOException {
        milter.answers(
                'E',
                packet('p'),
                packet('h', "Added", "one\n\ttwo"),
                packet('i', 1, "Top", "first"),
                packet('i', 0, "Very-Top", "zeroth"),
                packet('m', 1, "Subject", "changed"),
                packet('m', 1, "X", ""),
                packet('e', "<new@example.org>", "RET=HDRS"),
                packet('+', "<c@example.net>"),
                packet('2', "<d@example.net>", "NOTIFY=NEVER ORCPT=rfc822;d+2Bx@example.net"),
                packet('-', "<b@example.net>"),
                packet('b', "new\nbo".getBytes()),
                packet('b', "dy\r\n".getBytes()),
                packet('a'));
        Talk talk = talk();
        assertEquals(Verdict.next(), talk.whole());
        List<Edit> edits = talk.edits();
        assertEquals(
                List.of(
                        new Edit.RemoveHeader("X", 1),
                        new Edit.ChangeHeader("Subject", 1, "changed"),
                        new Edit.InsertHeader(0, "Top", "first"),
                        new Edit.InsertHeader(0, "Very-Top", "zeroth"),
                        new Edit.AddHeader("Added", "one\r\n\ttwo"),
                        new Edit.ChangeSender(Address.of("new@example.org")),
                        new Edit.RemoveRecipient(Address.of("b@example.net")),
                        new Edit.AddRecipient(Recipient.of(Address.of("c@example.net"))),
                        new Edit.AddRecipient(
                                new Recipient(Address.of("d@example.net"), "NEVER", "rfc822;d+x@example.net"))),
                edits.subList(0, edits.size() - 1));
        FakeBody body = (FakeBody)
                assertInstanceOf(Edit.ReplaceBody.class, edits.getLast()).body();
        assertEquals("new\r\nbody\r\n", body.text());
        assertEquals(
                1,
                meters.get("posthouse.milter.answers")
                        .tag("milter", "fake")
                        .tag("answer", "changesender")
                        .counter()
                        .count());
    }

    @Test
    void addingARecipientWhoIsThereChangesNothing() throws IOException {
        milter.answers('E', packet('+', "<b@example.net>"), packet('+', "<c@example.net>"), GO_ON);
        Talk talk = talk();
        talk.mail();
        talk.rcpt(new Recipient(Address.of("b@example.net"), "NEVER", "rfc822;B@example.net"));
        assertEquals(Verdict.next(), talk.data());
        assertEquals(List.of(new Edit.AddRecipient(Recipient.of(Address.of("c@example.net")))), talk.edits());
    }

    @Test
    void addingARecipientWhoIsThereWithParametersReplacesThem() throws IOException {
        milter.answers('E', packet('2', "<b@example.net>", "NOTIFY=DELAY"), GO_ON);
        Talk talk = talk();
        talk.mail();
        talk.rcpt(new Recipient(Address.of("b@example.net"), "NEVER", "rfc822;B@example.net"));
        assertEquals(Verdict.next(), talk.data());
        assertEquals(
                List.of(
                        new Edit.RemoveRecipient(Address.of("b@example.net")),
                        new Edit.AddRecipient(new Recipient(Address.of("b@example.net"), "DELAY", ""))),
                talk.edits());
    }

    @Test
    void takesANewBodyInAsManyPacketsAsItComes() throws IOException {
        byte[] packet = packet('b', "line\r\n".getBytes());
        byte[][] packets = new byte[10_001][];
        Arrays.fill(packets, packet);
        milter.answers('E', FakeMilter.row(packets), GO_ON);
        Talk talk = talk();
        assertEquals(Verdict.next(), talk.whole());
        FakeBody body =
                (FakeBody) assertInstanceOf(Edit.ReplaceBody.class, talk.edits().getFirst())
                        .body();
        assertEquals("line\r\n".repeat(packets.length), body.text());
    }

    @Test
    void moreChangesThanAMessageHasNeedOfAreNoAnswer() throws IOException {
        byte[][] packets = new byte[10_001][];
        Arrays.fill(packets, packet('h', "A", "1"));
        milter.answers('E', FakeMilter.row(packets), GO_ON);
        assertEquals(451, refusal(talk().whole()).code());
    }

    @Test
    void putsALongBodyInPlace() throws IOException {
        byte[] chunk = "0123456789abcd\r\n".repeat(4000).getBytes();
        milter.answers(
                'E',
                packet('b', chunk),
                packet('b', chunk),
                packet('b', chunk),
                packet('b', chunk),
                packet('b', chunk),
                GO_ON);
        Talk talk = talk();
        assertEquals(Verdict.next(), talk.whole());
        FakeBody body =
                (FakeBody) assertInstanceOf(Edit.ReplaceBody.class, talk.edits().getFirst())
                        .body();
        assertEquals("0123456789abcd\r\n".repeat(20_000), body.text());
    }

    @Test
    void aBodyBeyondTheLimitIsNoAnswer() throws IOException {
        settings.put("maxBody", 100L);
        milter.answers('E', packet('b', new byte[101]), GO_ON);
        Talk talk = talk();
        assertEquals(451, refusal(talk.whole()).code());
        assertEquals(List.of(), talk.edits());
    }

    @Test
    void whatIsRefusedIsNotChanged() throws IOException {
        milter.answers('E', packet('h', "A", "1"), packet('r'));
        Talk talk = talk();
        assertEquals(550, refusal(talk.whole()).code());
        assertEquals(List.of(), talk.edits());
    }

    @Test
    void holdsWhatAMilterQuarantines() throws IOException {
        milter.answers('E', packet('h', "A", "1"), packet('q', "looks odd"), GO_ON);
        Talk talk = talk();
        assertEquals(
                "milter fake: looks odd",
                assertInstanceOf(Verdict.Hold.class, talk.whole()).reason());
        assertEquals(List.of(new Edit.AddHeader("A", "1")), talk.edits());
    }

    @Test
    void discardsTheMessageOnceItIsThere() throws IOException {
        milter.answers('R', packet('d'));
        Talk talk = talk();
        talk.mail();
        assertEquals(Verdict.next(), talk.rcpt("b@example.net"));
        assertEquals(Verdict.next(), talk.rcpt("c@example.net"));
        assertInstanceOf(Verdict.Discard.class, talk.data());
        assertEquals("CHMR", milter.letters());
    }

    @Test
    void whatIsAcceptedIsNotAskedAboutAgain() throws Exception {
        milter.once('M', packet('a'));
        Talk talk = talk();
        assertEquals(Verdict.next(), talk.whole());
        assertEquals("CHM", milter.letters());
        talk.ended("TX2");
        talk.mail();
        assertTrue(milter.letters().startsWith("CHM") && milter.letters().endsWith("M"), milter.letters());
        assertEquals(2, milter.letters().chars().filter(c -> c == 'M').count());
    }

    @Test
    void aSessionThatIsAcceptedIsLeft() throws IOException {
        milter.answers('H', packet('a'));
        assertEquals(Verdict.next(), talk().whole());
        Await.until("the connection is closed", SOON, () -> milter.connections() == 0);
        assertEquals("CHQ", milter.letters());
    }

    @Test
    void oneConnectionServesAllTransactionsOfASession() throws Exception {
        Talk talk = talk();
        talk.whole();
        talk.ended("TX2");
        talk.mail();
        talk.ended("TX3");
        talk.mail();
        talk.rcpt("b@example.net");
        talk.data();
        talk.over();
        Await.until("QUIT", SOON, () -> milter.letters().endsWith("Q"));
        assertEquals("CHMRTLLNBEMAMRTLLNBEQ", milter.letters());
        assertEquals(1, milter.heard().stream().filter("O"::equals).count());
    }

    @Test
    void aMilterThatWasRestartedBetweenTransactionsIsToldAnew() throws Exception {
        Talk talk = talk();
        talk.whole();
        talk.ended("TX2");
        milter.restart();
        Await.until("no connection", SOON, () -> milter.connections() == 0);
        assertEquals(Verdict.next(), talk.mail());
        talk.rcpt("b@example.net");
        assertEquals(Verdict.next(), talk.data());
        assertEquals("CHMRTLLNBECHMRTLLNBE", milter.letters());
    }

    @Test
    void theGreetingAfterStarttlsIsToldAgain() {
        Talk talk = talk();
        talk.connect();
        talk.helo();
        talk.tls = "TLSv1.3 TLS_AES_128_GCM_SHA256";
        talk.helo();
        talk.mail();
        assertEquals("CHHM", milter.letters());
        assertTrue(
                milter.heard().contains("DH{tls_version}|TLSv1.3|{cipher}|TLS_AES_128_GCM_SHA256|{cipher_bits}|128|"),
                milter.heard()::toString);
    }

    @Test
    void aGenerationThatCameInTheMiddleOfASessionTellsItFromTheBeginning() throws IOException {
        Talk talk = talk();
        talk.mail();
        talk.rcpt("b@example.net");
        assertEquals(Verdict.next(), talk.data());
        assertEquals("CHMRTLLNBE", milter.letters());
    }

    @Test
    void theEnvelopeIsToldAnewWhenOthersChangedIt() throws IOException {
        Talk talk = talk();
        talk.mail();
        talk.rcpt("b@example.net");
        talk.rcpt("refused-later@example.net");
        talk.recipients.remove(1);
        assertEquals(Verdict.next(), talk.data());
        assertEquals("CHMRRAMRTLLNBE", milter.letters());
        assertEquals("R<b@example.net>|", milter.steps().get(7));
    }

    @Test
    void theSecondMilterSeesWhatTheFirstOneLeft() throws IOException {
        try (FakeMilter second = new FakeMilter()) {
            milter.answers(
                    'E', packet('h', "A", "1"), packet('m', 1, "X", ""), packet('b', "new\r\n".getBytes()), GO_ON);
            second.answers('E', packet('m', 1, "A", "2"), GO_ON);
            Talk talk = new Talk(milters(milter.address(), second.address()));
            assertEquals(Verdict.next(), talk.whole());
            assertEquals(
                    List.of("LSubject|hello|", "LA|1|", "B5"),
                    second.steps().stream()
                            .filter(step -> step.matches("[LB].*"))
                            .toList());
            assertEquals("new\r\n", second.body());
            assertEquals(
                    List.of(new Edit.RemoveHeader("X", 1), new Edit.AddHeader("A", "2")),
                    talk.edits().subList(0, 2));
        }
    }

    @Test
    void whenTheSecondMilterRefusesTheFirstOnesChangesAreNotMade() throws IOException {
        try (FakeMilter second = new FakeMilter()) {
            milter.answers('E', packet('h', "A", "1"), GO_ON);
            second.answers('E', packet('r'));
            Talk talk = new Talk(milters(milter.address(), second.address()));
            assertEquals(550, refusal(talk.whole()).code());
            assertEquals(List.of(), talk.edits());
        }
    }

    @Test
    void anEarlierMilterKeepsItsHoldWhateverLaterOnesSay() throws IOException {
        try (FakeMilter second = new FakeMilter()) {
            milter.answers('E', packet('q', "odd"), GO_ON);
            Talk talk = new Talk(milters(milter.address() + " name=first", second.address()));
            assertEquals(
                    "milter first: odd",
                    assertInstanceOf(Verdict.Hold.class, talk.whole()).reason());
            assertTrue(second.letters().endsWith("E"), second.letters());
        }
    }

    @Test
    void anEarlierMilterKeepsItsHoldWhenALaterOneDiscards() throws IOException {
        try (FakeMilter second = new FakeMilter();
                FakeMilter third = new FakeMilter()) {
            milter.answers('E', packet('h', "A", "1"), packet('q', "odd"), GO_ON);
            second.answers('E', packet('h', "B", "1"), packet('d'));
            third.answers('E', packet('h', "C", "1"), GO_ON);
            Talk talk = new Talk(milters(milter.address() + " name=first", second.address(), third.address()));
            assertEquals(
                    "milter first: odd",
                    assertInstanceOf(Verdict.Hold.class, talk.whole()).reason());
            assertEquals(List.of(new Edit.AddHeader("A", "1"), new Edit.AddHeader("C", "1")), talk.edits());
        }
    }

    @Test
    void aMilterThatIsDownCountsAsConfigured() throws IOException {
        milter.close();
        assertEquals(Verdict.Continue.class, down("accept").getClass());
        assertEquals(new Reply(451, "4.7.1", "Service unavailable, try again later"), refusal(down("tempfail")));
        assertEquals(new Reply(550, "5.5.0", "Service unavailable"), refusal(down("reject")));
        assertInstanceOf(Verdict.Hold.class, down("quarantine"));
    }

    private Verdict down(String action) throws IOException {
        Talk talk = new Talk(milters(milter.address() + " whenDown=" + action));
        assertInstanceOf(Verdict.Continue.class, talk.connect());
        assertInstanceOf(Verdict.Continue.class, talk.helo());
        Verdict mail = talk.mail();
        if (mail instanceof Verdict.Refusal) {
            assertEquals(mail, talk.rcpt("b@example.net"), "a client that pipelines is told the same");
            return mail;
        }
        assertInstanceOf(Verdict.Continue.class, talk.rcpt("b@example.net"));
        return talk.data();
    }

    @Test
    void aSilentMilterIsNotWaitedForLongerThanConfigured() throws IOException {
        milter.answers('E');
        Talk talk = new Talk(milters(milter.address() + " contentTimeout=200ms"));
        assertEquals(451, refusal(talk.whole()).code());
        milter.answers('M');
        Talk other = new Talk(milters(milter.address() + " commandTimeout=200ms whenDown=accept"));
        assertInstanceOf(Verdict.Continue.class, other.mail());
        assertEquals(2.0, none(), "one answer to E, one to M");
    }

    private double none() {
        return meters.get("posthouse.milter.answers").tag("answer", "none").counters().stream()
                .mapToDouble(io.micrometer.core.instrument.Counter::count)
                .sum();
    }

    @Test
    void progressIsNoAnswerAndNoSilence() throws IOException {
        milter.answers('M', FakeMilter.row(packet('p'), packet('p'), packet('r')));
        assertEquals(550, refusal(talk().mail()).code());
    }

    @Test
    void whatAMilterHasNoLeaveToDoIsNoAnswer() throws IOException {
        milter.options(6, Options.ADD_HEADERS, 0);
        milter.answers('E', packet('h', "A", "1"), packet('-', "<b@example.net>"), GO_ON);
        Talk talk = talk();
        assertEquals(451, refusal(talk.whole()).code());
        assertEquals(List.of(), talk.edits());
        milter.answers('E', GO_ON);
        milter.answers('M', packet('h', "A", "1"), GO_ON);
        assertEquals(451, refusal(talk().mail()).code());
    }

    @Test
    void aVersionThatNobodySpeaksIsNoAnswer() {
        milter.options(7, 0, 0);
        assertEquals(451, refusal(talk().mail()).code());
        milter.options(1, 0, 0);
        assertEquals(451, refusal(talk().mail()).code());
    }

    @Test
    void aPathThatIsNoneIsNoAnswer() throws IOException {
        for (String path : List.of(
                "", "<>", "<a b@example.org>", "<a\r\n@example.org>", "<\"a\" b@example.org>", "x".repeat(1001))) {
            milter.answers('E', packet('+', path), GO_ON);
            assertEquals(451, refusal(talk().whole()).code(), path);
        }
    }

    @Test
    void aPathMayHoldInQuotesWhatWouldEndItElsewhere() throws IOException {
        milter.answers('E', packet('+', "<\"a> \\\"b\"@example.org>"), GO_ON);
        Talk talk = talk();
        assertEquals(Verdict.next(), talk.whole());
        assertEquals(
                List.of(new Edit.AddRecipient(Recipient.of(new Address("\"a> \\\"b\"", "example.org")))), talk.edits());
    }

    @Test
    void exemptClientsAndListenersAreNotTold() throws IOException {
        settings.put("exemptNetworks", new String[] {"192.0.2.0/24"});
        assertEquals(Verdict.next(), talk().whole());
        settings.put("exemptNetworks", new String[0]);
        settings.put("exemptListeners", new String[] {"feeder"});
        Talk talk = talk();
        talk.listener = "feeder";
        assertEquals(Verdict.next(), talk.whole());
        assertEquals(List.of(), milter.heard());
    }

    @Test
    void aConnectionIsKeptForTheNextSession() throws Exception {
        settings.put("keep", 1);
        Milters plugin = plugin();
        for (int i = 0; i < 2; i++) {
            Talk talk = new Talk(plugin);
            talk.whole();
            talk.over();
        }
        Await.until("the end of both", SOON, () -> milter.letters().endsWith("K"));
        assertEquals("CHMRTLLNBEKCHMRTLLNBEK", milter.letters());
        assertEquals(1, milter.heard().stream().filter("O"::equals).count());
    }

    @Test
    void aKeptConnectionThatIsGoneIsReplaced() throws Exception {
        settings.put("keep", 1);
        Milters plugin = plugin();
        Talk talk = new Talk(plugin);
        talk.whole();
        talk.over();
        Await.until("the end", SOON, () -> milter.letters().endsWith("K"));
        milter.restart();
        Await.until("no connection", SOON, () -> milter.connections() == 0);
        assertEquals(Verdict.next(), new Talk(plugin).whole());
    }

    @Test
    void anInterruptedQuestionEndsSoon() throws Exception {
        milter.answers('M');
        Talk talk = talk();
        Thread asked = Thread.ofVirtual().start(talk::mail);
        Await.until("the question", SOON, () -> milter.letters().endsWith("M"));
        asked.interrupt();
        assertTrue(asked.join(SOON), "it goes on");
    }

    @Test
    void aStoppedPluginClosesItsConnections() throws IOException {
        Talk talk = talk();
        talk.mail();
        made.getFirst().close();
        Await.until("the connection is closed", SOON, () -> milter.connections() == 0);
        assertFalse(milter.letters().isEmpty());
    }

    @Test
    void aStoppedPluginDoesNotWaitForAnAnswer() throws Exception {
        milter.answers('M');
        Talk talk = talk();
        AtomicReference<Verdict> verdict = new AtomicReference<>(Verdict.next());
        Thread asked = Thread.ofVirtual().start(() -> verdict.set(talk.mail()));
        Await.until("the question", SOON, () -> milter.letters().endsWith("M"));
        long begun = System.nanoTime();
        made.getFirst().close();
        assertTrue(System.nanoTime() - begun < Duration.ofSeconds(5).toNanos(), "it waits for the milter");
        assertTrue(asked.join(SOON), "it goes on");
        assertEquals(451, refusal(verdict.get()).code());
    }

    @Test
    void linesOfTheConfigurationAreUnderstood() {
        Terms usual =
                new Terms("", new Endpoint.Unix("/x"), Duration.ZERO, Duration.ZERO, Duration.ZERO, Down.TEMPFAIL);
        Terms terms = Terms.parse(
                "unix:/run/opendkim/opendkim.sock name=opendkim connectTimeout=500ms commandTimeout=9s contentTimeout=2m whenDown=accept",
                endpoint -> new Terms("", endpoint, usual.connect(), usual.command(), usual.content(), usual.down()));
        assertEquals(
                new Terms(
                        "opendkim",
                        new Endpoint.Unix("/run/opendkim/opendkim.sock"),
                        Duration.ofMillis(500),
                        Duration.ofSeconds(9),
                        Duration.ofMinutes(2),
                        Down.ACCEPT),
                terms);
    }

    @Test
    void aMilterByNameIsLookedUpByTheServersResolver() {
        dns.address("milter.example.org", "127.0.0.1");
        String port = milter.address().substring(milter.address().indexOf(':'));
        assertEquals(Verdict.next(), new Talk(milters("milter.example.org" + port)).mail());
        assertEquals(
                451,
                refusal(new Talk(milters("nowhere.example.org" + port)).mail()).code());
    }
}
