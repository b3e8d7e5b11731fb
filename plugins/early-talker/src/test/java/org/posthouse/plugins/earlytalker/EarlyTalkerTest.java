// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.earlytalker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.net.InetAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.posthouse.api.Need;
import org.posthouse.api.Sender;
import org.posthouse.api.Stage;
import org.posthouse.api.Verdict;
import org.posthouse.testkit.FakeSession;
import org.posthouse.testkit.FakeTransaction;
import org.posthouse.testkit.Settings;
import org.posthouse.testkit.service.FakeState;
import org.posthouse.testkit.service.SettableClock;

final class EarlyTalkerTest {
    private final SettableClock clock = SettableClock.at(Instant.parse("2026-01-05T12:00:00Z"));
    private final FakeState state = new FakeState(clock);
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private Duration waited = Duration.ZERO;

    /** After how much waiting the client speaks. */
    private Duration patience = Duration.ofDays(1);

    private EarlyTalker plugin(Object... pairs) {
        List<Object> all = new ArrayList<>(List.of("action", "reject", "delay", 4000L, "remember", 86_400_000L));
        all.addAll(List.of(pairs));
        return new EarlyTalker(Settings.of(EarlyTalker.Config.class, all.toArray()), state, meters, this::pass);
    }

    private void pass(Duration time) {
        waited = waited.plus(time);
    }

    private FakeSession.Builder client() {
        return FakeSession.with()
                .helo("")
                .needs(Need.PEER)
                .peer("192.0.2.7")
                .early(() -> waited.compareTo(patience) >= 0);
    }

    private Verdict connect(EarlyTalker plugin) {
        return plugin.onConnect(client().build());
    }

    private static String reply(Verdict verdict) {
        return assertInstanceOf(Verdict.Refusal.class, verdict).reply().toString();
    }

    private double clients(String outcome) {
        return meters.get("posthouse.earlytalker.clients")
                .tag("outcome", outcome)
                .counter()
                .count();
    }

    @Test
    void asShippedNobodyWaitsAndNothingIsJudged() {
        EarlyTalker plugin = plugin("action", "none");
        patience = Duration.ZERO;
        assertEquals(Verdict.next(), connect(plugin));
        FakeTransaction tx =
                FakeTransaction.at(Stage.MAIL).needs(Need.PEER).in(client()).build();
        assertEquals(Verdict.next(), plugin.onMail(tx, tx.sender()));
        assertEquals(Duration.ZERO, waited);
        assertEquals(0, state.uses());
    }

    @Test
    void makesAStrangerWaitOnce() {
        EarlyTalker plugin = plugin();
        assertEquals(Verdict.next(), connect(plugin));
        assertEquals(Duration.ofSeconds(4), waited);
        assertEquals(Verdict.next(), connect(plugin));
        assertEquals(Duration.ofSeconds(4), waited);
        clock.pass(Duration.ofDays(2));
        connect(plugin);
        assertEquals(Duration.ofSeconds(8), waited);
        assertEquals(2.0, clients("polite"));
        assertEquals(1.0, clients("known"));
    }

    @Test
    void refusesWhoSpeaksAsSoonAsItSpeaks() {
        EarlyTalker plugin = plugin();
        patience = Duration.ofSeconds(1);
        assertEquals("554 5.5.1 You spoke before the greeting", reply(connect(plugin)));
        assertEquals(Duration.ofSeconds(1), waited);
        assertEquals(1.0, clients("early"));
        patience = Duration.ofDays(1);
        connect(plugin);
        assertEquals(Duration.ofSeconds(5), waited, "it was not taken for polite");
    }

    @Test
    void forgetsAPoliteNetworkOfWhichOneSpeaksEarly() {
        EarlyTalker plugin = plugin();
        connect(plugin);
        patience = Duration.ZERO;
        assertInstanceOf(Verdict.Reject.class, connect(plugin));
        patience = Duration.ofDays(1);
        connect(plugin);
        assertEquals(Duration.ofSeconds(8), waited);
    }

    @Test
    void defersOrScoresWhenToldSo() {
        patience = Duration.ZERO;
        assertEquals("421 4.5.1 You spoke before the greeting", reply(connect(plugin("action", "defer"))));
        EarlyTalker scoring = plugin("action", "score", "commands", false);
        FakeSession session = client().build();
        assertEquals(Verdict.next().because("spoke before the banner"), scoring.onConnect(session));
        FakeSession.Builder later = FakeSession.with().needs(Need.PEER);
        session.notes().forEach((note, value) -> later.note(cast(note), value));
        FakeTransaction tx = FakeTransaction.at(Stage.MAIL).in(later).build();
        assertEquals(Verdict.next(), scoring.onMail(tx, tx.sender()));
        assertEquals(Verdict.next(), scoring.onMessage(tx, tx.message()));
        assertEquals(Map.of("EARLY_TALKER", 5.0), tx.scores());
    }

    @SuppressWarnings("unchecked")
    private static org.posthouse.api.Note<Object> cast(org.posthouse.api.Note<?> note) {
        return (org.posthouse.api.Note<Object>) note;
    }

    @Test
    void refusesCommandsAheadOfTheirTurn() {
        FakeTransaction tx =
                FakeTransaction.at(Stage.MAIL).in(FakeSession.with().early()).build();
        Sender sender = tx.sender();
        assertEquals("554 5.5.1 You did not wait for replies", reply(plugin().onMail(tx, sender)));
        assertEquals(
                "451 4.5.1 You did not wait for replies",
                reply(plugin("action", "defer").onMail(tx, sender)));
        assertEquals(Verdict.next(), plugin("commands", false).onMail(tx, sender));
        assertEquals(2.0, clients("hasty"));
    }

    @Test
    void leavesTrustedUsersAndOtherListenersAlone() {
        EarlyTalker plugin = plugin();
        patience = Duration.ZERO;
        for (FakeSession.Builder one :
                List.of(client().trusted(), client().user("anna"), client().listener("submission", "submission"))) {
            assertEquals(Verdict.next(), plugin.onConnect(one.build()));
            FakeTransaction tx = FakeTransaction.at(Stage.MAIL).in(one).build();
            assertEquals(Verdict.next(), plugin.onMail(tx, tx.sender()));
        }
        assertInstanceOf(
                Verdict.Reject.class,
                plugin("profiles", new String[] {"submission"})
                        .onConnect(client().listener("submission", "submission").build()));
    }

    @Test
    void sparesTheGoodOnesTheDelay() {
        connectKnown();
        assertEquals(Duration.ZERO, waited);
        patience = Duration.ZERO;
        assertInstanceOf(Verdict.Reject.class, connectKnown());
    }

    private Verdict connectKnown() {
        return plugin().onConnect(client().note(EarlyTalker.ALLOWED, true).build());
    }

    @Test
    void letsNoMoreWaitThanItMay() throws Exception {
        EarlyTalker plugin = plugin("mostWaiting", 1);
        EarlyTalker[] asked = {plugin};
        List<Verdict> inner = new ArrayList<>();
        EarlyTalker crowded = new EarlyTalker(
                Settings.of(
                        EarlyTalker.Config.class, "action", "reject", "delay", 50L, "remember", 0L, "mostWaiting", 1),
                state,
                meters,
                time -> inner.add(connect(asked[0])));
        asked[0] = crowded;
        assertEquals(Verdict.next(), connect(crowded));
        assertEquals(List.of(Verdict.next()), inner);
        assertEquals(1.0, clients("crowded"));
        assertEquals(1.0, clients("polite"));
    }

    @Test
    void knowsNetworksAndNotAddresses() throws Exception {
        Acquaintances known = new Acquaintances(state, 24, 64, Duration.ofDays(1));
        assertEquals("192.0.2.0/24", known.network(InetAddress.getByName("192.0.2.255")));
        assertEquals("2001:db8:1:2:0:0:0:0/64", known.network(InetAddress.getByName("2001:db8:1:2:3::4")));
        assertEquals(
                "192.0.2.128/26",
                new Acquaintances(state, 26, 64, Duration.ofDays(1)).network(InetAddress.getByName("192.0.2.191")));
        known.remember(InetAddress.getByName("192.0.2.1"));
        assertTrue(known.know(InetAddress.getByName("192.0.2.2")));
    }

    @Test
    void failsWhenItCanNotTellWhoIsKnown() {
        EarlyTalker plugin = plugin();
        state.failing(true);
        assertThrows(IllegalStateException.class, () -> connect(plugin));
    }

    @Test
    void givesUpWhenItIsInterrupted() {
        EarlyTalker plugin = new EarlyTalker(
                Settings.of(EarlyTalker.Config.class, "action", "reject", "delay", 4000L, "remember", 0L),
                state,
                meters,
                Thread::sleep);
        Thread.currentThread().interrupt();
        assertThrows(IllegalStateException.class, () -> connect(plugin));
        assertTrue(Thread.interrupted());
    }
}
