// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.greylisting;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.posthouse.api.Address;
import org.posthouse.api.AuthResults;
import org.posthouse.api.Need;
import org.posthouse.api.Note;
import org.posthouse.api.Recipient;
import org.posthouse.api.Stage;
import org.posthouse.api.Verdict;
import org.posthouse.testkit.FakeSession;
import org.posthouse.testkit.FakeTransaction;
import org.posthouse.testkit.Settings;
import org.posthouse.testkit.service.FakeLimiter;
import org.posthouse.testkit.service.FakeState;
import org.posthouse.testkit.service.SettableClock;

final class GreylistingTest {
    private static final Duration DELAY = Duration.ofMinutes(5);
    private static final Duration DAY = Duration.ofDays(1);
    private static final String ANNA = "anna@example.net";

    private final SettableClock clock = SettableClock.at(Instant.parse("2026-01-05T12:00:00Z"));
    private final FakeState state = new FakeState(clock);
    private final FakeLimiter limiter = new FakeLimiter(clock);
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();

    private FakeSession.Builder session = FakeSession.with().peer("192.0.2.7");
    private String from = "bert@example.org";
    private AuthResults results = AuthResults.NONE;

    private Greylisting plugin(Object... pairs) {
        List<Object> all = new ArrayList<>(List.of("delay", DELAY.toMillis()));
        all.addAll(List.of("retryWindow", Duration.ofDays(2).toMillis()));
        all.addAll(List.of("lifetime", Duration.ofDays(36).toMillis()));
        all.addAll(List.of(pairs)); // Of two values for one key the later one counts.
        return new Greylisting(state, limiter, meters, Settings.of(Greylisting.Config.class, all.toArray()), clock);
    }

    private FakeTransaction transaction(Stage stage, String... recipients) {
        return FakeTransaction.at(stage)
                .in(session)
                .needs(Need.PEER)
                .from(from)
                .to(recipients)
                .results(results)
                .build();
    }

    private Verdict rcpt(Greylisting plugin, String... recipients) {
        FakeTransaction tx = transaction(Stage.RCPT);
        Verdict last = Verdict.next();
        for (String recipient : recipients) {
            last = plugin.onRcpt(tx, Recipient.of(Address.of(recipient)));
        }
        return last;
    }

    private Verdict headers(Greylisting plugin, String... recipients) {
        FakeTransaction tx = transaction(Stage.DATA, recipients);
        return plugin.onHeaders(tx, tx.headers());
    }

    private static void assertWaits(long seconds, Verdict verdict) {
        Verdict.Defer defer = assertInstanceOf(Verdict.Defer.class, verdict, verdict::toString);
        assertEquals(
                "451 4.7.1 Greylisted, try again in " + seconds + " seconds",
                defer.reply().toString());
    }

    private static void assertPasses(Verdict verdict) {
        assertInstanceOf(Verdict.Continue.class, verdict, verdict::toString);
    }

    /** One message that is tried twice, from a sender of its own. */
    private void passOnce(Greylisting plugin, int number) {
        from = "sender" + (char) ('a' + number) + "@example.org";
        rcpt(plugin, ANNA);
        clock.pass(DELAY);
        assertPasses(rcpt(plugin, ANNA));
    }

    private double count(Outcome outcome) {
        return meters.get("posthouse.greylist.recipients")
                .tag("outcome", outcome.word())
                .counter()
                .count();
    }

    @Test
    void defersWhatItSeesForTheFirstTimeAndTakesItWhenItComesBack() {
        Greylisting plugin = plugin();
        assertWaits(300, rcpt(plugin, ANNA));
        clock.pass(Duration.ofMillis(299_001));
        assertWaits(1, rcpt(plugin, ANNA));
        clock.pass(Duration.ofMillis(999));
        assertPasses(rcpt(plugin, ANNA));
        assertPasses(rcpt(plugin, ANNA));
        assertEquals(
                List.of(1.0, 1.0, 1.0, 1.0),
                List.of(count(Outcome.FRESH), count(Outcome.EARLY), count(Outcome.RETRIED), count(Outcome.KNOWN)));
    }

    @Test
    void tellsLogAndTraceWhoWaits() {
        assertEquals(
                "deferred, seen for the first time: 192.0.2.0/24 for anna@example.net",
                rcpt(plugin(), ANNA).reason());
    }

    @Test
    void waitsForNothingWithoutADelay() {
        Greylisting off = plugin("delay", 0L);
        int before = state.uses();
        assertPasses(rcpt(off, ANNA));
        assertPasses(headers(off, ANNA));
        assertEquals(before, state.uses());
    }

    @Test
    void takesARetryOfAnyServerOfTheNetworkAndOfNoOther() {
        Greylisting plugin = plugin();
        rcpt(plugin, ANNA);
        clock.pass(DELAY);
        session = FakeSession.with().peer("192.0.3.7");
        assertWaits(300, rcpt(plugin, ANNA));
        session = FakeSession.with().peer("192.0.2.200");
        assertPasses(rcpt(plugin, ANNA));
    }

    @Test
    void takesANetworkOfIpv6ForOneClient() {
        Greylisting plugin = plugin();
        session = FakeSession.with().peer("2001:db8:1:2:3::4");
        rcpt(plugin, ANNA);
        clock.pass(DELAY);
        session = FakeSession.with().peer("2001:db8:1:3::4");
        assertWaits(300, rcpt(plugin, ANNA));
        session = FakeSession.with().peer("2001:db8:1:2::9");
        assertPasses(rcpt(plugin, ANNA));
    }

    @Test
    void anotherSenderOrRecipientWaitsAnew() {
        Greylisting plugin = plugin();
        rcpt(plugin, ANNA);
        clock.pass(DELAY);
        assertPasses(rcpt(plugin, "ANNA@example.net"));
        assertWaits(300, rcpt(plugin, "carl@example.net"));
        from = "other@example.org";
        assertWaits(300, rcpt(plugin, ANNA));
    }

    @Test
    void whatComesBackTooLateIsNew() {
        Greylisting plugin = plugin("retryWindow", Duration.ofHours(4).toMillis());
        rcpt(plugin, ANNA);
        clock.pass(Duration.ofHours(4).plusSeconds(1));
        assertWaits(300, rcpt(plugin, ANNA));
        clock.pass(Duration.ofHours(4).minusSeconds(1));
        assertPasses(rcpt(plugin, ANNA));
    }

    @Test
    void retriesDoNotProlongTheWindow() {
        Greylisting plugin = plugin("retryWindow", Duration.ofHours(2).toMillis());
        rcpt(plugin, ANNA);
        for (int i = 0; i < 3; i++) {
            clock.pass(Duration.ofMinutes(1));
            rcpt(plugin, ANNA);
        }
        clock.pass(Duration.ofMinutes(118));
        assertWaits(300, rcpt(plugin, ANNA));
    }

    @Test
    void remembersWhatIsUsedAndForgetsWhatIsNot() {
        Greylisting plugin = plugin("autoAllow", 0);
        passOnce(plugin, 0);
        for (int week = 0; week < 10; week++) {
            clock.pass(DAY.multipliedBy(7));
            assertPasses(rcpt(plugin, ANNA));
        }
        clock.pass(DAY.multipliedBy(37));
        assertWaits(300, rcpt(plugin, ANNA));
    }

    @Test
    void aClientWhoseMailPassedOftenEnoughNeedNotWaitAnyMore() {
        Greylisting plugin = plugin("autoAllow", 3);
        for (int i = 0; i < 3; i++) {
            passOnce(plugin, i);
        }
        from = "new@example.org";
        assertPasses(rcpt(plugin, ANNA));
        assertEquals(1.0, count(Outcome.CLIENT));
        for (int week = 0; week < 10; week++) {
            clock.pass(DAY.multipliedBy(7));
            assertPasses(rcpt(plugin, ANNA));
        }
        clock.pass(DAY.multipliedBy(37));
        assertWaits(300, rcpt(plugin, ANNA));
    }

    @Test
    void aMessageToManyCountsOnceForItsClient() {
        Greylisting plugin = plugin("autoAllow", 2);
        String[] many = {ANNA, "carl@example.net", "dora@example.net"};
        rcpt(plugin, many);
        clock.pass(DELAY);
        assertPasses(rcpt(plugin, many));
        from = "new@example.org";
        assertWaits(300, rcpt(plugin, ANNA));
    }

    @Test
    void ourOwnClientsAndUsersAreNeitherAskedNorCounted() {
        Greylisting plugin = plugin();
        session = FakeSession.with().trusted();
        assertPasses(rcpt(plugin, ANNA));
        session = FakeSession.with().user("anna");
        assertPasses(rcpt(plugin, ANNA));
        assertEquals(0, meters.getMeters().size());
    }

    @Test
    void listedClientsSendersAndRecipientsNeedNotWait() {
        Greylisting plugin = plugin(
                "exemptClients", new String[] {"198.51.100.0/25", "2001:db8::/32"},
                "exemptSenders", new String[] {"boss@example.com", "*.bank.example"},
                "exemptRecipients", new String[] {"urgent@example.net", "fast.example.net"});
        assertWaits(300, rcpt(plugin, ANNA));
        assertPasses(rcpt(plugin, "Urgent@Example.net"));
        assertPasses(rcpt(plugin, "x@fast.example.net"));
        assertWaits(300, rcpt(plugin, "x@very.fast.example.net"));
        from = "Boss@Example.com";
        assertPasses(rcpt(plugin, ANNA));
        from = "x@mail.bank.example";
        assertPasses(rcpt(plugin, ANNA));
        from = "x@notbank.example";
        assertWaits(300, rcpt(plugin, ANNA));
        for (String exempt : List.of("198.51.100.127", "2001:db8:ffff::1")) {
            session = FakeSession.with().peer(exempt);
            assertPasses(rcpt(plugin, "carl@example.net"));
        }
        session = FakeSession.with().peer("198.51.100.128");
        assertWaits(300, rcpt(plugin, "carl@example.net"));
    }

    @Test
    void onlyMailForTheListedDomainsWaits() {
        Greylisting plugin = plugin("domains", new String[] {"example.net"});
        assertWaits(300, rcpt(plugin, ANNA));
        assertPasses(rcpt(plugin, "x@elsewhere.example"));
    }

    @Test
    void clientsThatAListOfGoodOnesHasNeedNotWait() {
        Note<Boolean> allowed = new Note<>("dnsbl.allowed", Boolean.class, Note.Scope.SESSION);
        session = FakeSession.with().note(allowed, true);
        assertPasses(rcpt(plugin(), ANNA));
        assertWaits(300, rcpt(plugin("exemptDnswl", false), ANNA));
        session = FakeSession.with().note(allowed, false);
        assertWaits(300, rcpt(plugin(), "carl@example.net"));
    }

    private static AuthResults spf(String value, String property) {
        return new AuthResults(List.of(new AuthResults.Result("spf", value, "", List.of(property))));
    }

    @Test
    void mailThatPassesSpfNeedNotWait() {
        results = spf("pass", "smtp.mailfrom=bert@example.org");
        assertPasses(rcpt(plugin(), ANNA));
        results = spf("pass", "smtp.mailfrom=example.org");
        assertPasses(rcpt(plugin(), ANNA));
        for (AuthResults none : List.of(
                spf("softfail", "smtp.mailfrom=example.org"),
                spf("pass", "smtp.mailfrom=example.com"),
                spf("pass", "smtp.helo=example.org"))) {
            results = none;
            assertInstanceOf(Verdict.Defer.class, rcpt(plugin(), ANNA), none::toString);
        }
        results = spf("pass", "smtp.mailfrom=example.org");
        assertInstanceOf(Verdict.Defer.class, rcpt(plugin("spf", "ignore"), ANNA));
    }

    @Test
    void aDomainThatPassesSpfIsOneClientWhereverItSendsFrom() {
        Greylisting plugin = plugin("spf", "domain", "autoAllow", 1);
        results = spf("pass", "smtp.mailfrom=example.org");
        assertWaits(300, rcpt(plugin, ANNA));
        clock.pass(DELAY);
        session = FakeSession.with().peer("203.0.113.9");
        assertPasses(rcpt(plugin, ANNA));
        session = FakeSession.with().peer("2001:db8::9");
        assertPasses(rcpt(plugin, "carl@example.net"));
        results = AuthResults.NONE;
        assertWaits(300, rcpt(plugin, "carl@example.net"));
    }

    @Test
    void noticesWaitAtTheFinalDotSoThatCallbacksGetAnAnswer() {
        Greylisting plugin = plugin();
        from = "";
        assertPasses(rcpt(plugin, ANNA));
        assertWaits(300, headers(plugin, ANNA));
        clock.pass(DELAY);
        assertPasses(headers(plugin, ANNA));
        assertEquals(1.0, count(Outcome.RETRIED));
    }

    @Test
    void aNoticeToSeveralWaitsAsLongAsTheLastOfThem() {
        Greylisting plugin = plugin();
        from = "";
        headers(plugin, ANNA);
        clock.pass(Duration.ofMinutes(4));
        assertWaits(300, headers(plugin, ANNA, "carl@example.net"));
        assertWaits(60, headers(plugin, ANNA));
        clock.pass(DELAY);
        assertPasses(headers(plugin, ANNA, "carl@example.net"));
    }

    @Test
    void otherMailDoesNotWaitAtTheFinalDot() {
        assertPasses(headers(plugin(), ANNA));
    }

    @Test
    void noticesWaitLikeOtherMailOrNotAtAllWhenTold() {
        from = "";
        assertWaits(300, rcpt(plugin("nullSender", "rcpt"), ANNA));
        assertPasses(headers(plugin("nullSender", "rcpt"), ANNA));
        assertPasses(rcpt(plugin("nullSender", "exempt"), ANNA));
        assertPasses(headers(plugin("nullSender", "exempt"), ANNA));
    }

    @Test
    void senderThatAListMakesAnewForEachMessageIsOneSender() {
        Greylisting plugin = plugin();
        from = "bounce-4711+anna=example.net@lists.example.org";
        rcpt(plugin, ANNA);
        clock.pass(DELAY);
        from = "bounce-4712+anna=example.net@lists.example.org";
        assertPasses(rcpt(plugin, ANNA));
        assertWaits(300, rcpt(plugin("normalizeSenders", false), ANNA));
    }

    @Test
    void findsWhatStaysTheSameInASender() {
        assertEquals("", SenderKey.of(Address.NULL));
        assertEquals("anna@example.org", SenderKey.of(Address.of("anna@example.org")));
        assertEquals(
                SenderKey.of(Address.of("SRS0=ab1Z=T4=example.com=bert@fwd.example")),
                SenderKey.of(Address.of("SRS0=9xYq=U7=example.com=bert@fwd.example")));
        assertEquals(
                SenderKey.of(Address.of("SRS1=aaaa=one.example==ab1Z=T4=example.com=bert@fwd.example")),
                SenderKey.of(Address.of("srs1=bbbb=one.example==9xYq=U7=example.com=bert@fwd.example")));
        assertEquals(
                SenderKey.of(Address.of("prvs=1734ab12cd=bert@example.org")),
                SenderKey.of(Address.of("prvs=1745ff00aa=bert@example.org")));
        assertEquals(
                SenderKey.of(Address.of("0102018c1f3a-77aa-4c1e-9d9e-000000@mailer.example")),
                SenderKey.of(Address.of("0102018c9bcd-12f0-4e77-8aaa-000000@mailer.example")));
        assertNotEquals(
                SenderKey.of(Address.of("SRS0=ab1Z=T4=example.com=bert@fwd.example")),
                SenderKey.of(Address.of("SRS0=ab1Z=T4=example.com=carl@fwd.example")));
        assertEquals("+tag@example.org", SenderKey.of(Address.of("+tag@example.org")));
    }

    @Test
    void oneClientCanNotFillTheMemory() {
        Greylisting plugin = plugin("newPerClient", "2/hour");
        for (String name : List.of("a", "b", "c", "d")) {
            from = name + "@example.org";
            assertWaits(300, rcpt(plugin, ANNA));
        }
        assertEquals(2.0, count(Outcome.CROWDED));
        session = FakeSession.with().peer("203.0.113.9");
        assertWaits(300, rcpt(plugin, ANNA));
        assertEquals(3.0, count(Outcome.FRESH));
    }

    @Test
    void oneNetworkCanNotFillTheMemoryWithItsClients() {
        Greylisting plugin = plugin("newPerNetwork", "3/hour");
        for (int i = 0; i < 5; i++) {
            session = FakeSession.with().peer("2001:db8:1:" + i + "::7");
            assertWaits(300, rcpt(plugin, ANNA));
        }
        assertEquals(List.of(3.0, 2.0), List.of(count(Outcome.FRESH), count(Outcome.FLOODED)));
        session = FakeSession.with().peer("2001:db8:2::7");
        assertWaits(300, rcpt(plugin, ANNA));
        assertEquals(4.0, count(Outcome.FRESH));
    }

    @Test
    void oneNetworkCanNotFillTheMemoryWithDomainsThatPassSpf() {
        Greylisting plugin = plugin("newPerNetwork", "3/hour", "spf", "domain");
        for (String name : List.of("a", "b", "c", "d", "e")) {
            from = "x@" + name + ".example.org";
            results = spf("pass", "smtp.mailfrom=" + from);
            assertWaits(300, rcpt(plugin, ANNA));
        }
        assertEquals(List.of(3.0, 2.0), List.of(count(Outcome.FRESH), count(Outcome.FLOODED)));
    }

    @Test
    void whoIsRememberedInAFloodedNetworkStaysSoAndOthersGetIn() {
        Greylisting plugin = plugin("newPerNetwork", "1/hour");
        rcpt(plugin, ANNA);
        for (int i = 0; i < 20; i++) {
            from = "flood" + (char) ('a' + i) + "@example.org";
            rcpt(plugin, ANNA);
        }
        clock.pass(DELAY);
        from = "bert@example.org";
        assertPasses(rcpt(plugin, ANNA));
        from = "late@example.org";
        assertWaits(300, rcpt(plugin, ANNA));
        clock.pass(Duration.ofHours(1));
        assertWaits(300, rcpt(plugin, ANNA));
        clock.pass(DELAY);
        assertPasses(rcpt(plugin, ANNA));
    }

    @Test
    void longAddressesAreRememberedLikeOthers() {
        Greylisting plugin = plugin();
        from = "ü".repeat(400) + "@example.org";
        rcpt(plugin, ANNA);
        clock.pass(DELAY);
        assertPasses(rcpt(plugin, ANNA));
        from = "ü".repeat(401) + "@example.org";
        assertWaits(300, rcpt(plugin, ANNA));
    }

    @Test
    void aClockThatIsSetBackMakesNobodyWaitForItToCatchUp() {
        Greylisting plugin = plugin("newPerClient", "", "newPerNetwork", "");
        clock.pass(DAY);
        rcpt(plugin, ANNA);
        clock.pass(DAY.negated());
        assertWaits(300, rcpt(plugin, ANNA));
        clock.pass(DELAY);
        assertPasses(rcpt(plugin, ANNA));
    }

    @Test
    void failsRatherThanPassesWhenTheMemoryCanNotBeRead() {
        Greylisting plugin = plugin();
        state.failing(true);
        assertThrows(IllegalStateException.class, () -> rcpt(plugin, ANNA));
    }

    @Test
    void aSecondGenerationKnowsWhatTheFirstSaw() {
        rcpt(plugin(), ANNA);
        clock.pass(DELAY);
        assertPasses(rcpt(plugin(), ANNA));
    }

    @Test
    void refusesAConfigurationByWhichNothingEverPasses() {
        assertThrows(IllegalArgumentException.class, () -> plugin("retryWindow", DELAY.toMillis()));
        assertThrows(IllegalArgumentException.class, () -> plugin("lifetime", 0L));
        assertThrows(IllegalArgumentException.class, () -> plugin("exemptSenders", new String[] {"a b"}));
        assertThrows(IllegalArgumentException.class, () -> plugin("exemptClients", new String[] {"example.org"}));
    }

    @Test
    void refusesWithTheCodeThatIsSet() {
        Verdict.Defer verdict = assertInstanceOf(Verdict.Defer.class, rcpt(plugin("code", 450), ANNA));
        assertEquals(450, verdict.reply().code());
    }
}
