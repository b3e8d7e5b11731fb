// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.reputation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.posthouse.api.Address;
import org.posthouse.api.AuthResults;
import org.posthouse.api.Event;
import org.posthouse.api.Need;
import org.posthouse.api.Recipient;
import org.posthouse.api.Stage;
import org.posthouse.api.Verdict;
import org.posthouse.api.operator.Arguments;
import org.posthouse.api.operator.CommandException;
import org.posthouse.testkit.FakeSession;
import org.posthouse.testkit.FakeTransaction;
import org.posthouse.testkit.Settings;
import org.posthouse.testkit.service.FakeState;
import org.posthouse.testkit.service.SettableClock;

final class ReputationTest {
    private static final Recipient TO = Recipient.of(Address.of("b@example.net"));
    private static final String NETWORK = "192.0.2.0/24";
    private static final String SESSION = FakeSession.with().build().id();
    private static final long WEEK = Duration.ofDays(7).toMillis();

    private final SettableClock clock = SettableClock.at(Instant.parse("2026-01-05T12:00:00Z"));
    private final FakeState state = new FakeState(clock);
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final Memory memory = new Memory(state, 65_536, Duration.ofMillis(WEEK), clock);
    private FakeTransaction tx;

    private static Reputation.Config config(Object... pairs) {
        List<Object> all = new ArrayList<>(List.of("halfLife", WEEK, "samples", 10));
        all.addAll(List.of(pairs));
        return Settings.of(Reputation.Config.class, all.toArray());
    }

    private Reputation plugin(Object... pairs) {
        return new Reputation(config(pairs), state, meters, clock);
    }

    private FakeSession.Builder client() {
        return FakeSession.with().needs(Need.PEER).peer("192.0.2.7");
    }

    private FakeTransaction.Builder at(Stage stage) {
        return FakeTransaction.at(stage).needs(Need.PEER).in(client()).from("a@example.org");
    }

    private static AuthResults spf(String value, String domain) {
        return new AuthResults(List.of(new AuthResults.Result("spf", value, "", List.of("smtp.mailfrom=" + domain))));
    }

    private Verdict judged(Reputation plugin, FakeTransaction.Builder mail, String to) {
        assertInstanceOf(Verdict.Continue.class, plugin.onConnect(client().build()));
        tx = mail.build();
        assertInstanceOf(Verdict.Continue.class, plugin.onMail(tx, tx.sender()));
        return plugin.onRcpt(tx, Recipient.of(Address.of(to)));
    }

    private Verdict judged(Reputation plugin) {
        return judged(plugin, at(Stage.MAIL), "b@example.net");
    }

    private static String reply(Verdict verdict) {
        return assertInstanceOf(Verdict.Refusal.class, verdict).reply().toString();
    }

    private void known(String name, double good, double bad) {
        memory.add(name, good, bad);
    }

    private static Event event(Event.Type type, Object... facts) {
        Event.Builder event = Event.of(type).with("session", SESSION);
        for (int i = 0; i < facts.length; i += 2) {
            if (facts[i + 1] instanceof Integer number) {
                event.with((String) facts[i], number);
            } else {
                event.with((String) facts[i], (String) facts[i + 1]);
            }
        }
        return event.build();
    }

    private String standing(String name) {
        Standing standing = memory.of(name);
        return standing.good() + " " + standing.bad();
    }

    @Test
    void asShippedItNeitherLearnsNorJudges() {
        Reputation plugin = plugin();
        assertEquals(Verdict.next(), judged(plugin));
        plugin.onMessage(at(Stage.DATA).build(), tx.message());
        plugin.onEvent(event(Event.Type.RECEPTION, "id", FakeTransaction.ID));
        plugin.onEvent(event(Event.Type.REJECTION, "stage", "rcpt", "code", 550));
        assertEquals(0, state.uses());
    }

    @Test
    void learnsWhatCameOfMessages() {
        Reputation plugin = plugin("learn", true);
        plugin.onConnect(client().build());
        plugin.onMessage(at(Stage.DATA).build(), at(Stage.DATA).build().message());
        plugin.onEvent(event(Event.Type.RECEPTION, "id", FakeTransaction.ID));
        assertEquals("1.0 0.0", standing(NETWORK));
        plugin.onEvent(event(Event.Type.DELIVERY, "id", FakeTransaction.ID));
        plugin.onEvent(event(Event.Type.DELIVERY, "id", FakeTransaction.ID));
        assertEquals("2.0 0.0", standing(NETWORK));

        plugin.onMessage(at(Stage.DATA).build(), at(Stage.DATA).build().message());
        plugin.onEvent(event(Event.Type.RECEPTION, "id", FakeTransaction.ID));
        plugin.onEvent(event(Event.Type.BOUNCE, "id", FakeTransaction.ID));
        assertEquals("3.0 1.0", standing(NETWORK));

        FakeTransaction spam = at(Stage.DATA).score("BAD", 7).build();
        plugin.onMessage(spam, spam.message());
        plugin.onEvent(event(Event.Type.RECEPTION, "id", FakeTransaction.ID));
        plugin.onEvent(event(Event.Type.DELIVERY, "id", FakeTransaction.ID));
        assertEquals("3.0 2.0", standing(NETWORK));
    }

    @Test
    void learnsFromRefusalsForGoodButItsOwn() {
        Reputation plugin = plugin("learn", true);
        plugin.onConnect(client().build());
        plugin.onEvent(event(Event.Type.REJECTION, "stage", "rcpt", "code", 550, "enhanced", "5.1.1"));
        plugin.onEvent(event(Event.Type.REJECTION, "stage", "rcpt", "code", 451));
        plugin.onEvent(event(Event.Type.REJECTION, "stage", "rcpt", "code", 550, "hook", "reputation"));
        plugin.onEvent(event(Event.Type.REJECTION, "stage", "mail", "code", 550, "enhanced", "5.7.1"));
        assertEquals("0.0 2.0", standing(NETWORK));
        for (int i = 0; i < 1000; i++) {
            plugin.onEvent(event(Event.Type.REJECTION, "stage", "rcpt", "code", 550, "enhanced", "5.1.1"));
        }
        assertEquals("0.0 10.0", standing(NETWORK));
        assertEquals(
                9.0,
                meters.get("posthouse.reputation.events")
                        .tag("event", "unknown")
                        .counter()
                        .count());
    }

    @Test
    void learnsOfConfirmedDomainsAlone() {
        Reputation plugin = plugin("learn", true);
        plugin.onConnect(client().build());
        for (AuthResults results : List.of(spf("fail", "example.org"), spf("pass", "other.example"))) {
            FakeTransaction one = at(Stage.DATA).results(results).build();
            plugin.onMessage(one, one.message());
            plugin.onEvent(event(Event.Type.RECEPTION, "id", FakeTransaction.ID));
        }
        assertEquals("0.0 0.0", standing("example.org"));
        FakeTransaction one =
                at(Stage.DATA).results(spf("pass", "a@example.org")).build();
        plugin.onMessage(one, one.message());
        plugin.onEvent(event(Event.Type.REJECTION, "id", FakeTransaction.ID, "stage", "data", "code", 550));
        assertEquals("0.0 1.0", standing("example.org"));
        assertEquals("2.0 1.0", standing(NETWORK));
    }

    @Test
    void learnsNothingOfTrustedUsersAndOtherListeners() {
        Reputation plugin = plugin("learn", true);
        for (FakeSession.Builder one :
                List.of(client().trusted(), client().user("anna"), client().listener("feeder", "relay"))) {
            plugin.onConnect(one.build());
            plugin.onMessage(
                    at(Stage.DATA).in(one).build(), at(Stage.DATA).build().message());
            plugin.onEvent(event(Event.Type.RECEPTION, "id", FakeTransaction.ID));
            plugin.onEvent(event(Event.Type.REJECTION, "stage", "rcpt", "code", 550));
        }
        assertEquals(Map.of(), memory.all());
    }

    @Test
    void stopsBlamingAClientThatAuthenticates() {
        Reputation plugin = plugin("learn", true);
        plugin.onConnect(client().build());
        FakeTransaction users = at(Stage.MAIL).in(client().user("anna")).build();
        plugin.onMail(users, users.sender());
        plugin.onEvent(event(Event.Type.REJECTION, "stage", "rcpt", "code", 550));
        assertEquals(Map.of(), memory.all());
    }

    @Test
    void refusesOnlyWhenEnoughIsKnown() {
        known(NETWORK, 0, 9);
        Reputation plugin = plugin("reject", 0.2);
        assertEquals(Verdict.next(), judged(plugin));
        known(NETWORK, 0, 1);
        Verdict verdict = judged(plugin);
        assertTrue(reply(verdict).startsWith("550 5.7.1 Refused because"));
        assertEquals("192.0.2.0/24 0.00 of 10.0", verdict.reason());
        assertEquals(Verdict.next(), judged(plugin, at(Stage.MAIL), "Postmaster@example.net"));
        clock.pass(Duration.ofDays(7));
        assertEquals(Verdict.next(), judged(plugin), "after a while it may try again");
    }

    @Test
    void defersAndScoresBetweenTheThresholds() {
        known(NETWORK, 3, 7);
        Reputation plugin = plugin("reject", 0.1, "defer", 0.4, "score", 0.5, "points", 2.0);
        assertTrue(reply(judged(plugin)).startsWith("451 4.7.1 Refused for now"));
        assertEquals(Map.of("REPUTATION", 2.0), tx.scores());
        known(NETWORK, 20, 0);
        assertEquals(Verdict.next(), judged(plugin));
        assertEquals(Map.of(), tx.scores());
    }

    @Test
    void judgesADomainThatIsConfirmed() {
        known("example.org", 0, 50);
        Reputation plugin = plugin("reject", 0.2);
        assertEquals(Verdict.next(), judged(plugin));
        Verdict verdict = judged(
                plugin,
                at(Stage.MAIL).results(spf("pass", "example.org")),
                TO.address().toString());
        assertInstanceOf(Verdict.Reject.class, verdict);
        assertEquals("192.0.2.0/24 1.00 of 0.0 (too few), example.org 0.00 of 50.0", verdict.reason());
    }

    @Test
    void tellsOtherPluginsWhatItKnows() {
        known(NETWORK, 5, 15);
        FakeSession session = client().build();
        plugin("learn", true).onConnect(session);
        assertEquals(Map.of(Reputation.VALUE, 0.25), session.notes());
    }

    @Test
    void failsWhenItCanNotRemember() {
        state.failing(true);
        Reputation plugin = plugin("reject", 0.2);
        assertThrows(IllegalStateException.class, () -> plugin.onConnect(client().build()));
    }

    @Test
    void showsAndForgets() throws CommandException {
        known(NETWORK, 5, 15);
        known("example.org", 1, 0);
        ShowReputation show = new ShowReputation(config(), state, clock);
        assertEquals(
                List.of(List.of(NETWORK, "5.00", "15.00", "0.25")),
                show.run(Arguments.of(Map.of())).rows());
        assertEquals(
                List.of(List.of("example.org", "1.00", "0.00", "1.00")),
                show.run(Arguments.of(Map.of("of", List.of("Example.ORG")))).rows());
        ForgetReputation forget = new ForgetReputation(config(), state, clock);
        Arguments client = Arguments.of(Map.of("name", List.of("192.0.2.9")));
        assertEquals(
                "Nothing is known of 192.0.2.0/24 any more.", forget.run(client).note());
        assertThrows(CommandException.class, () -> forget.run(client));
        assertEquals(
                "Nothing is known of 192.0.2.0/24.",
                show.run(Arguments.of(Map.of("of", List.of("192.0.2.9")))).note());
    }
}
