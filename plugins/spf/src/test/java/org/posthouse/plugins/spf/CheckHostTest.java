// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.spf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.posthouse.api.Address;
import org.posthouse.api.service.Dns;
import org.posthouse.testkit.service.FakeDns;

final class CheckHostTest {
    private static final InstantSource CLOCK = InstantSource.fixed(Instant.ofEpochSecond(1_800_000_000));

    private final FakeDns dns = new FakeDns();
    private final AtomicLong nanos = new AtomicLong();
    private String client = "192.0.2.3";
    private String helo = "mail.example.org";
    private String sender = "anna@example.org";

    static InetAddress address(String text) {
        try {
            return InetAddress.getByAddress(Network.literal(text));
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(text, e);
        }
    }

    private Judgement judge() {
        return judge(dns);
    }

    private Judgement judge(Dns asked) {
        Client from = new Client(address(client), helo, "mx.example.net");
        Questions questions = new Questions(nanos::get, 20, 2);
        return new CheckHost(asked, from, Identity.of(Address.of(sender), helo), questions, CLOCK).run(true);
    }

    private Result result(String record) {
        dns.txt("example.org", record);
        return judge().result();
    }

    @Test
    void saysNoneWithoutARecord() {
        assertEquals(Result.NONE, judge().result());
        dns.txt("example.org", "v=spf10 -all");
        assertEquals(Result.NONE, judge().result());
    }

    @Test
    void asksNothingForWhatIsNoDomain() {
        for (String domain :
                new String[] {"localhost", "[192.0.2.3]", "a..example.org", "x".repeat(64) + ".org", "10.1"}) {
            sender = "a@" + domain;
            assertEquals(Result.NONE, judge().result(), domain);
        }
        assertEquals(0, dns.questions().size());
    }

    @Test
    void comparesNetworks() {
        assertEquals(Result.PASS, result("v=spf1 ip4:192.0.2.0/30 -all"));
        client = "192.0.2.4";
        assertEquals(Result.FAIL, judge().result());
        assertEquals("-all", judge().why());
    }

    @Test
    void comparesNetworksOfIpv6() {
        client = "2001:db8:1:8000::1";
        assertEquals(Result.PASS, result("v=spf1 ip6:2001:db8:1:8000::/49 -all"));
        client = "2001:db8:1:7fff::1";
        assertEquals(Result.FAIL, judge().result());
    }

    @Test
    void takesMappedAddressesForIpv4() {
        client = "::ffff:192.0.2.3";
        assertEquals(Result.PASS, result("v=spf1 -ip6:::ffff:192.0.2.3 ip4:192.0.2.3 -all"));
    }

    @Test
    void comparesAddressesOfHosts() {
        dns.address("example.org", "192.0.2.200");
        assertEquals(Result.PASS, result("v=spf1 a/24 -all"));
        assertFalse(dns.questions().contains("aaaa example.org"));
    }

    @Test
    void findsNothingNearAHostWithoutAddresses() {
        client = "2001:db8::1";
        dns.address("example.org", "192.0.2.200");
        assertEquals(Result.FAIL, result("v=spf1 a//0 -all"));
    }

    @Test
    void comparesAddressesOfMailExchangers() {
        dns.mx("example.org", 10, "mx1.example.org").mx("example.org", 20, "mx2.example.org");
        dns.address("mx2.example.org", "192.0.2.3");
        assertEquals(Result.PASS, result("v=spf1 mx -all"));
    }

    @Test
    void doesNotTakeTheDomainForItsMailExchanger() {
        dns.address("example.org", "192.0.2.3");
        assertEquals(Result.FAIL, result("v=spf1 mx -all"));
    }

    @Test
    void refusesMoreThanTenMailExchangers() {
        for (int i = 0; i < 11; i++) {
            dns.mx("example.org", i, "mx" + i + ".example.org");
        }
        assertEquals(Result.PERMERROR, result("v=spf1 mx -all"));
    }

    @Test
    void takesNamesThatPointBack() {
        dns.address("host.example.org", "192.0.2.3");
        assertEquals(Result.PASS, result("v=spf1 ptr -all"));
    }

    @Test
    void doesNotTakeNamesThatDoNotPointBack() {
        dns.ptr("192.0.2.3", "host.example.org").address("host.example.org", "192.0.2.4");
        assertEquals(Result.FAIL, result("v=spf1 ptr -all"));
    }

    @Test
    void doesNotTakeNamesThatOnlyEndAlike() {
        dns.address("notexample.org", "192.0.2.3");
        assertEquals(Result.FAIL, result("v=spf1 ptr -all"));
    }

    @Test
    void skipsNamesThatCanNotBeAskedFor() {
        dns.ptr("192.0.2.3", "bad.example.org").address("good.example.org", "192.0.2.3");
        dns.servfail("bad.example.org");
        assertEquals(Result.PASS, result("v=spf1 ptr -all"));
        dns.servfail("192.0.2.3");
        assertEquals(Result.FAIL, judge().result());
    }

    @Test
    void looksAtTenNamesAndNoMore() {
        for (int i = 0; i < 10; i++) {
            dns.ptr("192.0.2.3", "n" + i + ".example.org");
        }
        dns.ptr("192.0.2.3", "last.example.org").address("last.example.org", "192.0.2.3");
        assertEquals(Result.FAIL, result("v=spf1 ptr -all"));
        assertFalse(dns.questions().contains("a last.example.org"));
    }

    @Test
    void asksForIpv4WhetherANameExists() {
        client = "2001:db8::1";
        dns.address("yes.example.org", "127.0.0.2").address("six.example.org", "2001:db8::9");
        assertEquals(Result.SOFTFAIL, result("v=spf1 exists:six.example.org ~exists:yes.example.org -all"));
    }

    @Test
    void includesWhatPasses() {
        dns.txt("pass.test.org", "v=spf1 ip4:192.0.2.3 -all");
        dns.txt("fail.test.org", "v=spf1 -all")
                .txt("soft.test.org", "v=spf1 ~all")
                .txt("neutral.test.org", "v=spf1");
        assertEquals(
                Result.SOFTFAIL,
                result("v=spf1 include:fail.test.org include:soft.test.org include:neutral.test.org"
                        + " ~include:pass.test.org -all"));
    }

    @Test
    void cannotIncludeWhatIsNotThere() {
        assertEquals(Result.PERMERROR, result("v=spf1 include:none.test.org ~all"));
    }

    @Test
    void passesErrorsOfIncludedRecordsOn() {
        dns.servfail("temp.test.org").txt("perm.test.org", "v=spf1 moo -all");
        assertEquals(Result.TEMPERROR, result("v=spf1 include:temp.test.org -all"));
        dns.txt("two.org", "v=spf1 include:perm.test.org -all");
        sender = "a@two.org";
        assertEquals(Result.PERMERROR, judge().result());
    }

    @Test
    void followsRedirectionWhenNothingMatches() {
        dns.txt("target.org", "v=spf1 a ~all").address("target.org", "192.0.2.3");
        assertEquals(Result.PASS, result("v=spf1 redirect=target.org ip4:192.0.2.99"));
        sender = "a@two.org";
        dns.txt("two.org", "v=spf1 redirect=target.org ?all");
        assertEquals(Result.NEUTRAL, judge().result());
        sender = "a@three.org";
        dns.txt("three.org", "v=spf1 redirect=none.org");
        assertEquals(Result.PERMERROR, judge().result());
    }

    @Test
    void refusesTwoRecords() {
        dns.txt("example.org", "v=spf1 +all").txt("example.org", "some=thing else");
        assertEquals(Result.PASS, judge().result());
        dns.txt("example.org", "V=SPF1 +all");
        assertEquals(new Judgement(Result.PERMERROR, "more than one record"), judge());
    }

    @Test
    void refusesRecordsThatAreNotAscii() {
        assertEquals(Result.PERMERROR, result("v=spf1 a:\u00ef\u00bb\u00bfgarbage.example.net -all"));
    }

    @Test
    void countsTermsThatAskOverAllRecords() {
        dns.address("example.org", "192.0.2.99");
        assertEquals(Result.FAIL, result("v=spf1" + " a".repeat(10) + " -all"));
        dns.txt("inc.org", "v=spf1" + " a:example.org".repeat(9) + " -all");
        sender = "a@out.org";
        dns.txt("out.org", "v=spf1 include:inc.org ip4:192.0.2.3 -all");
        assertEquals(Result.PASS, judge().result());
        sender = "a@more.org";
        dns.txt("more.org", "v=spf1 include:inc.org a:example.org -all");
        assertEquals(Result.PERMERROR, judge().result());
    }

    @Test
    void endsLoops() {
        assertEquals(Result.PERMERROR, result("v=spf1 redirect=example.org"));
        sender = "a@two.org";
        dns.txt("two.org", "v=spf1 include:two.org -all");
        assertEquals(Result.PERMERROR, judge().result());
    }

    @Test
    void countsTermsThatFindNothing() {
        assertEquals(Result.FAIL, result("v=spf1 a:n1.org mx:n2.org -all"));
        sender = "a@three.org";
        dns.txt("three.org", "v=spf1 a:n1.org mx:n2.org exists:n3.org ip4:192.0.2.3 -all");
        assertEquals(Result.PERMERROR, judge().result());
    }

    @Test
    void saysTemperrorWhenDnsDoesNotTell() {
        dns.servfail("*");
        assertEquals(Result.TEMPERROR, judge().result());
        dns.healed().servfail("other.org");
        assertEquals(Result.TEMPERROR, result("v=spf1 a:other.org +all"));
    }

    @Test
    void asksNoMoreWhenTimeIsOver() {
        dns.txt("example.org", "v=spf1 a:one.org +all");
        nanos.set(20);
        assertEquals(Result.TEMPERROR, judge().result());
        assertEquals(0, dns.questions().size());
    }

    @Test
    void explainsAFail() {
        dns.txt("example.org", "v=spf1 -all exp=exp.%{d}");
        dns.txt("exp.example.org", "%{i} is not %{o}'s, %{r} says at %{t}: %{C}%_see http://%{d}/?%{S}");
        assertEquals(
                "192.0.2.3 is not example.org's, mx.example.net says at 1800000000: 192.0.2.3 see"
                        + " http://example.org/?anna%40example.org",
                judge().explanation());
    }

    @Test
    void explainsWithTheNameOfTheClient() {
        dns.txt("example.org", "v=spf1 -all exp=exp.example.org").txt("exp.example.org", "%{p}");
        assertEquals("unknown", judge().explanation());
        dns.address("any.test", "192.0.2.3").ptr("192.0.2.3", "false.example.org");
        assertEquals("any.test", judge().explanation());
        dns.address("host.example.org", "192.0.2.3");
        assertEquals("host.example.org", judge().explanation());
        dns.address("example.org", "192.0.2.3");
        assertEquals("example.org", judge().explanation());
    }

    @Test
    void explainsAddressesOfIpv6() {
        client = "2001:db8::cb01";
        dns.txt("example.org", "v=spf1 -all exp=exp.example.org").txt("exp.example.org", "%{c} %{ir}.%{v}.arpa");
        assertEquals(
                "2001:db8::cb01 1.0.b.c.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa",
                judge().explanation());
    }

    @Test
    void leavesOutExplanationsThatAreNone() {
        dns.txt("example.org", "v=spf1 -all exp=exp.example.org");
        assertEquals("", judge().explanation());
        dns.txt("exp.example.org", "%{x}");
        assertEquals("", judge().explanation());
        dns.txt("exp.example.org", "a second one");
        assertEquals("", judge().explanation());
        dns.servfail("exp.example.org");
        assertEquals(Result.FAIL, judge().result());
        assertEquals("", judge().explanation());
    }

    @Test
    void takesTheExplanationOfARedirectionAndNotOfAnInclusion() {
        dns.txt("example.org", "v=spf1 include:other.org exp=mine.org redirect=other.org");
        dns.txt("other.org", "v=spf1 -all exp=others.org");
        dns.txt("mine.org", "mine").txt("others.org", "of %{d}");
        assertEquals("of other.org", judge().explanation());
        sender = "a@two.org";
        dns.txt("two.org", "v=spf1 include:other.org -all exp=mine.org");
        assertEquals("mine", judge().explanation());
    }

    @Test
    void checksThePostmasterOfHeloWithoutAReversePath() {
        sender = "";
        dns.txt("mail.example.org", "v=spf1 exists:%{l}.%{o} -all").address("postmaster.mail.example.org", "127.0.0.2");
        assertEquals(Result.PASS, judge().result());
        helo = "[192.0.2.3]";
        assertEquals(Result.NONE, judge().result());
    }

    @Test
    void asksForTheAsciiFormOfInternationalDomains() {
        sender = "anna@b\u00fccher.example";
        dns.txt("xn--bcher-kva.example", "v=spf1 exists:%{o}.%{d}.test.org -all");
        dns.address("xn--bcher-kva.example.xn--bcher-kva.example.test.org", "127.0.0.2");
        assertEquals(Result.PASS, judge().result());
    }

    @Test
    void takesNoDomainForOneThatWasLikeItIn2003() {
        sender = "anna@fa\u00df.example";
        dns.txt("fass.example", "v=spf1 +all").txt("xn--fa-hia.example", "v=spf1 -all");
        assertEquals(Result.FAIL, judge().result());
    }

    @Test
    void matchesNothingByALocalPartThatIsNotAscii() {
        sender = "\u00e4nna@example.org";
        dns.txt("example.org", "v=spf1 exists:%{l}.example.org include:%{s} ip4:192.0.2.9 ~all");
        assertEquals(Result.SOFTFAIL, judge().result());
        assertTrue(dns.questions().stream().allMatch(question -> question.equals("txt example.org")));
    }

    /** Pieces that records are made of, put together by chance: there is always a result, and never too many questions. */
    @Test
    void endsWithAResultWhateverIsPublished() {
        String[] pieces = {
            " ",
            "a",
            "mx",
            "ptr",
            "ip4:",
            "ip6:",
            "include:",
            "exists:",
            "redirect=",
            "exp=",
            "all",
            "-",
            "~",
            "?",
            ":",
            "/",
            "//",
            "24",
            "128",
            "0",
            "%{",
            "}",
            "%",
            "%%",
            "%_",
            "%-",
            "%{d}",
            "%{ir}",
            "%{l1r-}",
            "%{p}",
            "%{H}",
            "%{s}",
            "r",
            "-",
            ".",
            "example.org",
            ".org",
            "192.0.2.3",
            "2001:db8::1",
            "::",
            "\0",
            "\u00ff",
            "x=",
            "\t"
        };
        Random random = new Random(7208);
        for (int i = 0; i < 20_000; i++) {
            FakeDns published = new FakeDns().ptr("192.0.2.3", "a.example.org").mx("example.org", 1, "mx.org");
            StringBuilder record = new StringBuilder("v=spf1 ");
            for (int n = random.nextInt(12); n >= 0; n--) {
                record.append(pieces[random.nextInt(pieces.length)]);
            }
            published.txt("example.org", record.toString());
            Judgement judgement = judge(published);
            assertNotNull(judgement.result());
            assertTrue(published.questions().size() <= 120, record.toString());
        }
    }
}
