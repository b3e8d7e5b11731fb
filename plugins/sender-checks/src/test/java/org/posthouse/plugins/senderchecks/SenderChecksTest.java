// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.senderchecks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.posthouse.api.Address;
import org.posthouse.api.Need;
import org.posthouse.api.Recipient;
import org.posthouse.api.Stage;
import org.posthouse.api.Verdict;
import org.posthouse.testkit.FakeSession;
import org.posthouse.testkit.FakeTransaction;
import org.posthouse.testkit.Settings;
import org.posthouse.testkit.service.FakeDns;

final class SenderChecksTest {
    private static final List<String> ALL = List.of(
            "heloSyntax",
            "heloUnqualified",
            "heloBareAddress",
            "heloOurs",
            "heloLiteral",
            "heloUnresolvable",
            "senderUnresolvable",
            "senderNullMx",
            "nullSenderRecipients");

    private final FakeDns dns =
            new FakeDns().address("client.example.org", "192.0.2.1").mx("example.org", 10, "mx.example.org");
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();

    private FakeSession.Builder session = FakeSession.with();
    private String from = "bert@example.org";

    /** All checks with this action, then these values. */
    private SenderChecks plugin(String action, Object... pairs) {
        List<Object> all = new ArrayList<>();
        ALL.forEach(check -> all.addAll(List.of(check, action)));
        all.addAll(List.of("ourNames", new String[] {"mx.example.net", "*.our.example"}));
        all.addAll(List.of(pairs)); // Of two values for one key the later one counts.
        return new SenderChecks(dns, meters, Settings.of(SenderChecks.Config.class, all.toArray()));
    }

    private FakeTransaction transaction(Stage stage, String... recipients) {
        return FakeTransaction.at(stage)
                .in(session)
                .needs(Need.PEER)
                .from(from)
                .to(recipients)
                .build();
    }

    private Verdict mail(SenderChecks plugin) {
        FakeTransaction tx = transaction(Stage.MAIL);
        return plugin.onMail(tx, tx.sender());
    }

    private Verdict rcpt(SenderChecks plugin, String... before) {
        return plugin.onRcpt(transaction(Stage.RCPT, before), Recipient.of(Address.of("z@example.net")));
    }

    private static void assertReply(String reply, Verdict verdict) {
        Verdict.Refusal refusal = assertInstanceOf(Verdict.Refusal.class, verdict, verdict::toString);
        assertEquals(reply, refusal.reply().toString());
    }

    private static void assertPasses(Verdict verdict) {
        assertInstanceOf(Verdict.Continue.class, verdict, verdict::toString);
    }

    @Test
    void checksNothingUnlessTold() {
        SenderChecks plugin = new SenderChecks(dns, meters, Settings.of(SenderChecks.Config.class));
        session = FakeSession.with().helo("what is this?");
        from = "x@nowhere.example";
        assertPasses(mail(plugin));
        from = "";
        assertPasses(rcpt(plugin, "a@example.net"));
        assertEquals(List.of(), dns.questions());
    }

    @Test
    void takesAClientThatSaysWhoItIs() {
        assertPasses(mail(plugin("reject")));
        session = FakeSession.with().helo("[192.0.2.1]");
        assertPasses(mail(plugin("reject")));
        session = FakeSession.with().peer("2001:db8::1").helo("[IPv6:2001:DB8:0:0::1]");
        assertPasses(mail(plugin("reject")));
        assertEquals(0, meters.getMeters().size());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "under_score.example.org",
                "-a.example.org",
                "a-.example.org",
                "a..example.org",
                ".example.org",
                "example.org.",
                "bücher.example",
                "a b.example",
                "[192.0.2.1",
                "[192.0.2.256]",
                "[192.0.2]",
                "[2001:db8::1]",
                "[IPv6:192.0.2.1]",
                "[IPv6:2001:db8::1::2]",
                "[x400:192.0.2.1]",
                "[]",
                "300.0.2.1.",
                "(none)"
            })
    void findsWhatIsNoName(String helo) {
        session = FakeSession.with().helo(helo);
        assertReply("550 5.7.1 HELO name is neither a domain nor an address literal", mail(plugin("reject")));
    }

    @Test
    void aLabelHasAtMost63Octets() {
        session = FakeSession.with().helo("a".repeat(63) + ".example.org");
        assertReply("550 5.7.1 HELO name does not resolve", mail(plugin("reject")));
        session = FakeSession.with().helo("a".repeat(64) + ".example.org");
        assertReply("550 5.7.1 HELO name is neither a domain nor an address literal", mail(plugin("reject")));
    }

    @ParameterizedTest
    @CsvSource({
        "localhost, HELO name is not fully qualified",
        "198.51.100.9, HELO address is not in brackets",
        "2001:db8::9, HELO address is not in brackets",
        "MX.example.net, HELO name is not yours",
        "smtp.in.our.example, HELO name is not yours",
        "[192.0.2.25], HELO name is not yours",
        "[10.0.0.1], HELO address is not yours",
        "[IPv6:2001:db8::9], HELO address is not yours",
        "gone.example.org, HELO name does not resolve"
    })
    void findsWhatIsWrongWithAName(String helo, String text) {
        session = FakeSession.with().helo(helo);
        assertReply("550 5.7.1 " + text, mail(plugin("reject")));
        assertReply("450 4.7.1 " + text, mail(plugin("defer")));
    }

    @Test
    void ourNameIsOursAlsoWhereItIsWrittenWrong() {
        for (String name : List.of("mx.example.net.", "MX.example.net.", "a_b.our.example")) {
            HeloName helo = HeloName.of(
                    name, null, null, other -> other.equals("mx.example.net") || other.endsWith(".our.example"));
            assertEquals(List.of(Check.HELO_SYNTAX, Check.HELO_OURS), helo.findings(), name);
        }
    }

    @Test
    void aNameBesideOursIsNotOurs() {
        dns.address("notour.example", "192.0.2.9").address("our.example", "192.0.2.9");
        for (String name : List.of("notour.example", "our.example")) {
            session = FakeSession.with().helo(name);
            assertPasses(mail(plugin("reject")));
        }
    }

    @Test
    void aHostWithAnyAddressOrMailExchangerResolves() {
        dns.address("six.example", "2001:db8::1").mx("mail.example", 10, "x.example");
        for (String name : List.of("six.example", "mail.example")) {
            session = FakeSession.with().helo(name);
            assertPasses(mail(plugin("reject")));
        }
    }

    @Test
    void asksForAHeloNameOnceInASession() {
        SenderChecks plugin = plugin("reject");
        FakeTransaction tx = transaction(Stage.MAIL);
        plugin.onMail(tx, tx.sender());
        plugin.onMail(tx, tx.sender());
        assertEquals(List.of("a client.example.org", "mx example.org", "mx example.org"), dns.questions());
    }

    @Test
    void refusesASenderWhomNobodyCouldAnswer() {
        from = "x@nowhere.example";
        assertReply("550 5.1.8 Sender domain does not resolve", mail(plugin("reject")));
        assertReply("450 4.1.8 Sender domain does not resolve", mail(plugin("defer")));
        dns.txt("text.example", "x");
        from = "x@text.example";
        Verdict.Reject verdict = assertInstanceOf(Verdict.Reject.class, mail(plugin("reject")));
        assertEquals("sender-unresolvable: text.example", verdict.reason());
        from = "bare";
        assertReply("550 5.1.8 Sender domain does not resolve", mail(plugin("reject")));
    }

    @Test
    void aDomainWithoutMailExchangersIsItsOwn() {
        dns.address("four.example", "192.0.2.9").address("six.example", "2001:db8::1");
        for (String domain : List.of("four.example", "six.example", "[192.0.2.77]")) {
            from = "x@" + domain;
            assertPasses(mail(plugin("reject")));
        }
    }

    @Test
    void refusesADomainThatTakesNoMail() {
        dns.mx("silent.example", 0, "").address("silent.example", "192.0.2.9");
        from = "x@silent.example";
        assertReply("550 5.7.27 Sender domain takes no mail", mail(plugin("reject")));
        assertPasses(mail(plugin("reject", "senderNullMx", "off")));
        dns.mx("silent.example", 10, "mx.example.org");
        assertPasses(mail(plugin("reject")));
    }

    @Test
    void defersWhatCanNotBeToldNow() {
        dns.servfail("example.org");
        String reply = "451 4.4.3 Name can not be looked up now, try again later";
        assertReply(reply, mail(plugin("reject")));
        assertPasses(mail(plugin("reject", "onTemporary", "continue")));
        dns.healed().servfail("client.example.org");
        assertReply(reply, mail(plugin("reject")));
        assertPasses(mail(plugin("score")));
        dns.healed();
        assertPasses(mail(plugin("reject")));
    }

    @Test
    void whatIsWrongForSureBeatsWhatCanNotBeTold() {
        dns.servfail("client.example.org");
        from = "x@nowhere.example";
        assertReply("550 5.1.8 Sender domain does not resolve", mail(plugin("reject")));
    }

    @Test
    void asksNoDnsWhenTheNameIsRefusedAlready() {
        session = FakeSession.with().helo("(none)");
        mail(plugin("reject"));
        assertEquals(List.of(), dns.questions());
    }

    @Test
    void scoresInPlaceOfRefusing() {
        session = FakeSession.with().helo("localhost");
        from = "x@nowhere.example";
        FakeTransaction tx = transaction(Stage.MAIL);
        assertPasses(plugin("score", "points", 1.5).onMail(tx, tx.sender()));
        assertEquals(Map.of("HELO_UNQUALIFIED", 1.5, "SENDER_UNRESOLVABLE", 1.5), tx.scores());
        assertEquals(
                1.0,
                meters.get("posthouse.sender.findings")
                        .tags("check", "sender-unresolvable", "action", "score")
                        .counter()
                        .count());
    }

    @Test
    void aNoticeHasOneRecipient() {
        from = "";
        assertPasses(mail(plugin("reject")));
        assertPasses(rcpt(plugin("reject")));
        assertReply("550 5.5.3 Mail without a sender has one recipient", rcpt(plugin("reject"), "a@example.net"));
        assertReply("452 4.5.3 Mail without a sender has one recipient", rcpt(plugin("defer"), "a@example.net"));
        from = "bert@example.org";
        assertPasses(rcpt(plugin("reject"), "a@example.net"));
    }

    @Test
    void ourOwnClientsUsersAndListedOnesAreNotChecked() {
        from = "x@nowhere.example";
        for (FakeSession.Builder spared : List.of(
                FakeSession.with().trusted(),
                FakeSession.with().user("anna"),
                FakeSession.with().peer("198.51.100.9"))) {
            session = spared;
            from = "x@nowhere.example";
            SenderChecks plugin = plugin("reject", "exemptClients", new String[] {"198.51.100.0/24"});
            assertPasses(mail(plugin));
            from = "";
            assertPasses(rcpt(plugin, "a@example.net"));
        }
        assertThrows(
                IllegalArgumentException.class, () -> plugin("reject", "exemptClients", new String[] {"localhost"}));
    }
}
