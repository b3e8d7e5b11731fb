// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.dmarc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.posthouse.plugins.dmarc.Discovery.Applicable.Published;
import org.posthouse.testkit.service.FakeState;
import org.posthouse.testkit.service.SettableClock;

final class LedgerTest {
    private static final LocalDate DAY = LocalDate.parse("2027-01-31");
    private static final Published ORG = Rows.published("example.org", "p=quarantine; rua=mailto:d@example.org");

    private final SettableClock clock = SettableClock.at(Instant.parse("2027-01-31T12:00:00Z"));
    private final FakeState state = new FakeState(clock);
    private final Ledger ledger = new Ledger(state, 100);

    private boolean add(Published published, Row row) {
        return ledger.add(DAY, "treewalk", published, row);
    }

    @Test
    void countsEqualMessagesInOneRow() {
        assertTrue(add(ORG, Rows.from("192.0.2.1")));
        assertTrue(add(ORG, Rows.from("192.0.2.1")));
        assertTrue(add(ORG, Rows.from("2001:db8:0:0:0:0:0:1")));
        Ledger.Collected collected = ledger.read(DAY, "example.org").orElseThrow();
        assertEquals(3, collected.messages());
        assertEquals(
                List.of(
                        new Ledger.Counted(Rows.from("192.0.2.1"), 2),
                        new Ledger.Counted(Rows.from("2001:db8:0:0:0:0:0:1"), 1)),
                collected.rows());
        assertEquals("treewalk", collected.method());
        assertEquals(ORG.record(), collected.record());
    }

    @Test
    void keepsDaysAndDomainsApart() {
        add(ORG, Rows.from("192.0.2.1"));
        add(Rows.published("example.net", "p=none; rua=mailto:d@example.net"), Rows.from("192.0.2.1"));
        assertEquals(List.of("example.org", "example.net"), ledger.domains(DAY));
        assertEquals(List.of(), ledger.domains(DAY.plusDays(1)));
        assertEquals(Optional.empty(), ledger.read(DAY.plusDays(1), "example.org"));
        assertEquals(Optional.empty(), ledger.read(DAY, "example.com"));
    }

    @Test
    void tellsTheLastOfSeveralRecords() {
        add(ORG, Rows.from("192.0.2.1"));
        Published later = Rows.published("example.org", "p=reject; rua=mailto:e@example.org");
        add(later, Rows.from("192.0.2.1"));
        assertEquals(
                later.record(), ledger.read(DAY, "example.org").orElseThrow().record());
    }

    @Test
    void takesNoMoreRowsThanThereIsRoomFor() {
        Ledger small = new Ledger(state, 3);
        for (int i = 0; i < 3; i++) {
            assertTrue(small.add(DAY, "psl", ORG, Rows.from("192.0.2." + i)));
        }
        assertFalse(small.add(DAY, "psl", ORG, Rows.from("192.0.2.9")));
        assertTrue(small.add(DAY, "psl", ORG, Rows.from("192.0.2.1")), "what is known is counted on");
        assertEquals(4, small.read(DAY, "example.org").orElseThrow().messages());
        assertTrue(small.add(DAY.plusDays(1), "psl", ORG, Rows.from("192.0.2.9")));
    }

    @Test
    void forgetsAllOfIt() {
        add(ORG, Rows.from("192.0.2.1"));
        ledger.done(DAY, "example.org", "sent to 1");
        assertEquals(Optional.of("sent to 1"), ledger.outcome(DAY, "example.org"));
        clock.pass(Duration.ofDays(4));
        assertEquals(List.of(), ledger.domains(DAY));
        assertEquals(Optional.empty(), ledger.read(DAY, "example.org"));
        assertEquals(Optional.empty(), ledger.outcome(DAY, "example.org"));
    }

    @Test
    void readsRowsAsTheyWereWritten() {
        Row row = Rows.from("192.0.2.1");
        assertEquals(Optional.of(row), Row.parse(row.line()));
        Row bare = new Row(
                "192.0.2.1",
                Policy.NONE,
                true,
                false,
                List.of(),
                "example.org",
                "",
                new Identifiers(new Identifiers.Spf("", "none"), List.of()));
        assertEquals(Optional.of(bare), Row.parse(bare.line()));
        assertNotEquals(row.id(), bare.id());
        assertEquals(Optional.empty(), Row.parse("2" + row.line().substring(1)));
        assertEquals(Optional.empty(), Row.parse("x"));
    }

    @Test
    void keepsStrangersOutOfTheFormat() {
        Row row = new Row(
                "192.0.2.1",
                Policy.NONE,
                false,
                false,
                List.of(new Ruling.Reason("other", "a\tb\nc|d~e")),
                "example.org",
                "",
                new Identifiers(
                        new Identifiers.Spf("", "none"),
                        List.of(new Identifiers.Dkim("example.org", "k\t|~\u00e9" + "x".repeat(300), "fail"))));
        Row read = Row.parse(row.line()).orElseThrow();
        assertEquals("a?b?c?d?e", read.reasons().getFirst().comment());
        assertEquals(
                "k????" + "x".repeat(250), read.identifiers().dkim().getFirst().selector());
    }

    @Test
    void putsTheSignaturesThatMatterFirst() {
        List<Identifiers.Dkim> many = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            many.add(new Identifiers.Dkim("d" + i + ".example", "s", i == 10 ? "pass" : "fail"));
        }
        many.add(new Identifiers.Dkim("example.org", "s", "pass"));
        Identifiers identifiers = new Identifiers(new Identifiers.Spf("", "none"), many);
        Judgement judgement = Judgement.without("example.org", Judgement.Result.FAIL, "");
        Ruling ruling = new Ruling(org.posthouse.api.Verdict.next(), Policy.NONE, Policy.NONE, List.of());
        List<String> kept = Row.of("192.0.2.1", judgement, ruling, "", identifiers).identifiers().dkim().stream()
                .map(Identifiers.Dkim::domain)
                .toList();
        assertEquals(List.of("example.org", "d10.example", "d0.example"), kept.subList(0, 3));
        assertEquals(10, kept.size());
    }
}
