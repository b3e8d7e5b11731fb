// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.dmarc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.posthouse.api.Address;
import org.posthouse.api.AuthResults;
import org.posthouse.plugins.dmarc.Judgement.Result;
import org.posthouse.testkit.service.FakeDns;
import org.posthouse.testkit.service.SettableClock;

final class JudgeTest {
    private final FakeDns dns = new FakeDns();
    private final SettableClock clock = SettableClock.at(Instant.parse("2027-01-31T12:00:00Z"));
    private final Judge judge = new Judge(new TreeWalk(domain -> false));

    private static Identifiers of(String spfDomain, String spf, String dkimDomain, String dkim) {
        return new Identifiers(
                new Identifiers.Spf(spfDomain, spf), List.of(new Identifiers.Dkim(dkimDomain, "s", dkim)));
    }

    private Judgement judge(String author, Identifiers identifiers) {
        return judge.judge(author, identifiers, new Lookups(dns, clock, Duration.ofSeconds(10)));
    }

    private Result result(String author, Identifiers identifiers) {
        return judge(author, identifiers).result();
    }

    @Test
    void passesWhatOneAlignedIdentifierStandsFor() {
        dns.txt("_dmarc.example.com", "v=DMARC1; p=reject");
        assertEquals(Result.PASS, result("example.com", of("example.com", "pass", "other.net", "pass")));
        assertEquals(Result.PASS, result("example.com", of("other.net", "pass", "example.com", "pass")));
        assertEquals(Result.PASS, result("a.example.com", of("b.example.com", "pass", "", "none")));
        Judgement judgement = judge("example.com", of("bounce.example.com", "pass", "example.com", "fail"));
        assertEquals(Result.PASS, judgement.result());
        assertTrue(judgement.spf());
        assertFalse(judgement.dkim());
    }

    @Test
    void failsWhatNoAlignedIdentifierStandsFor() {
        dns.txt("_dmarc.example.com", "v=DMARC1; p=reject; sp=quarantine");
        assertEquals(Result.FAIL, result("example.com", of("example.net", "pass", "badexample.com", "pass")));
        assertEquals(Result.FAIL, result("example.com", of("example.com", "softfail", "example.com", "policy")));
        assertEquals(Result.FAIL, result("example.com", of("com", "pass", "", "pass")));
        assertEquals(
                Policy.REJECT, judge("example.com", of("", "none", "", "none")).policy());
        assertEquals(
                Policy.QUARANTINE,
                judge("a.example.com", of("", "none", "", "none")).policy());
    }

    @Test
    void keepsDomainsOfTheirOwnOutOfTheFamily() {
        dns.txt("_dmarc.example.com", "v=DMARC1; p=reject").txt("_dmarc.d.example.com", "v=DMARC1; p=none; psd=n");
        assertEquals(Result.FAIL, result("example.com", of("d.example.com", "pass", "x.d.example.com", "pass")));
        assertEquals(Result.PASS, result("d.example.com", of("x.d.example.com", "pass", "", "none")));
        assertEquals(Result.FAIL, result("d.example.com", of("example.com", "pass", "", "none")));
    }

    @Test
    void comparesStrictlyWhereTheOwnerSaysSo() {
        dns.txt("_dmarc.example.com", "v=DMARC1; p=reject; adkim=s; aspf=r");
        assertEquals(Result.FAIL, result("example.com", of("", "none", "a.example.com", "pass")));
        assertEquals(Result.PASS, result("example.com", of("a.example.com", "pass", "a.example.com", "pass")));
        dns.txt("_dmarc.strict.com", "v=DMARC1; p=reject; adkim=s; aspf=s");
        assertEquals(Result.FAIL, result("strict.com", of("a.strict.com", "pass", "a.strict.com", "pass")));
        assertEquals(Result.PASS, result("strict.com", of("strict.com", "pass", "", "none")));
    }

    @Test
    void doesNotConcludeWhatAnotherAnswerCouldChange() {
        dns.txt("_dmarc.example.com", "v=DMARC1; p=reject");
        assertEquals(Result.TEMPERROR, result("example.com", of("example.com", "temperror", "", "none")));
        assertEquals(Result.TEMPERROR, result("example.com", of("", "fail", "a.example.com", "temperror")));
        assertEquals(Result.FAIL, result("example.com", of("other.net", "temperror", "other.net", "temperror")));
        assertEquals(Result.PASS, result("example.com", of("example.com", "temperror", "example.com", "pass")));
        dns.servfail("_dmarc.b.a.example.com");
        assertEquals(Result.TEMPERROR, result("example.com", of("b.a.example.com", "pass", "", "none")));
        dns.servfail("_dmarc.example.com");
        assertEquals(Result.TEMPERROR, result("example.com", of("example.com", "pass", "", "none")));
    }

    @Test
    void asksNobodyAboutDomainsThatCanNotBeAligned() {
        dns.txt("_dmarc.example.com", "v=DMARC1; p=reject");
        result("example.com", of("a.b.c.d.other.net", "pass", "x.y.other.org", "pass"));
        assertEquals(List.of("txt _dmarc.example.com", "txt _dmarc.com"), dns.questions());
    }

    @Test
    void asksWhetherAFailingDomainExists() {
        dns.txt("_dmarc.example.com", "v=DMARC1; p=reject; sp=quarantine; np=none");
        dns.address("real.example.com", "192.0.2.1").mx("mail.example.com", 10, "mx.example.com");
        Identifiers none = of("", "none", "", "none");
        assertEquals(Policy.NONE, judge("ghost.example.com", none).policy());
        assertEquals(Policy.QUARANTINE, judge("real.example.com", none).policy());
        assertEquals(Policy.QUARANTINE, judge("mail.example.com", none).policy());
        assertEquals(Policy.REJECT, judge("example.com", none).policy());
        dns.servfail("ghost.example.com");
        assertEquals(Result.TEMPERROR, result("ghost.example.com", none));
    }

    @Test
    void hasNothingToSayWithoutARecord() {
        Judgement judgement = judge("example.com", of("example.com", "pass", "example.com", "pass"));
        assertEquals(Result.NONE, judgement.result());
        assertTrue(judgement.published().isEmpty());
    }

    @Test
    void readsWhatSpfAndDkimLeft() {
        AuthResults results = new AuthResults(List.of(
                new AuthResults.Result("spf", "fail", "", List.of("smtp.helo=mta.example.net")),
                new AuthResults.Result("spf", "pass", "", List.of("smtp.mailfrom=\"a@Example.ORG\"")),
                new AuthResults.Result("dkim", "pass", "", List.of("header.d=Example.com", "header.s=k1")),
                new AuthResults.Result("dkim", "permerror", "broken", List.of())));
        Identifiers read = Identifiers.of(results, Address.of("a@example.org"));
        assertEquals(new Identifiers.Spf("example.org", "pass"), read.spf());
        assertEquals(List.of(new Identifiers.Dkim("example.com", "k1", "pass")), read.dkim());
        assertEquals(
                new Identifiers.Spf("mta.example.net", "fail"),
                Identifiers.of(results, Address.NULL).spf());
        assertEquals(
                new Identifiers.Spf("example.org", "none"),
                Identifiers.of(AuthResults.NONE, Address.of("a@example.org")).spf());
    }
}
