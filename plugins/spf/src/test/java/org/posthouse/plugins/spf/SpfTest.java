// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.spf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.posthouse.api.AuthResults;
import org.posthouse.api.Edit;
import org.posthouse.api.Need;
import org.posthouse.api.Note;
import org.posthouse.api.Stage;
import org.posthouse.api.Verdict;
import org.posthouse.testkit.FakeSession;
import org.posthouse.testkit.FakeTransaction;
import org.posthouse.testkit.Settings;
import org.posthouse.testkit.service.FakeDns;

final class SpfTest {
    private static final Need[] NEEDS = {Need.PEER, Need.EDIT_HEADERS};

    private final FakeDns dns = new FakeDns().txt("example.org", "v=spf1 ip4:192.0.2.1 -all exp=why.example.org");
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();

    private Spf plugin(Object... pairs) {
        Object[] all =
                Stream.concat(Stream.of("timeout", 20_000L), Stream.of(pairs)).toArray();
        return new Spf(Settings.of(Spf.Config.class, all), dns, meters, InstantSource.system(), System::nanoTime);
    }

    private static FakeTransaction mail(FakeSession.Builder session, String from) {
        return FakeTransaction.at(Stage.MAIL)
                .in(session)
                .needs(NEEDS)
                .from(from)
                .build();
    }

    private static FakeTransaction stranger(String from) {
        return mail(FakeSession.with().peer("192.0.2.7").helo("mail.example.org"), from);
    }

    private static Verdict ask(Spf plugin, FakeTransaction tx) {
        return plugin.onMail(tx, tx.sender());
    }

    private Verdict.Refusal refusal(Spf plugin, String from) {
        return assertInstanceOf(Verdict.Refusal.class, ask(plugin, stranger(from)));
    }

    private double counted(String identity, String result) {
        return meters.get("posthouse.spf.results")
                .tag("identity", identity)
                .tag("result", result)
                .counter()
                .count();
    }

    @Test
    void marksAndDoesNothingElseAsShipped() {
        FakeTransaction tx = stranger("anna@example.org");
        assertEquals(Verdict.next(), ask(plugin(), tx));
        assertEquals(
                List.of(new AuthResults.Result("spf", "fail", "-all", List.of("smtp.mailfrom=anna@example.org"))),
                tx.recorded());
        assertEquals(Map.of(), tx.scores());
        assertEquals(1, counted("mailfrom", "fail"));
        assertEquals(List.of("txt example.org"), dns.questions());
    }

    @Test
    void checksHeloOfMailWithoutAReversePath() {
        dns.txt("mail.example.org", "v=spf1 a -all").address("mail.example.org", "192.0.2.7");
        FakeTransaction tx = stranger("");
        ask(plugin(), tx);
        assertEquals(
                List.of(new AuthResults.Result("spf", "pass", "a", List.of("smtp.helo=mail.example.org"))),
                tx.recorded());
        assertEquals(1, counted("helo", "pass"));
    }

    @Test
    void checksHeloBesideTheReversePathWhenTold() {
        FakeTransaction tx = stranger("anna@example.org");
        ask(plugin("helo", "always"), tx);
        assertEquals(
                List.of(List.of("smtp.helo=mail.example.org"), List.of("smtp.mailfrom=anna@example.org")),
                tx.recorded().stream().map(AuthResults.Result::properties).toList());
    }

    @Test
    void asksNothingAboutMailOfOurs() {
        List<FakeTransaction> ours = List.of(
                mail(FakeSession.with().trusted(), "a@example.org"),
                mail(FakeSession.with().user("anna"), "a@example.org"),
                mail(FakeSession.with().listener("feeder", "relay"), "a@example.org"),
                mail(FakeSession.with().peer("2001:db8:1::9"), "a@example.org"));
        Spf plugin = plugin("exemptNetworks", new String[] {"203.0.113.0/24", "2001:db8:1::/48"});
        for (FakeTransaction tx : ours) {
            assertEquals(Verdict.next(), ask(plugin, tx));
            assertEquals(List.of(), tx.recorded());
        }
        assertEquals(List.of(), dns.questions());
    }

    @Test
    void checksClientsOfOursWhenTold() {
        FakeTransaction tx =
                mail(FakeSession.with().listener("relay", "relay").trusted().user("anna"), "a@example.org");
        Object[] all = {"profiles", new String[] {"relay"}, "checkTrusted", true, "checkAuthenticated", true};
        ask(plugin(all), tx);
        assertEquals(1, tx.recorded().size());
    }

    @Test
    void refusesWithTheExplanationOfTheDomain() {
        dns.txt("why.example.org", "%{i} is no mail host, see http://example.org/%_\"ok\"");
        Verdict.Refusal refusal = refusal(plugin("onFail", "reject"), "anna@example.org");
        assertEquals(
                "550 5.7.23 SPF validation failed, example.org explains: 192.0.2.7 is no mail host,"
                        + " see http://example.org/ \"ok\"",
                refusal.reply().toString());
        assertEquals("spf fail for mailfrom anna@example.org: -all", refusal.reason());
    }

    @Test
    void boundsAndCleansExplanations() {
        dns.txt("why.example.org", "%{h} " + "x".repeat(500));
        FakeTransaction tx = mail(FakeSession.with().peer("192.0.2.7").helo("\u00e4\r\n250 ok"), "anna@example.org");
        Verdict.Refusal refusal = assertInstanceOf(Verdict.Refusal.class, ask(plugin("onFail", "reject"), tx));
        String text = refusal.reply().text();
        assertTrue(text.length() < 400, text);
        assertTrue(text.chars().allMatch(c -> c >= ' ' && c < 127), text);
    }

    @Test
    void doesNotAskForExplanationsThatNobodyReads() {
        Verdict.Refusal refusal = refusal(plugin("onFail", "reject", "explain", false), "anna@example.org");
        assertEquals("550 5.7.23 SPF validation failed", refusal.reply().toString());
        assertEquals(List.of("txt example.org"), dns.questions());
    }

    @Test
    void doesWithEachResultWhatItIsTold() {
        dns.txt("soft.org", "v=spf1 ~all").txt("bad.org", "v=spf1 moo").servfail("away.org");
        Spf plugin = plugin("onSoftfail", "defer", "onPermerror", "reject", "onTemperror", "defer");
        assertEquals(
                "451 4.7.23 SPF validation failed",
                refusal(plugin, "a@soft.org").reply().toString());
        assertEquals(
                "550 5.7.24 The SPF record of bad.org can not be understood",
                refusal(plugin, "a@bad.org").reply().toString());
        assertEquals(
                "451 4.7.24 The SPF record of away.org can not be read now",
                refusal(plugin, "a@away.org").reply().toString());
        assertEquals(Verdict.next(), ask(plugin, stranger("a@example.org")));
        assertEquals(Verdict.next(), ask(plugin, stranger("a@none.org")));
    }

    @Test
    void scoresByResult() {
        Spf plugin = plugin("scoreFail", 3.5, "scoreNone", 0.5, "scorePass", -1.0);
        FakeTransaction fail = stranger("a@example.org");
        ask(plugin, fail);
        FakeTransaction none = stranger("a@none.org");
        ask(plugin, none);
        FakeTransaction pass = mail(FakeSession.with().peer("192.0.2.1"), "a@example.org");
        ask(plugin, pass);
        assertEquals(Map.of("SPF_FAIL", 3.5), fail.scores());
        assertEquals(Map.of("SPF_NONE", 0.5), none.scores());
        assertEquals(Map.of("SPF_PASS", -1.0), pass.scores());
    }

    @Test
    void asksOnceForAnIdentityInASession() {
        Spf plugin = plugin();
        FakeTransaction first = stranger("anna@example.org");
        ask(plugin, first);
        int asked = dns.questions().size();
        FakeTransaction second = again(first, "anna@example.org");
        ask(plugin, second);
        assertEquals(first.recorded(), second.recorded());
        assertEquals(asked, dns.questions().size());
        ask(plugin, again(second, "bert@example.org"));
        assertTrue(dns.questions().size() > asked);
    }

    @Test
    void asksAgainForWhatCouldNotBeTold() {
        dns.servfail("away.org");
        Spf plugin = plugin();
        FakeTransaction first = stranger("a@away.org");
        ask(plugin, first);
        dns.healed().txt("away.org", "v=spf1 +all");
        FakeTransaction second = again(first, "a@away.org");
        ask(plugin, second);
        assertEquals("pass", second.recorded().get(0).value());
    }

    /** Another transaction of the same session. */
    private static FakeTransaction again(FakeTransaction before, String from) {
        FakeSession.Builder session = FakeSession.with().peer("192.0.2.7").helo("mail.example.org");
        before.fakeSession().notes().forEach((note, value) -> keep(session, note, value));
        return mail(session, from);
    }

    private static <T> void keep(FakeSession.Builder session, Note<T> note, Object value) {
        session.note(note, note.type().cast(value));
    }

    @Test
    void writesReceivedSpfWhenTold() {
        Spf plugin = plugin("receivedSpf", true, "receiver", "mx.example.net", "helo", "always");
        FakeTransaction tx = stranger("\"a;b\"@example.org");
        ask(plugin, tx);
        FakeTransaction.Builder later = FakeTransaction.at(Stage.DATA).needs(NEEDS);
        tx.notes().forEach((note, value) -> keep(later, note, value));
        FakeTransaction data = later.build();
        plugin.onMessage(data, data.message());
        assertEquals(
                List.of(
                        Edit.prependHeader(
                                "Received-SPF",
                                "none (mx.example.net: mail.example.org publishes no record)"
                                        + "\r\n\treceiver=mx.example.net;\r\n\tclient-ip=192.0.2.7;"
                                        + "\r\n\tenvelope-from=\"postmaster@mail.example.org\";"
                                        + "\r\n\thelo=\"mail.example.org\";\r\n\tidentity=helo"),
                        Edit.prependHeader(
                                "Received-SPF",
                                "fail (mx.example.net: domain of example.org does not"
                                        + " designate 192.0.2.7 as permitted sender)"
                                        + "\r\n\treceiver=mx.example.net;\r\n\tclient-ip=192.0.2.7;"
                                        + "\r\n\tenvelope-from=\"?a?b?@example.org\";"
                                        + "\r\n\thelo=\"mail.example.org\";\r\n\tidentity=mailfrom;\r\n\tmechanism=\"-all\"")),
                data.edits());
    }

    private static <T> void keep(FakeTransaction.Builder tx, Note<T> note, Object value) {
        tx.note(note, note.type().cast(value));
    }

    @Test
    void leavesResultsThatAreOneWhateverStrangersSay() {
        dns.txt("x.org", "v=spf1 moo;pass=\"yes\"\u00e4");
        for (String helo : List.of("a;b.org", "a\"b.org", "a\\b.org", "a b.org", "[192.0.2.7]", "\u00e4 \u0001.org")) {
            FakeTransaction tx = mail(FakeSession.with().peer("192.0.2.7").helo(helo), "");
            ask(plugin(), tx);
            String property = tx.recorded().get(0).properties().get(0);
            assertTrue(property.matches("smtp\\.helo=\"[ !#-:<-\\[\\]-~]*\""), property);
        }
        for (String from : List.of("\"a;b\"@x.org", "\"a b\"@x.org", "\u00e4@x.org")) {
            FakeTransaction tx = stranger(from);
            ask(plugin(), tx);
            assertEquals(List.of("smtp.mailfrom=x.org"), tx.recorded().get(0).properties());
            assertTrue(tx.recorded().get(0).reason().chars().allMatch(c -> c >= ' ' && c < 127));
        }
    }

    @Test
    void asksForAllIdentitiesWithinOneTime() {
        AtomicLong ticks = new AtomicLong();
        Spf slow = new Spf(
                Settings.of(Spf.Config.class, "timeout", 1L, "helo", "always"),
                dns,
                meters,
                InstantSource.system(),
                () -> ticks.getAndAdd(600_000));
        FakeTransaction tx = stranger("a@example.org");
        ask(slow, tx);
        assertEquals(
                List.of("none", "temperror"),
                tx.recorded().stream().map(AuthResults.Result::value).toList());
    }

    @Test
    void refusesNetworksThatAreNone() {
        assertThrows(IllegalArgumentException.class, () -> plugin("exemptNetworks", new String[] {"192.0.2.0/33"}));
    }
}
