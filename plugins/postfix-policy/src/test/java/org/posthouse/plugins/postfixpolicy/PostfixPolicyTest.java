// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.postfixpolicy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
import org.posthouse.testkit.FakeSession;
import org.posthouse.testkit.FakeTransaction;
import org.posthouse.testkit.Settings;
import org.posthouse.testkit.server.Await;
import org.posthouse.testkit.service.FakeDns;

final class PostfixPolicyTest {
    private static final Duration SOON = Duration.ofSeconds(10);
    private static final Need[] NEEDS = {Need.BODY, Need.PEER, Need.EDIT_HEADERS, Need.EDIT_RECIPIENTS, Need.NETWORK};
    private static final Recipient TO = Recipient.of(Address.of("b@example.net"));

    private final FakeDns dns = new FakeDns().address("client.example.org", "192.0.2.1");
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final Map<String, Object> settings = new HashMap<>();
    private final Map<Note<?>, Object> notes = new HashMap<>();
    private final List<PostfixPolicy> made = new ArrayList<>();
    private FakePolicy server;
    private FakeSession.Builder session = FakeSession.with().needs(NEEDS);
    private Sender sender = Sender.of(Address.of("a@example.org"));
    private FakeTransaction last = FakeTransaction.at(Stage.DATA).build();

    @BeforeEach
    void listen() throws IOException {
        server = new FakePolicy();
        settings.putAll(Map.of("address", server.address(), "timeout", 10_000L, "pause", 0L, "idle", 60_000L));
    }

    @AfterEach
    void close() throws IOException {
        made.forEach(PostfixPolicy::close);
        server.close();
    }

    private PostfixPolicy plugin(String... states) {
        if (states.length > 0) {
            settings.put("states", states);
        }
        Object[] pairs = settings.entrySet().stream()
                .flatMap(entry -> Stream.of(entry.getKey(), entry.getValue()))
                .toArray();
        PostfixPolicy plugin = new PostfixPolicy(Settings.of(PostfixPolicy.Config.class, pairs), dns, meters);
        made.add(plugin);
        return plugin;
    }

    @SuppressWarnings("unchecked")
    private static <T> void leave(FakeTransaction.Builder tx, Note<T> note, Object value) {
        tx.note(note, (T) value);
    }

    private FakeTransaction tx(Stage stage, String... recipients) {
        FakeTransaction.Builder tx = FakeTransaction.at(stage)
                .id("TX1")
                .needs(NEEDS)
                .in(session)
                .from(sender)
                .to(recipients)
                .headers("Subject: hello")
                .body("body\r\n");
        notes.forEach((note, value) -> leave(tx, note, value));
        last = tx.build();
        return last;
    }

    private Verdict rcpt(PostfixPolicy plugin) {
        Verdict verdict = plugin.onRcpt(tx(Stage.RCPT), TO);
        notes.putAll(last.notes());
        return verdict;
    }

    private Verdict message(PostfixPolicy plugin, String... recipients) {
        FakeTransaction tx = tx(Stage.DATA, recipients);
        return plugin.onMessage(tx, tx.message());
    }

    private static Reply refusal(Verdict verdict) {
        return assertInstanceOf(Verdict.Refusal.class, verdict).reply();
    }

    @Test
    void tellsAllThatIsKnown() {
        session = FakeSession.with()
                .needs(NEEDS)
                .tls("TLSv1.3 TLS_AES_256_GCM_SHA384")
                .user("anna");
        sender = new Sender(Address.of("a@example.org"), 1234, BodyType.SEVEN_BIT, false, "", "");
        settings.put("exemptAuthenticated", false);
        settings.put("context", "submission");
        assertEquals(Verdict.next(), rcpt(plugin()));
        Map<String, String> wanted = new LinkedHashMap<>();
        wanted.put("request", "smtpd_access_policy");
        wanted.put("protocol_state", "RCPT");
        wanted.put("protocol_name", "ESMTP");
        wanted.put("helo_name", "client.example.org");
        wanted.put("client_address", "192.0.2.1");
        wanted.put("client_port", "40000");
        wanted.put("client_name", "client.example.org");
        wanted.put("reverse_client_name", "client.example.org");
        wanted.put("server_address", "192.0.2.25");
        wanted.put("server_port", "25");
        wanted.put("sasl_username", "anna");
        wanted.put("encryption_protocol", "TLSv1.3");
        wanted.put("encryption_cipher", "TLS_AES_256_GCM_SHA384");
        wanted.put("encryption_keysize", "256");
        wanted.put("policy_context", "submission");
        wanted.put("queue_id", "TX1");
        wanted.put("instance", "TX1");
        wanted.put("sender", "a@example.org");
        wanted.put("recipient", "b@example.net");
        wanted.put("recipient_count", "0");
        wanted.put("size", "1234");
        Map<String, String> told = new LinkedHashMap<>(server.requests().getFirst());
        told.values().removeIf(String::isEmpty);
        assertEquals(wanted, told);
    }

    @Test
    void asksAtTheStatesThatAreConfigured() {
        PostfixPolicy plugin = plugin("connect", "helo", "mail", "rcpt", "data", "end-of-message");
        plugin.onConnect(FakeSession.with().needs(NEEDS).helo("").build());
        plugin.onHelo(FakeSession.with().needs(NEEDS).plainHelo("client").build());
        FakeTransaction mail = tx(Stage.MAIL);
        plugin.onMail(mail, mail.sender());
        rcpt(plugin);
        FakeTransaction data = tx(Stage.DATA, "b@example.net");
        plugin.onHeaders(data, data.headers());
        message(plugin, "b@example.net", "c@example.net");
        List<String> states = server.requests().stream()
                .map(request -> request.get("protocol_state") + " " + request.getOrDefault("recipient", "-") + " "
                        + request.getOrDefault("recipient_count", "-") + " " + request.getOrDefault("size", "-"))
                .toList();
        assertEquals(
                List.of(
                        "CONNECT - - -",
                        "HELO - - -",
                        "MAIL  0 0",
                        "RCPT b@example.net 0 0",
                        "DATA b@example.net 1 0",
                        "END-OF-MESSAGE  2 " + ("Subject: hello\r\n\r\nbody\r\n").length()),
                states);
        assertEquals(1, server.connections(), "one connection for all questions");
    }

    @Test
    void refusesWhatTheServerRefuses() {
        server.says("DEFER_IF_PERMIT 4.2.0 Greylisted");
        assertEquals(new Reply(450, "4.2.0", "Greylisted"), refusal(rcpt(plugin())));
        assertEquals(
                1,
                meters.get("posthouse.postfix.policy.answers")
                        .tag("state", "rcpt")
                        .tag("action", "refuse")
                        .counter()
                        .count());
    }

    @Test
    void putsFieldsOnTopOnceTheMessageIsThere() {
        PostfixPolicy plugin = plugin();
        server.says("PREPEND X-Greylist: delayed 60 seconds");
        rcpt(plugin);
        rcpt(plugin);
        server.says("PREPEND X-Other: 2");
        rcpt(plugin);
        assertEquals(Verdict.next(), message(plugin, "b@example.net"));
        assertEquals(
                List.of(Edit.prependHeader("X-Greylist", "delayed 60 seconds"), Edit.prependHeader("X-Other", "2")),
                last.edits());
    }

    @Test
    void holdsAndDiscardsOnceTheMessageIsThere() {
        PostfixPolicy plugin = plugin();
        server.says("DISCARD away");
        assertInstanceOf(Verdict.Continue.class, rcpt(plugin));
        assertEquals(
                "away", assertInstanceOf(Verdict.Discard.class, message(plugin)).reason());
        server.says("HOLD look");
        rcpt(plugin);
        assertEquals(
                "look", assertInstanceOf(Verdict.Hold.class, message(plugin)).reason());
    }

    @Test
    void redirectsAndCopies() {
        PostfixPolicy plugin = plugin();
        server.says("BCC archive@example.net");
        rcpt(plugin);
        server.says("REDIRECT all@example.net");
        rcpt(plugin);
        message(plugin, "b@example.net", "c@example.net");
        assertEquals(
                List.of(
                        new Edit.AddRecipient(new Recipient(Address.of("archive@example.net"), "NEVER", "")),
                        new Edit.RemoveRecipient(Address.of("b@example.net")),
                        new Edit.RemoveRecipient(Address.of("c@example.net")),
                        new Edit.AddRecipient(Recipient.of(Address.of("all@example.net")))),
                last.edits());
    }

    @Test
    void whatWasAskedForAtARecipientWhoIsRefusedIsNotDone() {
        PostfixPolicy plugin = plugin();
        server.says("PREPEND X-Greylist: delayed");
        rcpt(plugin);
        for (String action : List.of("DISCARD away", "HOLD look", "REDIRECT all@example.net", "BCC all@example.net")) {
            server.says(action);
            refusedRcpt(plugin);
        }
        assertEquals(Verdict.next(), message(plugin, "b@example.net"));
        assertEquals(List.of(Edit.prependHeader("X-Greylist", "delayed")), last.edits());
    }

    /** A recipient whom a hook behind this one refuses: the server takes the notes of the message back. */
    private void refusedRcpt(PostfixPolicy plugin) {
        Map<Note<?>, Object> before = new HashMap<>(notes);
        assertInstanceOf(Verdict.Continue.class, rcpt(plugin));
        notes.keySet().removeIf(note -> note.scope() == Note.Scope.MESSAGE);
        before.forEach(notes::putIfAbsent);
    }

    @Test
    void marksAreWrittenAsTheyAreRead() {
        Marks marks = Marks.NONE;
        for (String action : List.of(
                "HOLD",
                "HOLD a  b",
                "DISCARD",
                "DISCARD \u00e9" + "x".repeat(600),
                "PREPEND X-A:",
                "PREPEND X-A:  b: c ",
                "REDIRECT a@example.net",
                "BCC a@example.net")) {
            marks = marks.plus(Action.parse(action));
        }
        assertEquals(8, marks.actions().size());
        assertEquals(marks, Marks.parse(marks.lines()));
    }

    @Test
    void whatWasAskedForAtTheConnectionIsDoneToEachMessage() {
        PostfixPolicy plugin = plugin("connect");
        server.says("PREPEND X-Client: odd");
        FakeSession connected = FakeSession.with().needs(NEEDS).build();
        plugin.onConnect(connected);
        connected.notes().forEach(this::inSession);
        message(plugin, "b@example.net");
        assertEquals(List.of(Edit.prependHeader("X-Client", "odd")), last.edits());
    }

    @SuppressWarnings("unchecked")
    private <T> void inSession(Note<T> note, Object value) {
        session.note(note, (T) value);
    }

    @Test
    void filterIsNotDoneAndDoesNotRefuse() {
        server.says("FILTER smtp:[127.0.0.1]:10025");
        assertEquals(Verdict.next(), rcpt(plugin()));
    }

    @Test
    void whatIsNotUnderstoodIsTheDefaultAction() {
        server.says("reject_unverified_sender");
        assertEquals(new Reply(451, "4.3.5", "Server configuration problem"), refusal(rcpt(plugin())));
        settings.put("defaultAction", "DUNNO");
        assertEquals(Verdict.next(), rcpt(plugin()));
    }

    @Test
    void aServerThatIsDownIsTheDefaultAction() throws IOException {
        server.close();
        assertEquals(new Reply(451, "4.3.5", "Server configuration problem"), refusal(rcpt(plugin())));
    }

    @Test
    void aSilentServerIsNotWaitedForLongerThanConfigured() {
        settings.put("timeout", 200L);
        server.sends("");
        PostfixPolicy plugin = plugin();
        assertEquals(451, refusal(rcpt(plugin)).code());
        server.sends("action=DUN");
        assertEquals(451, refusal(rcpt(plugin)).code());
        Await.until("its connections are closed", SOON, () -> server.open() == 0);
    }

    @Test
    void anAnswerThatMakesNoSenseIsTheDefaultAction() {
        server.sends("hello\n\n");
        assertEquals(451, refusal(rcpt(plugin())).code());
    }

    @Test
    void aKeptConnectionThatIsGoneIsReplaced() throws IOException {
        PostfixPolicy plugin = plugin();
        rcpt(plugin);
        server.restart();
        Await.until("no connection", SOON, () -> server.open() == 0);
        assertEquals(Verdict.next(), rcpt(plugin));
        assertEquals(2, server.connections());
    }

    @Test
    void exemptClientsAreNotAskedAbout() {
        settings.put("exemptNetworks", new String[] {"192.0.2.0/24"});
        assertEquals(Verdict.next(), rcpt(plugin()));
        settings.remove("exemptNetworks");
        session = FakeSession.with().needs(NEEDS).trusted();
        assertEquals(Verdict.next(), rcpt(plugin()));
        session = FakeSession.with().needs(NEEDS).user("anna");
        assertEquals(Verdict.next(), rcpt(plugin()));
        session = FakeSession.with().needs(NEEDS).listener("feeder", "relay");
        settings.put("exemptListeners", new String[] {"feeder"});
        assertEquals(Verdict.next(), rcpt(plugin()));
        assertEquals(List.of(), server.requests());
    }

    @Test
    void whatAClientSaysMakesNoLines() {
        sender = Sender.of(Address.of("a\naction=OK@example.org"));
        rcpt(plugin());
        assertEquals("a?action=OK@example.org", server.requests().getFirst().get("sender"));
    }

    @Test
    void anInterruptedQuestionEndsSoon() throws InterruptedException {
        server.sends("");
        PostfixPolicy plugin = plugin();
        Thread asked = Thread.ofVirtual().start(() -> rcpt(plugin));
        Await.until("the question", SOON, () -> !server.requests().isEmpty());
        asked.interrupt();
        assertTrue(asked.join(SOON), "it goes on");
    }

    @Test
    void aConfigurationThatIsWrongIsRefused() {
        settings.put("defaultAction", "nonsense");
        assertThrows(IllegalArgumentException.class, () -> plugin());
        settings.put("defaultAction", "DUNNO");
        assertThrows(IllegalArgumentException.class, () -> plugin("quit"));
    }
}
