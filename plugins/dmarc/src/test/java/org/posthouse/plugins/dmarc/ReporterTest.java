// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.dmarc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.posthouse.api.Address;
import org.posthouse.api.AuthResults;
import org.posthouse.api.Need;
import org.posthouse.api.Stage;
import org.posthouse.api.operator.Arguments;
import org.posthouse.api.operator.CommandException;
import org.posthouse.api.operator.Table;
import org.posthouse.testkit.FakeSession;
import org.posthouse.testkit.FakeTransaction;
import org.posthouse.testkit.Settings;
import org.posthouse.testkit.service.FakeDns;
import org.posthouse.testkit.service.FakeJobs;
import org.posthouse.testkit.service.FakeOutbox;
import org.posthouse.testkit.service.FakeState;
import org.posthouse.testkit.service.SettableClock;

/** From messages to reports, over the hook, the job and the commands. */
final class ReporterTest {
    private static final Dmarc.Config CONFIG =
            Settings.of(Dmarc.Config.class, "reports", "send", "reportFrom", "dmarc@mx.example");

    private final FakeDns dns = new FakeDns();
    private final SettableClock clock = SettableClock.at(Instant.parse("2027-01-31T12:00:00Z"));
    private final FakeState state = new FakeState(clock);
    private final FakeJobs jobs = new FakeJobs();
    private final FakeOutbox outbox = new FakeOutbox();
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final Dmarc plugin = new Dmarc(CONFIG, dns, state, jobs, outbox, meters, clock);

    private void receive(String author) {
        FakeTransaction tx = FakeTransaction.at(Stage.DATA)
                .needs(Need.PEER)
                .in(FakeSession.with().peer("192.0.2.7"))
                .results(AuthResults.NONE)
                .headers("From: x@" + author)
                .build();
        plugin.onMessage(tx, tx.message());
    }

    private List<String> recipients() {
        return outbox.letters().stream()
                .map(letter -> letter.recipients().toString())
                .toList();
    }

    private double count(String result) {
        return meters.get("posthouse.dmarc.reports")
                .tag("result", result)
                .counter()
                .count();
    }

    private Table list() throws CommandException {
        return new ListReports(CONFIG, state, clock).run(Arguments.of(Map.of()));
    }

    @Test
    void reportsADayWhenItIsOverAndOnce() throws CommandException {
        dns.txt("_dmarc.example.org", "v=DMARC1; p=reject; rua=mailto:a@example.org,mailto:b@reports.example.org");
        receive("example.org");
        receive("mail.example.org");
        jobs.run();
        assertEquals(List.of(), outbox.letters());
        assertEquals(List.of(List.of("2027-01-31", "example.org", "2", "0", "2", "")), list().rows());
        clock.pass(Duration.ofHours(12));
        jobs.run();
        jobs.run();
        assertEquals(List.of("[a@example.org]", "[b@reports.example.org]"), recipients());
        assertEquals(Address.of("dmarc@mx.example"), outbox.letters().getFirst().sender());
        assertEquals(1, count("sent"));
        assertEquals(List.of(List.of("2027-01-31", "example.org", "2", "0", "2", "sent to 2")), list().rows());
    }

    private String send(Dmarc.Config config, String... day) throws CommandException {
        Map<String, List<String>> words = new HashMap<>(Map.of("domain", List.of("Example.ORG")));
        if (day.length > 0) {
            words.put("day", List.of(day));
        }
        return new SendReport(config, dns, state, outbox, meters, clock)
                .run(Arguments.of(words))
                .note();
    }

    private String idOf(int letter) {
        return outbox.letters().get(letter).message().replaceAll("(?s).*Report-ID: ([0-9a-f]+).*", "$1");
    }

    @Test
    void sendsAtOnceWhatAnOperatorAsksFor() throws CommandException {
        dns.txt("_dmarc.example.org", "v=DMARC1; p=reject; rua=mailto:a@far.example")
                .txt("example.org._report._dmarc.far.example", "v=DMARC1");
        assertEquals("Report of 2027-01-31 about example.org: nothing to report", send(CONFIG));
        receive("example.org");
        assertEquals("Report of 2027-01-31 about example.org: sent to 1", send(CONFIG));
        clock.pass(Duration.ofHours(12));
        jobs.run();
        assertEquals("Report of 2027-01-31 about example.org: sent to 1", send(CONFIG, "2027-01-31"));
        assertEquals(3, outbox.letters().size());
        assertNotEquals(idOf(0), idOf(1), "the whole day would be taken for the part of it again");
        assertEquals(idOf(1), idOf(2));
        dns.servfail("*");
        assertThrows(CommandException.class, () -> send(CONFIG, "2027-01-31"));
        assertThrows(CommandException.class, () -> send(CONFIG, "yesterday"));
        assertThrows(CommandException.class, () -> send(Settings.of(Dmarc.Config.class, "reports", "send")));
    }

    @Test
    void asksStrangersWhetherTheyWantReports() {
        dns.txt(
                "_dmarc.example.org",
                "v=DMARC1; p=none; rua=mailto:a@agreed.example,mailto:b@silent.example,mailto:c@moved.example,"
                        + "mailto:d@victim.example,https://example.org/,mailto:e@noise.example");
        dns.txt("example.org._report._dmarc.agreed.example", "v=DMARC1")
                .txt("example.org._report._dmarc.moved.example", "v=DMARC1; rua=mailto:x@moved.example")
                .txt("example.org._report._dmarc.victim.example", "v=DMARC1; rua=mailto:x@other.example")
                .txt("example.org._report._dmarc.noise.example", "DMARC1 of course");
        receive("example.org");
        clock.pass(Duration.ofHours(12));
        jobs.run();
        assertEquals(List.of("[a@agreed.example]", "[x@moved.example]"), recipients());
        String outcome = new Ledger(state, 1)
                .outcome(LocalDate.parse("2027-01-31"), "example.org")
                .orElseThrow();
        assertTrue(outcome.startsWith("sent to 2; mailto:b@silent.example: silent.example does not agree"), outcome);
        assertTrue(
                outcome.contains("mailto:d@victim.example: victim.example names mailboxes of somebody else"), outcome);
    }

    @Test
    void asksAgainWhenDnsDoesNotAnswer() {
        dns.txt("_dmarc.example.org", "v=DMARC1; p=none; rua=mailto:a@agreed.example,mailto:b@example.org");
        dns.txt("example.org._report._dmarc.agreed.example", "v=DMARC1;");
        receive("example.org");
        dns.servfail("example.org._report._dmarc.agreed.example");
        clock.pass(Duration.ofHours(12));
        jobs.run();
        assertEquals(List.of(), outbox.letters());
        assertEquals(1, count("postponed"));
        dns.healed();
        jobs.run();
        assertEquals(List.of("[a@agreed.example]", "[b@example.org]"), recipients());
    }

    @Test
    void letsNobodyWaitBehindDomainsWithoutDns() {
        for (int i = 0; i < 250; i++) {
            String domain = "dead" + i + ".example";
            dns.txt("_dmarc." + domain, "v=DMARC1; p=none; rua=mailto:a@agreed.example");
            dns.servfail(domain + "._report._dmarc.agreed.example");
            receive(domain);
        }
        dns.txt("_dmarc.example.org", "v=DMARC1; p=none; rua=mailto:a@example.org");
        receive("example.org");
        clock.pass(Duration.ofHours(12));
        jobs.run();
        assertEquals(List.of(), outbox.letters());
        jobs.run();
        assertEquals(List.of("[a@example.org]"), recipients());
        // Those that were not tried for longest are next.
        dns.healed();
        for (int i = 0; i < 250; i++) {
            dns.txt("dead" + i + ".example._report._dmarc.agreed.example", "v=DMARC1;");
        }
        jobs.run();
        jobs.run();
        assertEquals(251, outbox.letters().size());
    }

    @Test
    void sendsNothingThatIsTooLarge() {
        dns.txt("_dmarc.example.org", "v=DMARC1; p=none; rua=mailto:a@example.org!100,mailto:b@example.org!1m");
        receive("example.org");
        clock.pass(Duration.ofHours(12));
        jobs.run();
        assertEquals(List.of("[b@example.org]"), recipients());
    }

    @Test
    void sendsNothingToWhoDidNotAsk() {
        dns.txt("_dmarc.example.org", "v=DMARC1; p=none")
                .txt("_dmarc.other.org", "v=DMARC1; p=none; rua=mailto:a@b.example");
        receive("example.org");
        receive("other.org");
        clock.pass(Duration.ofHours(12));
        jobs.run();
        assertEquals(List.of(), outbox.letters());
        assertEquals(1, count("refused"));
    }

    @Test
    void triesAgainWhenTheQueueIsClosed() {
        dns.txt("_dmarc.example.org", "v=DMARC1; p=none; rua=mailto:a@example.org");
        receive("example.org");
        clock.pass(Duration.ofHours(12));
        outbox.failing(true);
        jobs.run();
        assertEquals(1, count("failed"));
        outbox.failing(false);
        jobs.run();
        assertEquals(List.of("[a@example.org]"), recipients());
    }

    @Test
    void givesUpAfterTwoDays() {
        dns.txt("_dmarc.example.org", "v=DMARC1; p=none; rua=mailto:a@example.org");
        receive("example.org");
        clock.pass(Duration.ofHours(12 + 48));
        jobs.run();
        assertEquals(List.of(), outbox.letters());
    }

    @Test
    void listsOneDay() throws CommandException {
        dns.txt("_dmarc.example.org", "v=DMARC1; p=none; rua=mailto:a@example.org");
        receive("example.org");
        ListReports list = new ListReports(CONFIG, state, clock);
        assertEquals(
                1,
                list.run(Arguments.of(Map.of("day", List.of("2027-01-31"))))
                        .rows()
                        .size());
        assertEquals(
                0,
                list.run(Arguments.of(Map.of("day", List.of("2027-01-30"))))
                        .rows()
                        .size());
        assertThrows(CommandException.class, () -> list.run(Arguments.of(Map.of("day", List.of("today")))));
    }

    @Test
    void showsTheRecordOfADomain() throws CommandException {
        dns.txt(
                "_dmarc.example.org",
                "v=DMARC1; p=reject; np=quarantine; t=y; adkim=s; pct=x;"
                        + " rua=mailto:a@example.org!1k,mailto:b@silent.example");
        CheckDomain check = new CheckDomain(CONFIG, dns, clock);
        assertEquals(
                List.of(
                        List.of("record at", "_dmarc.example.org"),
                        List.of(
                                "record",
                                "v=DMARC1; p=reject; np=quarantine; t=y; adkim=s; pct=x;"
                                        + " rua=mailto:a@example.org!1k,mailto:b@silent.example"),
                        List.of("organisation", "example.org"),
                        List.of("policy", "quarantine, the domain does not exist, only tested (t=y)"),
                        List.of("alignment", "dkim strict, spf relaxed"),
                        List.of("action here", "report"),
                        List.of("fault", "pct is not valid: x"),
                        List.of("reports", "a@example.org, up to 1024 octets"),
                        List.of(
                                "reports",
                                "none to mailto:b@silent.example: silent.example does not agree at"
                                        + " example.org._report._dmarc.silent.example")),
                check.run(Arguments.of(Map.of("domain", List.of("Ghost.example.org"))))
                        .rows());
        assertEquals(
                Table.says("No policy applies to other.example"),
                check.run(Arguments.of(Map.of("domain", List.of("other.example")))));
        dns.servfail("_dmarc.other.example");
        for (String wrong : List.of("other.example", "a b")) {
            assertThrows(
                    CommandException.class, () -> check.run(Arguments.of(Map.of("domain", List.of(wrong)))), wrong);
        }
    }
}
