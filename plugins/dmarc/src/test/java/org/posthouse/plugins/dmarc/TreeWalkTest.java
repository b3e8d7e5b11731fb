// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.dmarc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.posthouse.plugins.dmarc.Discovery.Applicable;
import org.posthouse.testkit.service.FakeDns;
import org.posthouse.testkit.service.SettableClock;

/** The examples of RFC 9989 4.10 and B.4 beside those that it leaves out. */
final class TreeWalkTest {
    private static final String PLAIN = "v=DMARC1; p=none";

    private final FakeDns dns = new FakeDns();
    private final SettableClock clock = SettableClock.at(Instant.parse("2027-01-31T12:00:00Z"));
    private final TreeWalk walk = new TreeWalk(domain -> false);

    private Lookups lookups() {
        return new Lookups(dns, clock, Duration.ofSeconds(10));
    }

    private void record(String domain, String text) {
        dns.txt("_dmarc." + domain, text);
    }

    private String organisation(String domain) {
        return walk.organisation(domain, lookups()).orElse("unknown");
    }

    /** Where the record of the policy stands, or what there is instead. */
    private String policyDomain(Discovery discovery, String domain) {
        Applicable found = discovery.policy(domain, lookups());
        return found instanceof Applicable.Published published
                ? published.domain()
                : found.getClass().getSimpleName();
    }

    private String policyDomain(String domain) {
        return policyDomain(walk, domain);
    }

    @Test
    void asksEightNamesAtMost() {
        assertEquals(
                List.of(
                        "a.b.c.d.e.f.g.h.i.j.mail.example.com",
                        "g.h.i.j.mail.example.com",
                        "h.i.j.mail.example.com",
                        "i.j.mail.example.com",
                        "j.mail.example.com",
                        "mail.example.com",
                        "example.com",
                        "com"),
                TreeWalk.names("a.b.c.d.e.f.g.h.i.j.mail.example.com"));
        assertEquals(8, TreeWalk.names("a.b.c.d.e.f.example.com").size());
        assertEquals(
                "b.c.d.e.f.example.com",
                TreeWalk.names("a.b.c.d.e.f.example.com").get(1));
        assertEquals(List.of("a.example", "example"), TreeWalk.names("a.example"));
    }

    @Test
    void takesTheShortestNameWithARecord() {
        record("mail.example.com", PLAIN);
        record("example.com", "v=DMARC1; p=reject");
        assertEquals("example.com", organisation("a.mail.example.com"));
        assertEquals("example.com", policyDomain("a.mail.example.com"));
        assertEquals("mail.example.com", policyDomain("mail.example.com"));
    }

    @Test
    void endsAtAnOrganisationThatSaysSo() {
        record("mail.example.com", "v=DMARC1; p=none; psd=n");
        record("example.com", PLAIN);
        assertEquals("mail.example.com", organisation("a.mail.example.com"));
        assertEquals("mail.example.com", policyDomain("a.mail.example.com"));
        assertEquals(
                List.of("txt _dmarc.a.mail.example.com", "txt _dmarc.mail.example.com"),
                dns.questions().subList(0, 2));
    }

    @Test
    void takesTheNameBelowAPublicSuffix() {
        record("com", "v=DMARC1; p=none; psd=y");
        assertEquals("example.com", organisation("a.mail.example.com"));
        assertEquals("com", policyDomain("a.mail.example.com"));
        assertEquals("com", organisation("com"));
    }

    @Test
    void keepsBanksUnderOneSuffixApart() {
        record("giant.bank.example", "v=DMARC1; p=quarantine");
        record("bank.example", "v=DMARC1; p=reject; psd=y");
        assertEquals("giant.bank.example", organisation("mail.giant.bank.example"));
        assertEquals("mega.bank.example", organisation("mail.mega.bank.example"));
        assertEquals("giant.bank.example", policyDomain("mail.giant.bank.example"));
        assertEquals("bank.example", policyDomain("mail.mega.bank.example"));
    }

    @Test
    void isItsOwnOrganisationWithoutAnyRecord() {
        assertEquals("a.example.com", organisation("a.example.com"));
        assertEquals("Nothing", policyDomain("a.example.com"));
    }

    @Test
    void takesSeveralRecordsForNone() {
        record("example.com", PLAIN);
        record("example.com", "v=DMARC1; p=reject");
        Applicable found = walk.policy("example.com", lookups());
        assertEquals(new Applicable.Nothing("more than one record at _dmarc.example.com"), found);
        dns.txt("_dmarc.other.com", "unrelated").txt("_dmarc.other.com", PLAIN);
        assertEquals("other.com", policyDomain("other.com"));
    }

    @Test
    void appliesNothingWhereTheNearestRecordSaysNothing() {
        record("a.example.com", "v=DMARC1; adkim=s");
        record("example.com", "v=DMARC1; p=reject");
        assertInstanceOf(Applicable.Nothing.class, walk.policy("a.example.com", lookups()));
    }

    @Test
    void doesNotKnowWhatDnsDoesNotTell() {
        record("example.com", PLAIN);
        dns.servfail("_dmarc.com");
        assertEquals("unknown", organisation("a.example.com"));
        assertEquals("Unknown", policyDomain("a.example.com"));
        assertEquals("example.com", policyDomain("example.com"));
    }

    @Test
    void asksNothingMoreWhenTheTimeIsOver() {
        record("example.com", PLAIN);
        Lookups lookups = lookups();
        clock.pass(Duration.ofSeconds(10));
        assertEquals(Optional.empty(), walk.organisation("a.example.com", lookups));
        assertEquals(List.of(), dns.questions());
    }

    @Test
    void takesListedSuffixesForWhatTheyAre() {
        TreeWalk guarded = new TreeWalk(new Suffixes()::lists);
        record("gov", "v=DMARC1; p=reject");
        record("github.io", "v=DMARC1; p=none");
        assertEquals(Optional.of("tax.gov"), guarded.organisation("mail.tax.gov", lookups()));
        assertEquals("gov", policyDomain(guarded, "mail.tax.gov"));
        assertEquals(Optional.of("alice.github.io"), guarded.organisation("alice.github.io", lookups()));
        assertEquals("gov", organisation("mail.tax.gov"));
        record("co.uk", "v=DMARC1; p=none; psd=n");
        assertEquals(Optional.of("co.uk"), guarded.organisation("a.co.uk", lookups()));
    }

    @Test
    void asksTheListAloneWhereThatIsWanted() {
        SuffixDiscovery list = new SuffixDiscovery(new Suffixes());
        record("example.co.uk", PLAIN);
        record("b.example.co.uk", "v=DMARC1; p=reject");
        assertEquals(Optional.of("example.co.uk"), list.organisation("a.b.example.co.uk", lookups()));
        assertEquals("example.co.uk", policyDomain(list, "a.b.example.co.uk"));
        assertEquals("b.example.co.uk", policyDomain(list, "b.example.co.uk"));
        assertEquals("Nothing", policyDomain(list, "co.uk"));
        assertEquals(Optional.of("co.uk"), list.organisation("co.uk", lookups()));
    }
}
