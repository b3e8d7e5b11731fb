// SPDX-License-Identifier: Apache-2.0
package org.posthouse.dns;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.posthouse.api.service.Dns;
import org.posthouse.api.service.Dns.Mx;
import org.posthouse.api.service.Dns.Status;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Master;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;

final class CachingDnsTest {
    private static UnaryOperator<Message> records(String... lines) {
        return answer -> {
            add(answer, Section.ANSWER, lines);
            return answer;
        };
    }

    private static void add(Message answer, int section, String... lines) {
        try (Master zone =
                new Master(new java.io.ByteArrayInputStream((String.join("\n", lines) + "\n").getBytes()), Name.root)) {
            for (Record r = zone.nextRecord(); r != null; r = zone.nextRecord()) {
                answer.addRecord(r, section);
            }
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static UnaryOperator<Message> code(int rcode) {
        return answer -> {
            answer.getHeader().setRcode(rcode);
            return answer;
        };
    }

    private static CachingDns dns(Duration timeout, int retries, boolean trustAd, InetSocketAddress... servers) {
        Duration hour = Duration.ofHours(1);
        return new CachingDns(new Settings(List.of(servers), timeout, retries, 100, hour, hour, trustAd, 16));
    }

    private static CachingDns dns(DnsServer server) {
        return dns(Duration.ofSeconds(5), 1, false, server.address());
    }

    @Test
    void sortsMailExchangersByPreference() throws IOException {
        try (DnsServer server = new DnsServer(
                        records("example.org. 60 IN MX 20 b.example.org.", "example.org. 60 IN MX 10 A.example.org."));
                CachingDns dns = dns(server)) {
            assertEquals(
                    List.of(new Mx(10, "a.example.org"), new Mx(20, "b.example.org")),
                    dns.mx("Example.org").records());
        }
    }

    @Test
    void givesNullMxAnEmptyHost() throws IOException {
        try (DnsServer server = new DnsServer(records("example.org. 60 IN MX 0 ."));
                CachingDns dns = dns(server)) {
            assertEquals(List.of(new Mx(0, "")), dns.mx("example.org").records());
        }
    }

    @Test
    void keepsAnswersForTheirTtl() throws IOException {
        try (DnsServer server = new DnsServer(records("example.org. 60 IN A 192.0.2.1"));
                CachingDns dns = dns(server)) {
            Dns.Answer<InetAddress> first = dns.a("example.org");
            Dns.Answer<InetAddress> second = dns.a("example.org");
            assertEquals(first.records(), second.records());
            assertEquals(Duration.ofSeconds(60), first.ttl());
            assertTrue(second.ttl().compareTo(first.ttl()) <= 0);
            assertEquals(1, server.udpQuestions.get());
        }
    }

    @Test
    void keepsNoAnswerThatFillsTheMemory() throws IOException {
        String part = " \"" + "x".repeat(250) + "\"";
        try (DnsServer server = new DnsServer(records("example.org. 60 IN TXT" + part.repeat(20)));
                CachingDns dns = dns(server)) {
            assertEquals(5000, dns.txt("example.org").records().getFirst().length());
            dns.txt("example.org");
            assertEquals(2, server.tcpQuestions.get());
        }
    }

    @Test
    void honoursATtlOfZero() throws IOException {
        try (DnsServer server = new DnsServer(records("example.org. 0 IN A 192.0.2.1"));
                CachingDns dns = dns(server)) {
            dns.a("example.org");
            dns.a("example.org");
            assertEquals(2, server.udpQuestions.get());
        }
    }

    @Test
    void keepsNegativeAnswersAsTheSoaSays() throws IOException {
        UnaryOperator<Message> answers = answer -> {
            answer.getHeader().setRcode(Rcode.NXDOMAIN);
            add(answer, Section.AUTHORITY, "org. 60 IN SOA ns.org. a.org. 1 1 1 1 30");
            return answer;
        };
        try (DnsServer server = new DnsServer(answers);
                CachingDns dns = dns(server)) {
            assertEquals(Status.NO_NAME, dns.mx("nowhere.org").status());
            assertEquals(Status.NO_NAME, dns.mx("nowhere.org").status());
            assertEquals(1, server.udpQuestions.get());
        }
    }

    @Test
    void keepsNoNegativeAnswerWhoseSoaSaysZero() throws IOException {
        for (int rcode : new int[] {Rcode.NXDOMAIN, Rcode.NOERROR}) {
            UnaryOperator<Message> answers = answer -> {
                answer.getHeader().setRcode(rcode);
                add(answer, Section.AUTHORITY, "org. 60 IN SOA ns.org. a.org. 1 1 1 1 0");
                return answer;
            };
            try (DnsServer server = new DnsServer(answers);
                    CachingDns dns = dns(server)) {
                assertEquals(dns.txt("nowhere.org"), dns.txt("nowhere.org"));
                assertEquals(2, server.udpQuestions.get());
            }
        }
    }

    @Test
    void tellsWhatIsMissingBehindAnAlias() throws IOException {
        UnaryOperator<Message> noName = answer -> {
            answer.getHeader().setRcode(Rcode.NXDOMAIN);
            add(answer, Section.ANSWER, "www.example.org. 60 IN CNAME gone.example.org.");
            return answer;
        };
        UnaryOperator<Message> noData = answer -> {
            boolean alias = answer.getQuestion().getName().toString().equals("www.example.org.");
            add(answer, Section.ANSWER, alias ? "www.example.org. 60 IN CNAME there.example.org." : "");
            return answer;
        };
        try (DnsServer without = new DnsServer(noName);
                DnsServer with = new DnsServer(noData);
                CachingDns nothing = dns(without);
                CachingDns something = dns(with)) {
            assertEquals(Status.NO_NAME, nothing.txt("www.example.org").status());
            assertEquals(Status.NO_DATA, something.txt("www.example.org").status());
        }
    }

    @Test
    void joinsTheStringsOfATextAndKeepsItsOctets() throws IOException {
        try (DnsServer server = new DnsServer(records(
                        "example.org. 60 IN TXT \"v=spf1 ip4:\" \"192.0.2.5\" \" -all\"",
                        "example.org. 60 IN TXT \"\\195\\188\\000\\255\""));
                CachingDns dns = dns(server)) {
            assertEquals(
                    Set.of("v=spf1 ip4:192.0.2.5 -all", "\u00c3\u00bc\0\u00ff"),
                    Set.copyOf(dns.txt("example.org").records()));
        }
    }

    @Test
    void tellsAFailureFromWhatIsMissing() throws IOException {
        for (int rcode : new int[] {Rcode.SERVFAIL, Rcode.REFUSED, Rcode.FORMERR, Rcode.NOTIMP}) {
            try (DnsServer server = new DnsServer(code(rcode));
                    CachingDns dns = dns(server)) {
                assertEquals(Status.TEMPORARY, dns.txt("example.org").status());
            }
        }
    }

    @Test
    void asksForNamesOfAnySign() throws IOException {
        AtomicReference<String> asked = new AtomicReference<>("");
        UnaryOperator<Message> answers = answer -> {
            asked.set(answer.getQuestion().getName().toString());
            return answer;
        };
        try (DnsServer server = new DnsServer(answers);
                CachingDns dns = dns(server)) {
            dns.a("a b%{\\.\"x;$@org");
            assertEquals("a\\032b%{\\\\.\\\"x\\;\\$\\@org.", asked.get());
        }
    }

    @Test
    void tellsMissingRecordsFromMissingNames() throws IOException {
        try (DnsServer server = new DnsServer(records());
                CachingDns dns = dns(server)) {
            assertEquals(Status.NO_DATA, dns.aaaa("example.org").status());
        }
    }

    @Test
    void followsAliasesWithinAndAcrossAnswers() throws IOException {
        UnaryOperator<Message> answers = answer -> {
            boolean alias = answer.getQuestion().getName().toString().equals("www.example.org.");
            add(
                    answer,
                    Section.ANSWER,
                    alias ? "www.example.org. 5 IN CNAME real.example.org." : "real.example.org. 60 IN A 192.0.2.7");
            return answer;
        };
        try (DnsServer server = new DnsServer(answers);
                CachingDns dns = dns(server)) {
            Dns.Answer<InetAddress> answer = dns.a("www.example.org");
            assertEquals(List.of(InetAddress.getByName("192.0.2.7")), answer.records());
            assertEquals(Duration.ofSeconds(5), answer.ttl());
        }
    }

    @Test
    void givesUpOnLoopsOfAliases() throws IOException {
        try (DnsServer server = new DnsServer(records(
                        "a.example.org. 5 IN CNAME b.example.org.", "b.example.org. 5 IN CNAME a.example.org."));
                CachingDns dns = dns(server)) {
            assertEquals(Status.TEMPORARY, dns.a("a.example.org").status());
        }
    }

    @Test
    void asksAgainOverTcpWhenTruncated() throws IOException {
        String[] many = new String[200];
        for (int i = 0; i < many.length; i++) {
            many[i] = "example.org. 60 IN A 10.0.0." + i;
        }
        try (DnsServer server = new DnsServer(records(many));
                CachingDns dns = dns(server)) {
            assertEquals(200, dns.a("example.org").records().size());
            assertEquals(1, server.tcpQuestions.get());
        }
    }

    @Test
    void asksTheNextServerWhenOneFailsOrIsSilent() throws IOException {
        try (DnsServer failing = new DnsServer(code(Rcode.SERVFAIL));
                DnsServer silent = new DnsServer(answer -> null);
                DnsServer good = new DnsServer(records("example.org. 60 IN TXT \"v=spf1 \" \"-all\""));
                CachingDns dns =
                        dns(Duration.ofSeconds(3), 0, false, failing.address(), silent.address(), good.address())) {
            assertEquals(List.of("v=spf1 -all"), dns.txt("example.org").records());
            assertEquals(1, silent.udpQuestions.get());
        }
    }

    @Test
    void answersWithinTheTimeout() throws IOException {
        try (DnsServer silent = new DnsServer(answer -> null);
                CachingDns dns = dns(Duration.ofMillis(300), 0, false, silent.address())) {
            long start = System.nanoTime();
            assertEquals(Status.TEMPORARY, dns.a("example.org").status());
            assertTrue(System.nanoTime() - start < TimeUnit.SECONDS.toNanos(2));
        }
    }

    @Test
    void givesAnInterruptedThreadATemporaryFailure() throws Exception {
        CountDownLatch asked = new CountDownLatch(1);
        UnaryOperator<Message> silence = answer -> {
            asked.countDown();
            return null;
        };
        try (DnsServer server = new DnsServer(silence);
                CachingDns dns = dns(Duration.ofSeconds(30), 0, false, server.address())) {
            AtomicReference<Status> status = new AtomicReference<>();
            Thread asker = Thread.ofVirtual()
                    .start(() -> status.set(dns.a("example.org").status()));
            assertTrue(asked.await(10, TimeUnit.SECONDS));
            asker.interrupt();
            asker.join(5000);
            assertEquals(Status.TEMPORARY, status.get());
        }
    }

    @Test
    void believesTheAdBitOnlyWhenTold() throws IOException {
        UnaryOperator<Message> signed = answer -> {
            answer.getHeader().setFlag(Flags.AD);
            add(answer, Section.ANSWER, "_25._tcp.mx.example.org. 60 IN TLSA 3 1 1 ABCD");
            return answer;
        };
        try (DnsServer server = new DnsServer(signed);
                CachingDns trusting = dns(Duration.ofSeconds(5), 0, true, server.address());
                CachingDns doubting = dns(server)) {
            Dns.Answer<Dns.Tlsa> answer = trusting.tlsa("_25._tcp.mx.example.org");
            assertTrue(answer.authentic());
            assertEquals(3, answer.records().get(0).usage());
            assertFalse(doubting.tlsa("_25._tcp.mx.example.org").authentic());
        }
    }

    @Test
    void asksForTheAsciiFormOfInternationalNames() throws IOException {
        try (DnsServer server = new DnsServer(records("xn--bcher-kva.example. 60 IN A 192.0.2.9"));
                CachingDns dns = dns(server)) {
            assertTrue(dns.a("b\u00fccher.example").found());
        }
    }

    @Test
    void knowsThatImpossibleNamesDoNotExist() throws IOException {
        try (DnsServer server = new DnsServer(records());
                CachingDns dns = dns(server)) {
            assertEquals(Status.NO_NAME, dns.a("a..b").status());
            assertEquals(Status.NO_NAME, dns.a("x".repeat(64) + ".org").status());
            assertEquals(Status.NO_NAME, dns.a("").status());
            assertEquals(0, server.udpQuestions.get());
        }
    }

    @Test
    void looksUpNamesOfAddresses() throws IOException {
        try (DnsServer server = new DnsServer(records("1.2.0.192.in-addr.arpa. 60 IN PTR Mail.example.org."));
                CachingDns dns = dns(server)) {
            assertEquals(
                    List.of("mail.example.org"),
                    dns.ptr(InetAddress.getByName("192.0.2.1")).records());
        }
    }

    @Test
    void takesAReferralForNoAnswer() throws IOException {
        UnaryOperator<Message> referral = answer -> {
            add(answer, Section.AUTHORITY, "org. 60 IN NS a.nic.org.");
            return answer;
        };
        try (DnsServer lame = new DnsServer(referral);
                DnsServer good = new DnsServer(records("example.org. 60 IN A 192.0.2.1"));
                CachingDns both = dns(Duration.ofSeconds(5), 0, false, lame.address(), good.address());
                CachingDns alone = dns(Duration.ofSeconds(5), 0, false, lame.address())) {
            assertEquals(Status.FOUND, both.a("example.org").status());
            assertEquals(Status.TEMPORARY, alone.mx("example.org").status(), "no data would bounce the mail");
        }
    }
}
