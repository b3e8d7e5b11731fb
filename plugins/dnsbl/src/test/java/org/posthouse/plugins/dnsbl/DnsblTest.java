// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.dnsbl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.posthouse.api.Address;
import org.posthouse.api.Need;
import org.posthouse.api.Note;
import org.posthouse.api.Recipient;
import org.posthouse.api.Stage;
import org.posthouse.api.Verdict;
import org.posthouse.api.operator.Arguments;
import org.posthouse.api.operator.CommandException;
import org.posthouse.api.operator.HealthCheck;
import org.posthouse.testkit.FakeSession;
import org.posthouse.testkit.FakeTransaction;
import org.posthouse.testkit.Settings;
import org.posthouse.testkit.service.FakeDns;

final class DnsblTest {
    private static final String BAD = "7.2.0.192.bl.example.org";
    private static final Recipient TO = Recipient.of(Address.of("b@example.net"));

    private final FakeDns dns = new FakeDns();
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final AtomicLong nanos = new AtomicLong();
    private final Map<Note<?>, Object> session = new java.util.HashMap<>();
    private FakeTransaction tx;

    private static Dnsbl.Config config(Object... pairs) {
        List<Object> all = new ArrayList<>(List.of("timeout", 5_000L, "rest", 60_000L));
        all.addAll(List.of(pairs));
        return Settings.of(Dnsbl.Config.class, all.toArray());
    }

    private Dnsbl plugin(Object... pairs) {
        return new Dnsbl(config(pairs), dns, meters, nanos::get);
    }

    private static String[] list(String... texts) {
        return texts;
    }

    private FakeSession.Builder client() {
        return FakeSession.with().needs(Need.PEER).peer("192.0.2.7").helo("mail.example.com");
    }

    private Verdict connect(Dnsbl plugin, FakeSession.Builder client) {
        FakeSession one = client.build();
        Verdict verdict = plugin.onConnect(one);
        session.putAll(one.notes());
        return verdict;
    }

    @SuppressWarnings("unchecked")
    private static <T> Note<T> typed(Note<?> note) {
        return (Note<T>) note;
    }

    /** Asks at MAIL and at RCPT with the notes that the connection left. */
    private Verdict mail(Dnsbl plugin, FakeSession.Builder client, String sender, Recipient to) {
        session.forEach((note, value) -> client.note(typed(note), value));
        tx = FakeTransaction.at(Stage.MAIL)
                .needs(Need.PEER)
                .in(client)
                .from(sender)
                .build();
        assertInstanceOf(Verdict.Continue.class, plugin.onMail(tx, tx.sender()));
        return plugin.onRcpt(tx, to);
    }

    private Verdict judged(Dnsbl plugin) {
        session.clear();
        assertInstanceOf(Verdict.Continue.class, connect(plugin, client()));
        return mail(plugin, client(), "a@example.org", TO);
    }

    private static String reply(Verdict verdict) {
        return assertInstanceOf(Verdict.Refusal.class, verdict).reply().toString();
    }

    private double answers(String list, String outcome) {
        return meters.get("posthouse.dnsbl.answers")
                .tag("list", list)
                .tag("outcome", outcome)
                .counter()
                .count();
    }

    private void listed() {
        dns.address(BAD, "127.0.0.2").txt(BAD, "see http://bl.example.org/?192.0.2.7");
    }

    @Test
    void asksNobodyAsShipped() {
        assertEquals(Verdict.next(), judged(plugin()));
        assertEquals(List.of(), dns.questions());
    }

    @Test
    void refusesAListedClientAtRcptAndTellsWhy() {
        listed();
        Verdict verdict = judged(plugin("lists", list("bl.example.org"), "reject", 1.0));
        assertEquals(
                "550 5.7.1 Refused, client [192.0.2.7] is listed by bl.example.org: see http://bl.example.org/?192.0.2.7",
                reply(verdict));
        assertEquals("client [192.0.2.7] in bl.example.org (127.0.0.2), sum 1.00", verdict.reason());
        assertEquals("bl.example.org", session.get(Dnsbl.LISTED));
        assertFalse(session.containsKey(Dnsbl.ALLOWED));
        assertEquals(Map.of("DNSBL_BL_EXAMPLE_ORG", 1.0), tx.scores());
        assertEquals(1.0, answers("bl.example.org", "listed"));
    }

    @Test
    void letsAListedClientReachPostmaster() {
        listed();
        Dnsbl plugin = plugin("lists", list("bl.example.org"), "reject", 1.0);
        connect(plugin, client());
        Recipient postmaster = Recipient.of(Address.of("PostMaster@example.net"));
        assertEquals(Verdict.next(), mail(plugin, client(), "a@example.org", postmaster));
        assertInstanceOf(Verdict.Reject.class, plugin.onRcpt(tx, TO));
    }

    @Test
    void refusesAtTheConnectionWhenToldSo() {
        listed();
        Dnsbl plugin = plugin("lists", list("bl.example.org"), "reject", 1.0, "refuseAt", "connect");
        assertTrue(reply(connect(plugin, client())).startsWith("554 5.7.1 Refused, client [192.0.2.7]"));
        Dnsbl deferring = plugin("lists", list("bl.example.org"), "defer", 1.0, "refuseAt", "connect");
        assertTrue(reply(connect(deferring, client())).startsWith("421 4.7.1 Refused, client [192.0.2.7]"));
    }

    @Test
    void defersBetweenTheThresholds() {
        listed();
        Dnsbl plugin = plugin("lists", list("bl.example.org"), "reject", 2.0, "defer", 1.0);
        assertTrue(reply(judged(plugin)).startsWith("451 4.7.1 Refused, client"));
    }

    @Test
    void scoresOnlyWithoutThresholds() {
        listed();
        assertEquals(Verdict.next(), judged(plugin("lists", list("bl.example.org*2.5"))));
        assertEquals(Map.of("DNSBL_BL_EXAMPLE_ORG", 2.5), tx.scores());
    }

    @Test
    void addsUpWeightsAndGoodOnesCount() {
        listed();
        dns.address("7.2.0.192.wl.example.org", "127.0.5.2");
        String[] lists = list("bl.example.org*3", "wl.example.org=127.0.[0..255].[1..3]*-4", "other.example.org*9");
        Dnsbl plugin = plugin("lists", lists, "reject", 3.0);
        assertEquals(Verdict.next(), judged(plugin));
        assertEquals(Map.of("DNSBL_BL_EXAMPLE_ORG", 3.0, "DNSWL_WL_EXAMPLE_ORG", -4.0), tx.scores());
        assertEquals(true, session.get(Dnsbl.ALLOWED));
        assertFalse(session.containsKey(Dnsbl.LISTED));
    }

    @Test
    void asksAListOnceForAllItsEntries() {
        listed();
        dns.address(BAD, "127.0.0.10");
        String[] lists = list("bl.example.org=127.0.0.[2..3]*2", "bl.example.org=127.0.0.[10..11]*1.5");
        judged(plugin("lists", lists));
        assertEquals(Map.of("DNSBL_BL_EXAMPLE_ORG", 3.5), tx.scores());
        assertEquals(1, dns.questions().stream().filter(("a " + BAD)::equals).count());
    }

    @Test
    void takesOtherAnswersForNoListing() {
        listed();
        assertEquals(Verdict.next(), judged(plugin("lists", list("bl.example.org=127.0.0.[3..9]"), "reject", 1.0)));
        assertEquals(1.0, answers("bl.example.org", "clear"));
    }

    @Test
    void takesErrorCodesAndForeignAddressesForErrors() {
        for (String error : List.of("127.255.255.254", "127.255.255.252", "203.0.113.80", "127.0.0.1")) {
            FakeDns broken = new FakeDns().address(BAD, error);
            Dnsbl plugin =
                    new Dnsbl(config("lists", list("bl.example.org"), "reject", 1.0), broken, meters, nanos::get);
            assertEquals(Verdict.next(), judged(plugin), error);
            assertEquals(Map.of(), tx.scores(), error);
        }
        assertEquals(4.0, answers("bl.example.org", "error"));
        FakeDns meant = new FakeDns().address(BAD, "127.0.0.1");
        Dnsbl plugin =
                new Dnsbl(config("lists", list("bl.example.org=127.0.0.1"), "reject", 1.0), meant, meters, nanos::get);
        assertInstanceOf(Verdict.Reject.class, judged(plugin));
    }

    @Test
    void doesNotBelieveAListThatListsEverybody() {
        listed();
        dns.address("1.0.0.127.bl.example.org", "127.0.0.2");
        assertEquals(Verdict.next(), judged(plugin("lists", list("bl.example.org"), "reject", 1.0)));
        assertEquals(1.0, answers("bl.example.org", "error"));
    }

    @Test
    void asksAboutClientsOfIpv6() {
        String name = "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.bl.example.org";
        dns.address(name, "127.0.0.2");
        Dnsbl plugin = plugin("lists", list("bl.example.org"), "reject", 1.0);
        connect(plugin, client().peer("2001:db8::1"));
        assertTrue(reply(mail(plugin, client().peer("2001:db8::1"), "a@example.org", TO))
                .startsWith("550 5.7.1 Refused, client [2001:db8:0:0:0:0:0:1] is listed"));
    }

    @Test
    void asksAboutDomainsOfHeloAndMail() {
        dns.address("mail.example.com.dbl.example.org", "127.0.1.2");
        dns.address("bad.example.dbl.example.org", "127.0.1.5");
        Dnsbl plugin = plugin("domainLists", list("dbl.example.org=127.0.1.[2..9]*2"), "reject", 4.0);
        connect(plugin, client());
        String refused = reply(mail(plugin, client(), "x@bad.example", TO));
        assertEquals(Map.of("DNSBL_DBL_EXAMPLE_ORG", 4.0), tx.scores());
        assertTrue(refused.startsWith("550 5.7.1 Refused, domain "), refused);
        assertEquals(Verdict.next(), mail(plugin, client(), "", TO));
        assertEquals(Verdict.next(), mail(plugin, client().helo("[192.0.2.7]"), "x@bad.example", TO));
        assertFalse(dns.questions().toString().contains("[192"), dns.questions()::toString);
    }

    @Test
    void asksAboutNoTrustedNoPrivateClientAndNoUser() {
        listed();
        Dnsbl plugin = plugin(
                "lists",
                list("bl.example.org"),
                "domainLists",
                list("dbl.example.org"),
                "exemptNetworks",
                list("198.51.100.0/24"));
        for (FakeSession.Builder one : List.of(
                client().trusted(),
                client().user("anna"),
                client().peer("10.0.0.1"),
                client().peer("::1"),
                client().peer("198.51.100.1"),
                client().listener("submission", "submission"))) {
            connect(plugin, one);
            mail(plugin, one, "a@example.org", TO);
        }
        assertEquals(List.of(), dns.questions());
    }

    @Test
    void waitsForNoListLongerThanItMay() {
        listed();
        dns.silent("7.2.0.192.dead.example.org").limit(Duration.ofMinutes(1));
        Dnsbl plugin = plugin("lists", list("bl.example.org", "dead.example.org"), "reject", 1.0, "timeout", 500L);
        assertInstanceOf(Verdict.Reject.class, judged(plugin));
        assertEquals(1.0, answers("dead.example.org", "unanswered"));
        assertEquals(1.0, answers("bl.example.org", "listed"));
    }

    @Test
    void leavesADeadListOutAndTriesItAgain() {
        dns.servfail(BAD);
        Dnsbl plugin = plugin("lists", list("bl.example.org"), "reject", 1.0);
        for (int i = 0; i < Patience.MOST; i++) {
            assertEquals(HealthCheck.Finding.OK, plugin.check());
            assertEquals(Verdict.next(), judged(plugin));
        }
        assertEquals(HealthCheck.Level.WARN, plugin.check().level());
        assertEquals(
                "lists are left out: bl.example.org: no answer", plugin.check().detail());
        int asked = dns.questions().size();
        judged(plugin);
        assertEquals(asked, dns.questions().size());
        assertEquals(1.0, answers("bl.example.org", "resting"));

        nanos.addAndGet(Duration.ofSeconds(61).toNanos());
        judged(plugin);
        judged(plugin);
        assertEquals(asked + 1, dns.questions().size(), "one question tells that it is still dead");

        nanos.addAndGet(Duration.ofSeconds(61).toNanos());
        dns.healed();
        listed();
        assertInstanceOf(Verdict.Reject.class, judged(plugin));
        assertInstanceOf(Verdict.Reject.class, judged(plugin));
        assertEquals(HealthCheck.Finding.OK, plugin.check());
    }

    @Test
    void defersOnErrorOnlyWhenToldAndWhenItMatters() {
        dns.servfail(BAD);
        assertEquals(Verdict.next(), judged(plugin("lists", list("bl.example.org"), "reject", 1.0)));
        Verdict deferred = judged(plugin("lists", list("bl.example.org"), "reject", 1.0, "onError", "defer"));
        assertEquals("451 4.4.3 You can not be checked now, try again later", reply(deferred));
        assertEquals("no word from bl.example.org", deferred.reason());
        assertEquals(
                Verdict.next(), judged(plugin("lists", list("bl.example.org"), "reject", 2.0, "onError", "defer")));
        assertEquals(Verdict.next(), judged(plugin("lists", list("bl.example.org"), "onError", "defer")));
    }

    @Test
    void asksAtMailWhenItWasNotThereAtTheConnection() {
        listed();
        Dnsbl plugin = plugin("lists", list("bl.example.org"), "reject", 1.0);
        assertInstanceOf(Verdict.Reject.class, mail(plugin, client(), "a@example.org", TO));
    }

    @Test
    void cleansWhatAListTells() {
        assertEquals("see x", Judge.clean("\r\n see\u0000\u00e9 \t x\u001b "));
        assertEquals(203, Judge.clean("x".repeat(1000)).length());
        dns.address(BAD, "127.0.0.2").txt(BAD, "a\r\n250 ok");
        assertTrue(reply(judged(plugin("lists", list("bl.example.org"), "reject", 1.0)))
                .endsWith("by bl.example.org: a 250 ok"));
    }

    @Test
    void showsTheOperatorWhatListsSay() throws CommandException {
        listed();
        AskLists command = new AskLists(config("lists", list("bl.example.org", "other.example.org")), dns);
        assertEquals(
                List.of(
                        List.of("bl.example.org", "listed", "1.0", "127.0.0.2", "see http://bl.example.org/?192.0.2.7"),
                        List.of("other.example.org", "clear", "0.0", "", "")),
                command.run(Arguments.of(Map.of("subject", List.of("192.0.2.7"))))
                        .rows());
        assertEquals(
                "There are no lists of domains.",
                command.run(Arguments.of(Map.of("subject", List.of("bad.example"))))
                        .note());
        assertThrows(CommandException.class, () -> command.run(Arguments.of(Map.of("subject", List.of("localhost")))));
    }
}
