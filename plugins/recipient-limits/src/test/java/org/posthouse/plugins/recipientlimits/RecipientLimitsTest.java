// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.recipientlimits;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.posthouse.api.Address;
import org.posthouse.api.Event;
import org.posthouse.api.Need;
import org.posthouse.api.Recipient;
import org.posthouse.api.Stage;
import org.posthouse.api.Verdict;
import org.posthouse.testkit.FakeSession;
import org.posthouse.testkit.FakeTransaction;
import org.posthouse.testkit.Settings;
import org.posthouse.testkit.service.FakeLimiter;
import org.posthouse.testkit.service.FakeState;
import org.posthouse.testkit.service.SettableClock;

final class RecipientLimitsTest {
    private final SettableClock clock = SettableClock.at(Instant.parse("2026-01-05T12:00:00Z"));
    private final FakeState state = new FakeState(clock);
    private final FakeLimiter limiter = new FakeLimiter(clock);
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final List<Duration> held = new ArrayList<>();

    private FakeSession.Builder session = FakeSession.with();
    private String from = "bert@example.org";

    private RecipientLimits plugin(Object... pairs) {
        return plugin(held::add, pairs);
    }

    private RecipientLimits plugin(RecipientLimits.Tarpit tarpit, Object... pairs) {
        List<Object> all = new ArrayList<>(List.of("tarpit", 5_000L, "awayFor", 900_000L));
        all.addAll(List.of(pairs));
        return new RecipientLimits(
                limiter, state, meters, Settings.of(RecipientLimits.Config.class, all.toArray()), tarpit);
    }

    private Verdict rcpt(RecipientLimits plugin, String recipient, String... before) {
        FakeTransaction tx = FakeTransaction.at(Stage.RCPT)
                .in(session)
                .needs(Need.PEER)
                .from(from)
                .to(before)
                .build();
        return plugin.onRcpt(tx, Recipient.of(Address.of(recipient)));
    }

    private Verdict rcpt(RecipientLimits plugin) {
        return rcpt(plugin, "z@example.net");
    }

    private static String[] people(int count) {
        return IntStream.range(0, count).mapToObj(i -> "p" + i + "@example.net").toArray(String[]::new);
    }

    private static Event refused(String enhanced) {
        return Event.of(Event.Type.REJECTION)
                .with("session", "01J00000000000000SESSION00")
                .with("peer", "192.0.2.1")
                .with("stage", "rcpt")
                .with("enhanced", enhanced)
                .build();
    }

    /** The client asks for unknown recipients, which another hook refuses. */
    private void guess(RecipientLimits plugin, int times) {
        for (int i = 0; i < times; i++) {
            rcpt(plugin);
            plugin.onEvent(refused("5.1.1"));
        }
    }

    private static void assertReply(String reply, Verdict verdict) {
        Verdict.Refusal refusal = assertInstanceOf(Verdict.Refusal.class, verdict, verdict::toString);
        assertEquals(reply, refusal.reply().toString());
    }

    private static void assertPasses(Verdict verdict) {
        assertEquals(Verdict.next(), verdict);
    }

    private static void assertSentAway(Verdict verdict) {
        assertInstanceOf(Verdict.Disconnect.class, verdict, verdict::toString);
        assertReply("421 4.7.0 Too many unknown recipients, try again later", verdict);
    }

    @Test
    void limitsNothingUnlessTold() {
        RecipientLimits plugin = plugin();
        assertPasses(plugin.onConnect(session.needs(Need.PEER).build()));
        assertPasses(rcpt(plugin, "z@example.net", people(5_000)));
        plugin.onEvent(refused("5.1.1"));
        assertEquals(0, state.uses() + limiter.uses());
    }

    @Test
    void refusesRecipientsBeyondTheLimitSoThatTheRestIsSentAnew() {
        RecipientLimits plugin = plugin("perMessage", 100);
        assertPasses(rcpt(plugin, "z@example.net", people(99)));
        assertReply("452 4.5.3 Too many recipients", rcpt(plugin, "z@example.net", people(100)));
        assertEquals(
                1.0,
                meters.get("posthouse.recipient.limits")
                        .tag("limit", "recipients")
                        .counter()
                        .count());
    }

    @Test
    void theNarrowestLimitThatNamesTheMailWins() {
        RecipientLimits plugin = plugin(
                "perMessage", 2,
                "perProfile", new String[] {"submission=3", "relay=0"},
                "perSenderDomain", new String[] {"Example.ORG=4"},
                "perUser", new String[] {"Anna=5"});
        from = "x@elsewhere.example";
        assertLimit(2, plugin);
        session = FakeSession.with().listener("submission", "submission");
        assertLimit(3, plugin);
        from = "bert@example.org";
        assertLimit(4, plugin);
        session.user("anna");
        assertLimit(5, plugin);
        session = FakeSession.with().listener("feeder", "relay");
        from = "x@elsewhere.example";
        assertPasses(rcpt(plugin, "z@example.net", people(1_000)));
    }

    private void assertLimit(int most, RecipientLimits plugin) {
        assertPasses(rcpt(plugin, "z@example.net", people(most - 1)));
        assertReply("452 4.5.3 Too many recipients", rcpt(plugin, "z@example.net", people(most)));
    }

    @Test
    void noticesHaveALimitOfTheirOwn() {
        RecipientLimits plugin = plugin("perMessage", 100, "perNullSender", 1);
        from = "";
        assertLimit(1, plugin);
        from = "bert@example.org";
        assertLimit(100, plugin);
    }

    @Test
    void aMessageGoesIntoSoManyDomains() {
        RecipientLimits plugin = plugin("domainsPerMessage", 2);
        assertPasses(rcpt(plugin, "b@two.example", "a@one.example"));
        assertReply("452 4.5.3 Too many domains", rcpt(plugin, "c@three.example", "a@one.example", "b@two.example"));
        assertPasses(rcpt(plugin, "c@Two.example", "a@one.example", "b@two.example"));
        assertPasses(rcpt(plugin, "c@three.example", "a@one.example", "b@one.example"));
    }

    @Test
    void whoGuessesWaitsAndIsThenSentAway() {
        RecipientLimits plugin = plugin("tarpitAfter", 2, "closeAfter", 4);
        guess(plugin, 2);
        assertEquals(List.of(), held);
        guess(plugin, 2);
        assertEquals(List.of(Duration.ofSeconds(5), Duration.ofSeconds(5)), held);
        Verdict verdict = rcpt(plugin);
        assertSentAway(verdict);
        assertEquals("4 unknown recipients in this session", verdict.reason());
    }

    @Test
    void waitsForEventsOnlyWhenTheyCanMatter() throws Exception {
        RecipientLimits plugin = plugin("closeAfter", 3);
        rcpt(plugin);
        rcpt(plugin);
        rcpt(plugin); // Two were refused so far, and nobody told yet why.
        Verdict[] verdict = new Verdict[1];
        Thread asking = Thread.ofVirtual().start(() -> verdict[0] = rcpt(plugin));
        for (int i = 0; i < 3; i++) {
            plugin.onEvent(refused("5.1.1"));
        }
        asking.join();
        assertSentAway(Objects.requireNonNull(verdict[0]));
    }

    @Test
    void goesOnWithoutEventsThatAreLost() {
        RecipientLimits plugin = plugin("closeAfter", 1);
        rcpt(plugin);
        long start = System.nanoTime();
        assertPasses(rcpt(plugin));
        assertTrue(System.nanoTime() - start >= 1_900_000_000L, "it waited for the event");
        plugin.onEvent(refused("5.1.1"));
        assertSentAway(rcpt(plugin));
    }

    @Test
    void acceptedRecipientsAreNotWaitedFor() {
        RecipientLimits plugin = plugin("closeAfter", 1);
        assertPasses(rcpt(plugin, "a@example.net"));
        long start = System.nanoTime();
        assertPasses(rcpt(plugin, "b@example.net", "a@example.net"));
        assertPasses(rcpt(plugin, "c@example.net", "a@example.net", "b@example.net"));
        assertTrue(System.nanoTime() - start < 1_900_000_000L, "it waited for an event");
    }

    @Test
    void onlyUnknownRecipientsCount() {
        RecipientLimits plugin = plugin("closeAfter", 1);
        rcpt(plugin);
        plugin.onEvent(refused("4.7.1"));
        rcpt(plugin);
        plugin.onEvent(refused("5.7.1"));
        assertPasses(rcpt(plugin));
        plugin.onEvent(refused("5.1.1"));
        assertSentAway(rcpt(plugin));
    }

    @Test
    void countsOnlySessionsThatItWasAskedIn() {
        RecipientLimits asked = plugin("closeAfter", 1);
        RecipientLimits other = plugin("closeAfter", 1);
        rcpt(asked);
        asked.onEvent(refused("5.1.1"));
        other.onEvent(refused("5.1.1"));
        assertSentAway(rcpt(asked));
        assertPasses(rcpt(other)); // In which the session never asked before.
    }

    @Test
    void whoGuessesInManySessionsIsSentAwayForAWhile() {
        RecipientLimits plugin = plugin("unknownPerClient", "3/hour");
        guess(plugin, 3);
        assertPasses(plugin.onConnect(FakeSession.with().needs(Need.PEER).build()));
        guess(plugin, 1);
        assertSentAway(plugin.onConnect(FakeSession.with().needs(Need.PEER).build()));
        assertSentAway(rcpt(plugin));
        assertPasses(plugin.onConnect(
                FakeSession.with().peer("192.0.2.2").needs(Need.PEER).build()));
        clock.pass(Duration.ofMinutes(15));
        assertPasses(plugin.onConnect(FakeSession.with().needs(Need.PEER).build()));
    }

    @Test
    void usersAreNotSentAwayForWhoSharesTheirAddress() {
        RecipientLimits plugin = plugin("unknownPerClient", "1/hour");
        guess(plugin, 2);
        assertPasses(plugin.onConnect(FakeSession.with()
                .listener("submission", "submission")
                .needs(Need.PEER)
                .build()));
        session = FakeSession.with().user("anna");
        assertPasses(rcpt(plugin));
    }

    @Test
    void aNetworkOfIpv6IsOneClient() {
        RecipientLimits plugin = plugin("unknownPerClient", "1/hour");
        rcpt(plugin);
        for (String peer : List.of("2001:db8:1:2:3::4", "2001:db8:1:2::9%2")) {
            plugin.onEvent(Event.of(Event.Type.REJECTION)
                    .with("session", "01J00000000000000SESSION00")
                    .with("peer", peer)
                    .with("stage", "rcpt")
                    .with("enhanced", "5.1.1")
                    .build());
        }
        assertSentAway(plugin.onConnect(
                FakeSession.with().peer("2001:db8:1:2::7").needs(Need.PEER).build()));
        assertPasses(plugin.onConnect(
                FakeSession.with().peer("2001:db8:1:3::7").needs(Need.PEER).build()));
    }

    @Test
    void trustedClientsAreNotLimitedUnlessTold() {
        session = FakeSession.with().trusted();
        RecipientLimits plugin = plugin("perMessage", 1, "closeAfter", 1);
        guess(plugin, 2);
        assertPasses(rcpt(plugin, "z@example.net", people(10)));
        assertLimit(1, plugin("perMessage", 1, "exemptTrusted", false));
    }

    @Test
    void leavesTheTarpitWhenItIsInterrupted() {
        RecipientLimits plugin = plugin(
                time -> {
                    throw new InterruptedException();
                },
                "tarpitAfter",
                1);
        guess(plugin, 1);
        assertInstanceOf(Verdict.Defer.class, rcpt(plugin));
        assertTrue(Thread.interrupted());
    }

    @Test
    void refusesWhatItCanNotRead() {
        assertThrows(IllegalArgumentException.class, () -> plugin("perUser", new String[] {"anna"}));
        assertThrows(IllegalArgumentException.class, () -> plugin("perUser", new String[] {"anna=-1"}));
        assertThrows(IllegalArgumentException.class, () -> plugin("perUser", new String[] {"anna=1", "Anna=2"}));
        assertThrows(IllegalArgumentException.class, () -> plugin("tarpit", 30_001L));
        assertThrows(IllegalArgumentException.class, () -> plugin("unknownPerClient", "1/hour", "awayFor", 0L));
    }
}
