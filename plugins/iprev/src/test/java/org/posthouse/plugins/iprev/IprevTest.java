// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.iprev;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.posthouse.api.AuthResults;
import org.posthouse.api.Need;
import org.posthouse.api.Note;
import org.posthouse.api.Stage;
import org.posthouse.api.Verdict;
import org.posthouse.testkit.FakeSession;
import org.posthouse.testkit.FakeTransaction;
import org.posthouse.testkit.Settings;
import org.posthouse.testkit.service.FakeDns;

final class IprevTest {
    private final FakeDns dns = new FakeDns();
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final AtomicLong nanos = new AtomicLong();

    private Iprev plugin(Object... pairs) {
        Object[] all =
                Stream.concat(Stream.of("timeout", 5_000L), Stream.of(pairs)).toArray();
        return new Iprev(Settings.of(Iprev.Config.class, all), dns, meters, () -> nanos.addAndGet(1_000_000_000));
    }

    private static FakeSession.Builder client(String address) {
        return FakeSession.with().peer(address).helo("").needs(Need.PEER);
    }

    /** What a message of this client gets. */
    private static FakeTransaction mail(Iprev plugin, FakeSession.Builder client) {
        FakeSession session = client.build();
        assertEquals(Verdict.next(), plugin.onConnect(session));
        session.notes().forEach((note, value) -> keep(client, note, value));
        FakeTransaction tx =
                FakeTransaction.at(Stage.MAIL).in(client).needs(Need.PEER).build();
        assertEquals(Verdict.next(), plugin.onMail(tx, tx.sender()));
        return tx;
    }

    private static <T> void keep(FakeSession.Builder session, Note<T> note, Object value) {
        session.note(note, note.type().cast(value));
    }

    private String result(String address) {
        return mail(plugin(), client(address)).recorded().get(0).value();
    }

    @Test
    void passesANameThatLeadsBack() {
        dns.ptr("192.0.2.7", "other.example.org").address("mail.example.org", "192.0.2.7");
        assertEquals(
                List.of(new AuthResults.Result("iprev", "pass", "mail.example.org", List.of("policy.iprev=192.0.2.7"))),
                mail(plugin(), client("192.0.2.7")).recorded());
        assertEquals(
                1,
                meters.get("posthouse.iprev.results")
                        .tag("result", "pass")
                        .counter()
                        .count());
    }

    @Test
    void passesANameOfIpv6() {
        dns.address("mail.example.org", "2001:db8::7");
        assertEquals(
                List.of("policy.iprev=\"2001:db8:0:0:0:0:0:7\""),
                mail(plugin(), client("2001:db8::7")).recorded().get(0).properties());
        assertFalse(dns.questions().contains("a mail.example.org"));
    }

    @Test
    void failsNamesThatLeadElsewhereOrNowhere() {
        dns.ptr("192.0.2.7", "mail.example.org");
        assertEquals("fail", result("192.0.2.7"));
        dns.address("mail.example.org", "192.0.2.8");
        assertEquals("fail", result("192.0.2.7"));
    }

    @Test
    void saysPermerrorOfAClientWithoutAName() {
        assertEquals("permerror", result("192.0.2.7"));
    }

    @Test
    void saysTemperrorWhenDnsDoesNotTell() {
        dns.servfail("192.0.2.7");
        assertEquals("temperror", result("192.0.2.7"));
        dns.healed().ptr("192.0.2.7", "away.example.org").servfail("away.example.org");
        assertEquals("temperror", result("192.0.2.7"));
        dns.address("mail.example.org", "192.0.2.7");
        assertEquals("pass", result("192.0.2.7"));
    }

    @Test
    void asksForSoManyNamesAndNoMore() {
        for (int i = 0; i < 3; i++) {
            dns.ptr("192.0.2.7", "n" + i + ".example.org");
        }
        dns.address("last.example.org", "192.0.2.7");
        Iprev plugin = plugin("names", 3);
        assertEquals("fail", mail(plugin, client("192.0.2.7")).recorded().get(0).value());
        assertEquals(4, dns.questions().size());
    }

    @Test
    void asksNoMoreWhenTimeIsOver() {
        for (int i = 0; i < 10; i++) {
            dns.ptr("192.0.2.7", "n" + i + ".example.org");
        }
        assertEquals("temperror", result("192.0.2.7"));
        assertEquals(5, dns.questions().size());
    }

    @Test
    void asksOnceForASession() {
        dns.address("mail.example.org", "192.0.2.7");
        Iprev plugin = plugin();
        FakeTransaction first = mail(plugin, client("192.0.2.7"));
        int asked = dns.questions().size();
        FakeTransaction second =
                FakeTransaction.at(Stage.MAIL).in(again(first)).needs(Need.PEER).build();
        plugin.onMail(second, second.sender());
        assertEquals(first.recorded(), second.recorded());
        assertEquals(asked, dns.questions().size());
    }

    private static FakeSession.Builder again(FakeTransaction before) {
        FakeSession.Builder session = client("192.0.2.7");
        before.fakeSession().notes().forEach((note, value) -> keep(session, note, value));
        return session;
    }

    @Test
    void scoresWhenTold() {
        Iprev plugin = plugin("scoreFail", 2.0, "scorePermerror", 1.5);
        assertEquals(
                Map.of("IPREV_PERMERROR", 1.5),
                mail(plugin, client("192.0.2.7")).scores());
        dns.ptr("192.0.2.7", "mail.example.org");
        assertEquals(
                Map.of("IPREV_FAIL", 2.0), mail(plugin, client("192.0.2.7")).scores());
        assertEquals(Map.of(), mail(plugin(), client("192.0.2.7")).scores());
    }

    @Test
    void asksNothingOfOurs() {
        for (FakeSession.Builder ours :
                List.of(client("192.0.2.7").trusted(), client("192.0.2.7").listener("feeder", "relay"))) {
            assertEquals(List.of(), mail(plugin(), ours).recorded());
        }
        assertEquals(List.of(), dns.questions());
        assertEquals(
                1,
                mail(plugin("checkTrusted", true), client("192.0.2.7").trusted())
                        .recorded()
                        .size());
    }
}
