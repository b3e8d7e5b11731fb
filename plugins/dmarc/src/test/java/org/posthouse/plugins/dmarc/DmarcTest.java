// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.dmarc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.posthouse.api.AuthResults;
import org.posthouse.api.Need;
import org.posthouse.api.Stage;
import org.posthouse.api.Verdict;
import org.posthouse.api.operator.HealthCheck;
import org.posthouse.testkit.FakeSession;
import org.posthouse.testkit.FakeTransaction;
import org.posthouse.testkit.Settings;
import org.posthouse.testkit.service.FakeDns;
import org.posthouse.testkit.service.FakeJobs;
import org.posthouse.testkit.service.FakeOutbox;
import org.posthouse.testkit.service.FakeState;
import org.posthouse.testkit.service.SettableClock;

final class DmarcTest {
    private static final String FROM = "From: Anna <anna@example.org>";

    private final FakeDns dns = new FakeDns().txt("_dmarc.example.org", "v=DMARC1; p=reject; rua=mailto:d@example.org");
    private final SettableClock clock = SettableClock.at(Instant.parse("2027-01-31T12:00:00Z"));
    private final FakeState state = new FakeState(clock);
    private final FakeJobs jobs = new FakeJobs();
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private List<AuthResults.Result> found =
            List.of(new AuthResults.Result("spf", "pass", "", List.of("smtp.mailfrom=a@bulk.example.net")));
    private String sealers = "";
    private FakeSession.Builder session = FakeSession.with().peer("192.0.2.7");

    private Dmarc plugin(Object... settings) {
        return new Dmarc(Settings.of(Dmarc.Config.class, settings), dns, state, jobs, new FakeOutbox(), meters, clock);
    }

    private FakeTransaction transaction(String... headers) {
        FakeTransaction.Builder tx = FakeTransaction.at(Stage.DATA)
                .needs(Need.PEER)
                .in(session)
                .from("a@bulk.example.net")
                .results(new AuthResults(found))
                .headers(headers);
        return (sealers.isEmpty() ? tx : tx.note(Sealers.NOTE, sealers)).build();
    }

    private Verdict ask(Dmarc plugin, String... headers) {
        FakeTransaction tx = transaction(headers);
        return plugin.onMessage(tx, tx.message());
    }

    private List<String> results(Dmarc plugin, String... headers) {
        FakeTransaction tx = transaction(headers);
        plugin.onMessage(tx, tx.message());
        return tx.recorded().stream()
                .map(result -> result.method() + "=" + result.value() + " " + String.join(" ", result.properties()))
                .toList();
    }

    @Test
    void reportsOnlyAsShipped() {
        Verdict verdict = ask(plugin(), FROM);
        assertEquals(Verdict.next().because("dmarc fail, policy of example.org is reject, report only"), verdict);
        assertEquals(List.of("dmarc=fail policy.dmarc=reject header.from=example.org"), results(plugin(), FROM));
        assertEquals(List.of(), jobs.names());
        assertEquals(0, state.uses());
    }

    @Test
    void refusesAndHoldsWhatTheOwnerWantsRefusedAndHeld() {
        Verdict.Reject reject = assertInstanceOf(Verdict.Reject.class, ask(plugin("action", "enforce"), FROM));
        assertEquals(
                "550 5.7.1 Rejected by the DMARC policy of example.org",
                reject.reply().toString());
        assertInstanceOf(Verdict.Hold.class, ask(plugin("action", "quarantineOnly"), FROM));
        dns.txt("_dmarc.quarantine.example", "v=DMARC1; p=quarantine");
        assertEquals(
                Verdict.hold("dmarc fail, policy of quarantine.example is quarantine"),
                ask(plugin("action", "enforce"), "From: x@quarantine.example"));
    }

    @Test
    void letsPassWhatPasses() {
        found = List.of(
                new AuthResults.Result("dkim", "fail", "", List.of("header.d=example.org")),
                new AuthResults.Result("dkim", "pass", "", List.of("header.d=mail.example.org")));
        assertEquals(Verdict.next(), ask(plugin("action", "enforce"), FROM));
        assertEquals(
                List.of("dmarc=pass policy.dmarc=reject header.from=example.org"),
                results(plugin("action", "enforce"), FROM));
        assertEquals(
                2.0,
                meters.get("posthouse.dmarc.messages")
                        .tag("result", "pass")
                        .counter()
                        .count());
    }

    @Test
    void takesTheActionOfTheNearestDomain() {
        Dmarc plugin = plugin("action", "enforce", "overrides", new String[] {
            "org=quarantineOnly", "Example.ORG=report", "a.example.org = enforce"
        });
        assertEquals("Continue", kind(ask(plugin, FROM)));
        assertEquals("Reject", kind(ask(plugin, "From: x@b.a.example.org")));
        dns.txt("_dmarc.other.org", "v=DMARC1; p=reject");
        assertEquals("Hold", kind(ask(plugin, "From: x@other.org")));
        for (String wrong : List.of("example.org", "=report", "example.org=drop", "a b=report")) {
            assertThrows(IllegalArgumentException.class, () -> plugin("overrides", new String[] {wrong}), wrong);
        }
    }

    private static String kind(Verdict verdict) {
        return verdict.getClass().getSimpleName();
    }

    @Test
    void isMilderWhereTheOwnerTests() {
        dns.txt("_dmarc.test.example", "v=DMARC1; p=reject; t=y")
                .txt("_dmarc.half.example", "v=DMARC1; p=reject; pct=0");
        dns.txt("_dmarc.soft.example", "v=DMARC1; p=quarantine; t=y; pct=0");
        Dmarc plugin = plugin("action", "enforce");
        assertEquals("Hold", kind(ask(plugin, "From: x@test.example")));
        assertEquals("Hold", kind(ask(plugin, "From: x@half.example")));
        assertEquals("Continue", kind(ask(plugin, "From: x@soft.example")));
        assertEquals(
                List.of("dmarc=fail policy.dmarc=quarantine header.from=test.example"),
                results(plugin, "From: x@test.example"));
    }

    @Test
    void doesNotJudgeItsOwnPeople() {
        session = FakeSession.with().trusted();
        assertEquals(List.of(), results(plugin("action", "enforce"), FROM));
        assertEquals("Reject", kind(ask(plugin("action", "enforce", "exemptTrusted", false), FROM)));
        session = FakeSession.with().user("anna");
        assertEquals(List.of(), results(plugin("action", "enforce"), FROM));
        assertEquals("Reject", kind(ask(plugin("action", "enforce", "exemptAuthenticated", false), FROM)));
        assertEquals(
                2,
                dns.questions().stream()
                        .filter(q -> q.equals("txt _dmarc.example.org"))
                        .count());
    }

    @Test
    void judgesOnTheListenersThatItIsToldAlone() {
        session = FakeSession.with().listener("feeder", "relay");
        assertEquals(List.of(), results(plugin("action", "enforce"), FROM));
        assertEquals("Reject", kind(ask(plugin("action", "enforce", "profiles", new String[] {"relay"}), FROM)));
        session = FakeSession.with();
        assertEquals(List.of(), results(plugin("action", "enforce", "profiles", new String[0]), FROM));
    }

    @Test
    void judgesEachOfSeveralAuthorsAndFollowsTheStrictest() {
        dns.txt("_dmarc.bulk.example.net", "v=DMARC1; p=reject").txt("_dmarc.soft.example", "v=DMARC1; p=quarantine");
        String[] several = {"From: a@bulk.example.net, b@soft.example, c@example.org, d@none.example"};
        assertEquals(
                List.of(
                        "dmarc=pass policy.dmarc=reject header.from=bulk.example.net",
                        "dmarc=fail policy.dmarc=quarantine header.from=soft.example",
                        "dmarc=fail policy.dmarc=reject header.from=example.org",
                        "dmarc=none header.from=none.example"),
                results(plugin("action", "enforce"), several));
        assertEquals("Reject", kind(ask(plugin("action", "enforce"), several)));
        assertEquals(
                "Reject", kind(ask(plugin("action", "enforce"), "From: a@bulk.example.net", "From: c@example.org")));
    }

    @Test
    void doesWithMailOfNobodyWhatTheOperatorSays() {
        List<String> many = new ArrayList<>();
        for (int i = 0; i < 11; i++) {
            many.add("x@a" + i + ".example");
        }
        for (String[] headers : List.of(
                new String[] {"Subject: x"},
                new String[] {"From: undisclosed:;"},
                new String[] {"From: x@[192.0.2.1]"},
                new String[] {"From: " + String.join(", ", many)})) {
            String shown = Arrays.toString(headers);
            assertEquals(Verdict.next(), ask(plugin(), headers), shown);
            assertEquals("Hold", kind(ask(plugin("action", "quarantineOnly"), headers)), shown);
            assertEquals("Reject", kind(ask(plugin("action", "enforce"), headers)), shown);
            assertEquals(Verdict.next(), ask(plugin("action", "enforce", "unreadableFrom", "accept"), headers), shown);
            assertEquals("Hold", kind(ask(plugin("unreadableFrom", "hold"), headers)), shown);
            assertEquals("Reject", kind(ask(plugin("unreadableFrom", "reject"), headers)), shown);
            assertEquals(List.of("dmarc=none "), results(plugin(), headers), shown);
        }
        assertEquals(List.of(), dns.questions());
    }

    @Test
    void findsTheOneWithWhatNobodySees() {
        // The octets of U+200B, as fields have them.
        String hidden = "From: ceo@example.org\u00e2\u0080\u008b, a@evil.example";
        assertEquals(
                "550 5.7.1 Rejected by the DMARC policy of example.org",
                assertInstanceOf(Verdict.Reject.class, ask(plugin("action", "enforce"), hidden))
                        .reply()
                        .toString());
    }

    @Test
    void findsTheOneAmongManyWhoseDomainWantsItRefused() {
        String many = ", a@evil.example".repeat(100);
        assertEquals("Reject", kind(ask(plugin("action", "enforce"), "From: ceo@example.org" + many)));
        assertEquals(
                "Reject",
                kind(ask(plugin("action", "enforce"), "From: ceo@example.org" + many.replace("a@", "<a@") + ">")));
    }

    @Test
    void doesSoAlsoWhenSomeAuthorsCanBeReadAndOneCanNot() {
        String beside = "From: ceo@bank..example, a@evil.example";
        Verdict.Reject reject = assertInstanceOf(Verdict.Reject.class, ask(plugin("unreadableFrom", "reject"), beside));
        assertEquals("5.6.0", reject.reply().enhanced());
        assertEquals("Hold", kind(ask(plugin("unreadableFrom", "hold"), beside)));
        assertEquals("Continue", kind(ask(plugin("unreadableFrom", "accept"), beside)));
        assertEquals(List.of("dmarc=none header.from=evil.example"), results(plugin(), beside));
        assertEquals(
                "Reject",
                kind(ask(
                        plugin("action", "enforce", "unreadableFrom", "hold"),
                        "From: ceo@bank..example, a@example.org")));
    }

    @Test
    void asksForTheDomainAsDnsHasIt() {
        dns.txt("_dmarc.xn--bcher-kva.example", "v=DMARC1; p=reject");
        assertEquals(
                List.of("dmarc=fail policy.dmarc=reject header.from=xn--bcher-kva.example"),
                results(plugin(), "From: post@B\u00c3\u00bccher.example"));
    }

    @Test
    void saysSoWhenDnsDoesNotAnswer() {
        dns.servfail("_dmarc.example.org");
        assertEquals(List.of("dmarc=temperror header.from=example.org"), results(plugin(), FROM));
        assertEquals("Continue", kind(ask(plugin("action", "enforce"), FROM)));
        assertEquals("Continue", kind(ask(plugin("onError", "defer"), FROM)));
        Verdict.Defer defer =
                assertInstanceOf(Verdict.Defer.class, ask(plugin("action", "enforce", "onError", "defer"), FROM));
        assertEquals(451, defer.reply().code());
    }

    @Test
    void letsNoAuthorHideBehindTheSlowDnsOfAnother() {
        dns.servfail("_dmarc.slow.example");
        String slow = "From: a@slow.example, b@none.example";
        Verdict.Defer defer = assertInstanceOf(Verdict.Defer.class, ask(plugin("action", "enforce"), slow));
        assertEquals("451 4.7.1", defer.reply().toString().substring(0, 9));
        assertEquals("Defer", kind(ask(plugin("action", "quarantineOnly"), slow)));
        assertEquals("Continue", kind(ask(plugin(), slow)));
        assertEquals("Continue", kind(ask(plugin("action", "enforce"), "From: a@slow.example, b@slow.example")));
        assertEquals("Reject", kind(ask(plugin("action", "enforce"), "From: a@slow.example, b@example.org")));
    }

    @Test
    void defersNothingForPoliciesThatWantNothing() {
        dns.txt("_dmarc.none.example", "v=DMARC1; p=none");
        found = List.of(new AuthResults.Result("dkim", "temperror", "", List.of("header.d=none.example")));
        Dmarc plugin = plugin("action", "enforce", "onError", "defer");
        assertEquals("Continue", kind(ask(plugin, "From: x@none.example")));
        assertEquals(
                List.of("dmarc=temperror policy.dmarc=none header.from=none.example"),
                results(plugin, "From: x@none.example"));
    }

    @Test
    void believesTrustedForwardersAlone() {
        sealers = "first.example lists.example";
        String[] sealed = {
            FROM,
            "ARC-Seal: i=2; a=rsa-sha256; t=1; cv=pass;\r\n d=Lists.example; s=k2; b=x",
            "ARC-Authentication-Results: i=2; lists.example; dmarc=fail header.from=example.org",
            "ARC-Seal: i=1; a=rsa-sha256; t=1; cv=none; d=first.example; s=k1; b=x",
            "ARC-Authentication-Results: i=1; first.example;\r\n spf=pass (a;b) smtp.mailfrom=x;\r\n dmarc = pass"
                    + " (p=reject) header.from=Example.org"
        };
        String[] both = {"lists.example", "first.example"};
        Verdict verdict = ask(plugin("action", "enforce", "trustedSealers", both), sealed);
        assertEquals(
                Verdict.next()
                        .because("dmarc fail, but arc=pass as[2].d=lists.example as[2].s=k2 as[1].d=first.example"
                                + " as[1].s=k1"),
                verdict);
        assertEquals("Reject", kind(ask(plugin("action", "enforce"), sealed)));
        assertEquals(
                "Reject",
                kind(ask(plugin("action", "enforce", "trustedSealers", new String[] {"first.example"}), sealed)));
        assertEquals(
                "Reject",
                kind(ask(plugin("action", "enforce", "trustedSealers", new String[] {"lists.example"}), sealed)));
        sealers = "first.example";
        assertEquals("Continue", kind(ask(plugin("action", "enforce", "trustedSealers", both), sealed)));
        sealers = "first.example stranger.example";
        assertEquals("Reject", kind(ask(plugin("action", "enforce", "trustedSealers", both), sealed)));
        // The chain is broken or does not cover From, whatever stands in the seals.
        sealers = "";
        found = List.of(new AuthResults.Result("arc", "pass", "", List.of()));
        assertEquals("Reject", kind(ask(plugin("action", "enforce", "trustedSealers", both), sealed)));
    }

    @Test
    void believesNoForwarderOfAnotherAuthor() {
        sealers = "first.example";
        found = List.of(new AuthResults.Result("arc", "pass", "", List.of()));
        for (String results : List.of(
                "dmarc=pass",
                "dmarc=pass header.d=example.org",
                "dmarc=pass reason=\"header.from=example.org\"",
                "dmarc=pass reason=\"\\\" header.from=example.org \"",
                "dmarc=pass header.from=other.example header.from=example.org",
                "dmarc=pass header.from=other.example",
                "dmarc=none header.from=example.org",
                "dkim=pass header.d=\"; dmarc=pass header.from=example.org\"",
                "dkim=pass (; dmarc=pass header.from=example.org )",
                "dmarc=passed")) {
            String[] sealed = {
                FROM,
                "ARC-Seal: i=1; d=first.example; s=k1; b=x",
                "ARC-Authentication-Results: i=1; first.example; " + results
            };
            assertEquals(
                    "Reject",
                    kind(ask(plugin("action", "enforce", "trustedSealers", new String[] {"first.example"}), sealed)),
                    results);
        }
    }

    @Test
    void takesTheInstanceOfResultsFromTheirBeginning() {
        sealers = "first.example lists.example";
        found = List.of(new AuthResults.Result("arc", "pass", "", List.of()));
        String first = "ARC-Seal: i=1; d=first.example; s=k1; b=x";
        String second = "ARC-Seal: i=2; d=lists.example; s=k2; b=x";
        String seen = "ARC-Authentication-Results: i=2; lists.example; dmarc=fail header.from=example.org";
        String pass = "dmarc=pass header.from=example.org";
        for (String[] made : List.of(
                new String[] {"ARC-Authentication-Results: i=1 (x); evil.example; none; i=2; " + pass},
                new String[] {"ARC-Authentication-Results: none; i=2; " + pass},
                new String[] {"ARC-Authentication-Results: i=(x)2; lists.example; " + pass})) {
            for (String[] headers : List.of(
                    new String[] {FROM, first, second, seen, made[0]},
                    new String[] {FROM, first, second, made[0], seen})) {
                assertEquals(
                        "Reject",
                        kind(ask(
                                plugin("action", "enforce", "trustedSealers", new String[] {"lists.example"}),
                                headers)),
                        made[0]);
            }
        }
    }

    @Test
    void collectsForReportsWhenTheyAreWanted() {
        Dmarc plugin = plugin("reports", "collect");
        ask(plugin, FROM);
        ask(plugin, FROM);
        ask(plugin, "From: x@nobody.example");
        Ledger ledger = new Ledger(state, 100);
        LocalDate day = LocalDate.parse("2027-01-31");
        assertEquals(List.of("example.org"), ledger.domains(day));
        Ledger.Counted counted =
                ledger.read(day, "example.org").orElseThrow().rows().getFirst();
        assertEquals(2, counted.count());
        assertEquals("192.0.2.7", counted.row().source());
        assertEquals(
                List.of(new Ruling.Reason("local_policy", "report only")),
                counted.row().reasons());
        assertEquals(List.of(), jobs.names());
    }

    @Test
    void doesNotReportAboutReports() {
        Dmarc plugin = plugin("reports", "collect");
        String[] report = {FROM, "Subject: Report Domain: local.test\r\n Submitter: example.org\r\n Report-ID: <1@x>"};
        found = List.of(new AuthResults.Result("dkim", "pass", "", List.of("header.d=example.org")));
        ask(plugin, report);
        assertEquals(0, state.uses());
        found = List.of();
        ask(plugin, report);
        assertTrue(state.uses() > 0, "a forged one is told about");
    }

    @Test
    void goesOnWhenNothingCanBeCollected() {
        Dmarc plugin = plugin("action", "enforce", "reports", "collect");
        state.failing(true);
        assertEquals("Reject", kind(ask(plugin, FROM)));
        assertEquals(1.0, meters.get("posthouse.dmarc.dropped").counter().count());
    }

    @Test
    void sendsOnlyFromAnAddress() {
        Dmarc without = plugin("reports", "send");
        assertEquals(HealthCheck.Level.WARN, without.check().level());
        assertEquals(List.of(), jobs.names());
        Dmarc with = plugin("reports", "send", "reportFrom", "dmarc@mx.example");
        assertEquals(HealthCheck.Finding.OK, with.check());
        assertEquals(List.of("dmarc-reports"), jobs.names());
        with.close();
        assertEquals(List.of(), jobs.names());
    }
}
