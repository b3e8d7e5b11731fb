// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.routing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.posthouse.api.Address;
import org.posthouse.api.Edit;
import org.posthouse.api.Need;
import org.posthouse.api.Recipient;
import org.posthouse.api.Stage;
import org.posthouse.api.Verdict;
import org.posthouse.testkit.FakeSession;
import org.posthouse.testkit.FakeTransaction;
import org.posthouse.testkit.Settings;
import org.posthouse.testkit.service.SettableClock;

final class RoutingTest {
    private static final Address ANNA = Address.of("anna@local.test");
    private static final Address BERT = Address.of("bert@local.test");
    private static final Address AWAY = Address.of("anna@away.test");

    private final SettableClock clock = SettableClock.at(Instant.parse("2026-11-25T12:00:00Z"));
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();

    private Routing plugin(String... rules) {
        return plugin("bounces", rules);
    }

    private Routing plugin(String takes, String[] rules) {
        return new Routing(
                Settings.of(
                        Routing.Config.class,
                        "rules",
                        rules,
                        "srsDomain",
                        "srs.test",
                        "_srsSecrets",
                        new String[] {"a secret of the server"},
                        "srsMaxAge",
                        Duration.ofDays(21).toMillis(),
                        "srsExempt",
                        new String[] {"own.test", "*.own.test"},
                        "srsTakes",
                        takes),
                meters,
                clock);
    }

    private static FakeTransaction.Builder at(Stage stage) {
        return FakeTransaction.at(stage)
                .needs(Need.PEER, Need.BODY, Need.ACCEPT, Need.EDIT_SENDER, Need.EDIT_RECIPIENTS, Need.EDIT_HEADERS)
                .from("sender@example.org");
    }

    private static Verdict rcpt(Routing plugin, String from, String to) {
        return plugin.onRcpt(at(Stage.RCPT).from(from).build(), Recipient.of(Address.of(to)));
    }

    private static Verdict data(Routing plugin, FakeTransaction tx) {
        return plugin.onMessage(tx, tx.message());
    }

    private static Verdict queue(Routing plugin, FakeTransaction tx) {
        return plugin.onQueue(tx, tx.message());
    }

    private static Edit.Split split(FakeTransaction tx, int index) {
        return assertInstanceOf(Edit.Split.class, tx.edits().get(index));
    }

    private double counted(String action) {
        return meters.counter("posthouse.routing", "action", action).count();
    }

    @Test
    void refusesARecipientWhereThatCanBeToldAtOnce() {
        Routing plugin = plugin("to = *@old.test -> reject 550 5.1.6 \"Moved\" # since May");
        assertEquals(
                Verdict.reject("5.1.6", "Moved").because("routing rule 1: since May"),
                rcpt(plugin, "a@example.org", "x@old.test"));
        assertEquals(Verdict.next(), rcpt(plugin, "a@example.org", "x@local.test"));
    }

    @Test
    void doesNotRefuseEarlyWhatAnEarlierRuleMayStillDecide() {
        Routing plugin = plugin("header X-Pass = yes -> deliver", "to = *@old.test -> reject");
        assertEquals(Verdict.next(), rcpt(plugin, "a@example.org", "x@old.test"));
        assertEquals(
                Verdict.next(),
                data(
                        plugin,
                        at(Stage.DATA).to("x@old.test").headers("X-Pass: yes").build()));
        assertInstanceOf(
                Verdict.Reject.class,
                data(
                        plugin,
                        at(Stage.DATA).to("x@old.test").headers("X-Pass: no").build()));
    }

    @Test
    void aRuleInFrontSpares() {
        Routing plugin = plugin("from = *@friend.test -> deliver", "to = *@old.test -> reject");
        assertEquals(Verdict.next(), rcpt(plugin, "a@friend.test", "x@old.test"));
    }

    @Test
    void refusesForAllWhenItRefusesForOne() {
        Routing plugin =
                plugin("to = bert@local.test and header Subject ~ \"offer\" -> reject 554 5.7.1 \"No offers\"");
        Verdict verdict = data(
                plugin,
                at(Stage.DATA)
                        .to("anna@local.test", "bert@local.test")
                        .headers("Subject: an offer")
                        .build());
        assertEquals(Verdict.reject(554, "5.7.1", "No offers").because("routing rule 1"), verdict);
    }

    @Test
    void judgesSizeWithTheMessage() {
        Routing plugin = plugin("size > 100 -> reject 552 5.3.4 \"Too large\"");
        assertEquals(
                Verdict.next(),
                data(plugin, at(Stage.DATA).to("a@local.test").body("x").build()));
        assertInstanceOf(
                Verdict.Reject.class,
                data(
                        plugin,
                        at(Stage.DATA).to("a@local.test").body("x".repeat(200)).build()));
    }

    @Test
    void forwardsWithAReversePathOfOurs() {
        FakeTransaction tx =
                at(Stage.QUEUE).to("anna@local.test", "bert@local.test").build();
        assertEquals(Verdict.next(), queue(plugin("to = anna@local.test -> forward anna@away.test"), tx));
        assertEquals(1, tx.edits().size());
        Edit.Split split = split(tx, 0);
        assertEquals(List.of(ANNA), split.recipients());
        Address sender = split.sender().orElseThrow();
        assertTrue(sender.toString().matches("SRS0=\\w+=\\w\\w=example\\.org=sender@srs\\.test"), sender.toString());
        assertEquals(
                List.of(
                        new Edit.ReplaceRecipient(ANNA, List.of(AWAY)),
                        Edit.prependHeader("Delivered-To", "anna@local.test")),
                split.edits());
        assertEquals(1, counted("forward"));
    }

    @Test
    void redirectsWithTheSenderUntouched() {
        FakeTransaction tx = at(Stage.QUEUE).to("anna@local.test").build();
        queue(plugin("to = *@local.test -> redirect (*@new.test, bert@local.test)"), tx);
        assertEquals(Optional.empty(), split(tx, 0).sender());
        assertEquals(
                new Edit.ReplaceRecipient(ANNA, List.of(Address.of("anna@new.test"), BERT)),
                split(tx, 0).edits().getFirst());
    }

    @Test
    void keepsACopyForTheRecipient() {
        FakeTransaction tx = at(Stage.QUEUE).to("anna@local.test").build();
        queue(plugin("any -> forward anna@away.test keep"), tx);
        assertEquals(new Edit.AddRecipient(Recipient.of(ANNA)), tx.edits().get(1));
        FakeTransaction self = at(Stage.QUEUE).to("anna@local.test").build();
        queue(plugin("any -> redirect (anna@local.test, anna@away.test)"), self);
        assertEquals(
                new Edit.ReplaceRecipient(ANNA, List.of(AWAY)),
                split(self, 0).edits().getFirst());
        assertEquals(new Edit.AddRecipient(Recipient.of(ANNA)), self.edits().get(1));
    }

    @Test
    void leavesTheReversePathOfNoticesAndOfOurOwnDomains() {
        for (String from : List.of("", "a@own.test", "a@host.own.test", "postmaster")) {
            FakeTransaction tx =
                    at(Stage.QUEUE).from(from).to("anna@local.test").build();
            queue(plugin("any -> forward anna@away.test"), tx);
            assertEquals(Optional.empty(), split(tx, 0).sender(), from);
        }
    }

    @Test
    void holdsTheEnvelopeOfThoseInQuarantineAlone() {
        FakeTransaction tx = at(Stage.QUEUE)
                .to("anna@local.test", "bert@local.test", "carl@local.test")
                .headers("X-Spam-Flag: YES")
                .build();
        Routing plugin = plugin(
                "to = carl@local.test -> redirect carl@new.test",
                "to = anna@local.test and header X-Spam-Flag = yes -> quarantine # spam");
        assertEquals(Verdict.hold("routing rule 2: spam"), queue(plugin, tx));
        assertEquals(List.of(Address.of("carl@local.test")), split(tx, 0).recipients());
        assertEquals(
                new Edit.Split(List.of(BERT), Optional.empty(), List.of()),
                tx.edits().get(1));
        assertEquals(2, tx.edits().size());
    }

    @Test
    void holdsByTheSumOfScores() {
        FakeTransaction tx = at(Stage.QUEUE)
                .to("anna@local.test")
                .score("X", 4)
                .score("Y", 3)
                .build();
        assertEquals(Verdict.hold("routing rule 1"), queue(plugin("score >= 7 -> quarantine"), tx));
    }

    @Test
    void selectsByTenant() {
        Routing plugin = plugin("tenant = shop and size > 10 -> quarantine");
        assertInstanceOf(
                Verdict.Hold.class,
                queue(
                        plugin,
                        at(Stage.QUEUE)
                                .tenant("shop")
                                .to("a@local.test")
                                .body("0123456789")
                                .build()));
        assertEquals(
                Verdict.next(),
                queue(
                        plugin,
                        at(Stage.QUEUE)
                                .tenant("office")
                                .to("a@local.test")
                                .body("0123456789")
                                .build()));
    }

    @Test
    void refusesWhatWasHereBefore() {
        Routing plugin = plugin("to = anna@local.test -> forward anna@away.test");
        FakeTransaction tx = at(Stage.DATA)
                .to("anna@local.test")
                .headers("Delivered-To: Anna@Local.Test", "Subject: x")
                .build();
        assertEquals(
                Verdict.reject(554, "5.4.6", "Mail for this recipient goes round")
                        .because("routing rule 1: it was here before, for anna@local.test"),
                data(plugin, tx));
        FakeTransaction notice = at(Stage.QUEUE)
                .in(FakeSession.with().listener("internal", "internal"))
                .from("")
                .to("anna@local.test")
                .headers("Delivered-To: anna@local.test")
                .build();
        assertInstanceOf(Verdict.Hold.class, queue(plugin, notice));
        assertEquals(List.of(), notice.edits());
    }

    @Test
    void holdsWhatWouldHaveBeenRefusedHadItBeenKnownInTime() {
        Routing plugin = plugin("tenant = shop -> reject");
        assertEquals(
                Verdict.hold("routing rule 1 would have refused it, but applied too late"),
                queue(plugin, at(Stage.QUEUE).tenant("shop").to("a@local.test").build()));
        FakeTransaction notice = at(Stage.QUEUE)
                .in(FakeSession.with().listener("internal", "internal"))
                .tenant("shop")
                .to("a@local.test")
                .build();
        assertEquals(Verdict.next(), queue(plugin, notice));
    }

    private Address srs(String sender) {
        FakeTransaction tx = at(Stage.QUEUE).from(sender).to("anna@local.test").build();
        queue(plugin("any -> forward anna@away.test"), tx);
        return split(tx, 0).sender().orElseThrow();
    }

    @Test
    void acceptsAndReversesWhatBounces() {
        Address address = srs("sender@example.org");
        assertEquals(Verdict.accept().because("bounce for sender@example.org"), rcpt(plugin(), "", address.toString()));
        FakeTransaction tx = at(Stage.QUEUE)
                .from("")
                .to(address.toString(), "anna@local.test")
                .build();
        assertEquals(Verdict.next(), queue(plugin(), tx));
        assertEquals(
                List.of(new Edit.ReplaceRecipient(address, List.of(Address.of("sender@example.org")))), tx.edits());
        assertEquals(1, counted("reverse"));
    }

    @Test
    void asksNoRuleAboutWhatBounces() {
        Address address = srs("sender@example.org");
        Routing plugin = plugin("any -> reject");
        assertInstanceOf(Verdict.Accept.class, rcpt(plugin, "", address.toString()));
        assertEquals(
                Verdict.next(),
                data(plugin, at(Stage.DATA).from("").to(address.toString()).build()));
    }

    @Test
    void refusesWhatIsNoBounceUnlessTold() {
        String address = srs("sender@example.org").toString();
        assertEquals(
                Verdict.reject("5.7.1", "Only notices are taken here").because("SRS address, but not the null sender"),
                rcpt(plugin(), "someone@example.net", address));
        assertInstanceOf(Verdict.Accept.class, rcpt(plugin("all", new String[0]), "someone@example.net", address));
    }

    @Test
    void refusesForgedAndExpiredAddressesWithTheSameWords() {
        String address = srs("sender@example.org").toString();
        Verdict.Reject forged =
                assertInstanceOf(Verdict.Reject.class, rcpt(plugin(), "", address.replace("=sender", "=other")));
        clock.pass(Duration.ofDays(22));
        Verdict.Reject expired = assertInstanceOf(Verdict.Reject.class, rcpt(plugin(), "", address));
        assertEquals(forged.reply(), expired.reply());
        assertEquals("SRS0 address of 22 days ago", expired.reason());
        assertEquals(2, counted("forged"));
    }

    @Test
    void hasNoOpinionAsShipped() {
        Routing plugin = new Routing(
                Settings.of(
                        Routing.Config.class,
                        "srsDomain",
                        "",
                        "srsMaxAge",
                        Duration.ofDays(21).toMillis()),
                meters,
                clock);
        FakeTransaction tx = at(Stage.QUEUE).to("SRS0=a=b=c=d@srs.test").build();
        assertEquals(Verdict.next(), rcpt(plugin, "", "SRS0=a=b=c=d@srs.test"));
        assertEquals(Verdict.next(), data(plugin, at(Stage.DATA).to("a@b.test").build()));
        assertEquals(Verdict.next(), queue(plugin, tx));
        assertEquals(List.of(), tx.edits());
    }

    @Test
    void refusesToForwardWithoutADomainAndASecret() {
        for (Object[] settings : new Object[][] {
            {"rules", new String[] {"any -> forward a@b.test"}, "srsDomain", "", "srsMaxAge", 86_400_000L},
            {"srsDomain", "srs.test", "srsMaxAge", 86_400_000L},
            {"srsDomain", "*.test", "_srsSecrets", new String[] {"a secret of the server"}, "srsMaxAge", 86_400_000L},
            {"srsDomain", "", "srsMaxAge", 1000L}
        }) {
            assertThrows(
                    IllegalArgumentException.class,
                    () -> new Routing(Settings.of(Routing.Config.class, settings), meters, clock));
        }
    }
}
