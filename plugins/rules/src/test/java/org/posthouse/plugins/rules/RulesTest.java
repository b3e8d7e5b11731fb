// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.rules;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.posthouse.api.Address;
import org.posthouse.api.Edit;
import org.posthouse.api.Recipient;
import org.posthouse.api.Verdict;
import org.posthouse.api.operator.Arguments;
import org.posthouse.api.operator.Command;
import org.posthouse.api.operator.CommandException;
import org.posthouse.api.operator.HealthCheck;
import org.posthouse.api.operator.Table;

final class RulesTest {
    private static final String BLOCK = "mail: from = *@spam.example -> reject \"Not today\" # campaign 17";

    /** A clock that a test turns. */
    private static final class Hand extends Clock {
        private volatile Instant now = Instant.parse("2026-11-01T12:00:00Z");

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }

        @Override
        public Instant instant() {
            return now;
        }

        void on(Duration span) {
            now = now.plus(span);
        }
    }

    private final Hand clock = new Hand();
    private final FakeState state = new FakeState(clock);
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final Props props = new Props();
    private final List<Rules> open = new ArrayList<>();

    private Rules plugin(String... rules) {
        Rules plugin = new Rules(state, meters, Props.config(rules), clock, Duration.ofMillis(1));
        open.add(plugin);
        return plugin;
    }

    @AfterEach
    void stop() {
        open.forEach(Rules::stop);
    }

    private Verdict mail(Rules plugin) {
        return plugin.onMail(props.tx(), props.tx().sender());
    }

    private static void await(BooleanSupplier condition) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() < deadline, "in vain");
            LockSupport.parkNanos(1_000_000);
        }
    }

    private Table add(String rule, String... span) throws CommandException {
        Map<String, List<String>> arguments =
                span.length == 0 ? Map.of("rule", List.of(rule)) : Map.of("rule", List.of(rule), "for", List.of(span));
        return new RuleAdd(state, Props.config(BLOCK), clock).run(Arguments.of(arguments));
    }

    private static Table run(Command command, String id) throws CommandException {
        return command.run(Arguments.of(Map.of("id", List.of(id))));
    }

    private List<String> row(int index, String... configured) {
        return new RuleList(state, Props.config(configured), clock)
                .run(Arguments.of(Map.of()))
                .rows()
                .get(index);
    }

    @Test
    void aRuleThatWasTriedAndThenConfiguredOutlivesTheTrialAndCountsOnce() throws CommandException {
        String scores = "mail: any -> score TRIED 2";
        add(scores, "1h");
        Rules plugin = plugin(scores);
        assertEquals(Verdict.next(), mail(plugin));
        assertEquals(Map.of("TRIED", 2.0), props.tx().scores());
        clock.on(Duration.ofHours(2));
        assertEquals(Verdict.next(), mail(plugin));
        assertEquals(Map.of("TRIED", 4.0), props.tx().scores());
    }

    @Test
    void aRuleThatWasTriedAndThenConfiguredStaysOffWhenItsTrialEnds() throws CommandException {
        String scores = "mail: any -> score TRIED 2";
        add(scores, "1h");
        run(new RuleOff(state, Props.config(scores), clock), Rule.id(scores));
        clock.on(Duration.ofHours(2));
        assertEquals(Verdict.next(), mail(plugin(scores)));
        assertEquals(Map.of(), props.tx().scores());
        assertEquals("off", row(0, scores).get(2));
    }

    @Test
    void forgetsTheSwitchesOfRulesThatAreGone() throws CommandException {
        String gone = "mail: any -> score GONE 2";
        add(gone, "1h");
        run(new RuleOff(state, Props.config(BLOCK), clock), Rule.id(gone));
        clock.on(Duration.ofHours(2));
        run(new RuleOff(state, Props.config(BLOCK), clock), Rule.id(BLOCK));
        assertEquals(Set.of(Rule.id(BLOCK)), new Shelf(state, clock).book().off());
    }

    @Test
    void refusesAndGivesTheReasonToTheLogAlone() {
        assertEquals(
                Verdict.reject("5.7.1", "Not today").because("rule " + Rule.id(BLOCK) + ": campaign 17"),
                mail(plugin(BLOCK)));
        props.from = Address.of("anna@example.org");
        assertEquals(Verdict.next(), mail(plugin(BLOCK)));
    }

    @Test
    void hasNoOpinionAsShipped() {
        Rules plugin = plugin();
        assertEquals(Verdict.next(), plugin.onConnect(props.session()));
        assertEquals(Verdict.next(), plugin.onHelo(props.session()));
        assertEquals(Verdict.next(), mail(plugin));
        assertEquals(Verdict.next(), plugin.onRcpt(props.tx(), props.to.getFirst()));
        assertEquals(Verdict.next(), plugin.onMessage(props.tx(), props.message()));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "peer in 192.0.2.0/24|true",
                "peer = 192.0.2.8|false",
                "peer != 192.0.2.8|true",
                "peer in (2001:db8::/32, 192.0.2.7)|true",
                "helo = CLIENT.*|true",
                "helo = client|false",
                "helo in (x, *.example)|true",
                "helo ~ \"^Client\\.\"|true",
                "helo !~ \"client\"|false",
                "from = *@SPAM.example|true",
                "from = \"\"|false",
                "to = bert@*|true",
                "to = carl@*|false",
                "to != carl@*|true",
                "to != bert@*|false",
                "header Subject = *cheap*|true",
                "header subject ~ \"CHEAP\\s\"|true",
                "header X-None = *|false",
                "header X-None != *|true",
                "header Received = *two*|true",
                "size > 499|true",
                "size <= 499|false",
                "size = 500|true",
                "size != 500|false",
                "user = \"\"|true",
                "authenticated|false",
                "trusted or encrypted|false",
                "listener = mx and profile = mx|true",
                "tls = \"\"|true",
                "score = 0.3|true",
                "score A >= 0.2|true",
                "score NONE != 0|false",
                "not (any and score > 5)|true"
            })
    void tellsWhetherARuleApplies(String condition, boolean applies) {
        props.to.add(Recipient.of(Address.of("bert@example.org")));
        props.header("Received", "one");
        props.header("Received", "two");
        props.header("Subject", "very cheap things");
        props.scores.put("A", 0.2);
        props.scores.put("B", 0.1);
        Verdict verdict = plugin("data: " + condition + " -> hold").onMessage(props.tx(), props.message());
        assertEquals(applies, verdict instanceof Verdict.Hold);
    }

    @Test
    void aSizeThatWasNotDeclaredSatisfiesNoTest() {
        for (String test : List.of("size < 1", "size >= 0", "size = 0", "size != 7")) {
            assertEquals(Verdict.next(), mail(plugin("mail: " + test + " -> reject")), test);
        }
        props.declared = 8;
        assertEquals(
                Verdict.Reject.class, mail(plugin("mail: size != 7 -> reject")).getClass());
    }

    @Test
    void theNullReversePathIsEmpty() {
        props.from = Address.NULL;
        assertEquals(
                Verdict.Defer.class, mail(plugin("mail: from = \"\" -> defer")).getClass());
    }

    @Test
    void atRcptTheAskedRecipientCounts() {
        Rules plugin = plugin("rcpt: to = anna@* -> reject");
        assertEquals(Verdict.next(), plugin.onRcpt(props.tx(), Recipient.of(Address.of("bert@example.org"))));
        assertEquals(
                Verdict.Reject.class,
                plugin.onRcpt(props.tx(), props.to.getFirst()).getClass());
    }

    @Test
    void tagAndScoreGoOnAndAVerdictEnds() {
        Rules plugin = plugin(
                "mail: any -> tag campaign",
                "mail: any -> score CAMPAIGN 2.5",
                "mail: score >= 2.5 -> continue",
                "mail: any -> reject");
        assertEquals(Verdict.Continue.class, mail(plugin).getClass());
        assertEquals(List.of(new Edit.Tag("campaign")), props.edits);
        assertEquals(Map.of("CAMPAIGN", 2.5), props.scores);
    }

    @Test
    void aRuleEnds() {
        Rules plugin = plugin("mail: any -> reject until 2026-11-01T13:00Z");
        assertEquals(Verdict.Reject.class, mail(plugin).getClass());
        clock.on(Duration.ofHours(1));
        assertEquals(Verdict.next(), mail(plugin));
    }

    @Test
    void refusesAConfigurationWithAllItsFindings() {
        IllegalArgumentException refused = assertThrows(
                IllegalArgumentException.class, () -> plugin(BLOCK, "mail: any -> accept", BLOCK, "helo: x"));
        assertEquals(
                "rules: rule 2, column 14: expected reject, defer, discard, hold, tag, score or continue, not 'accept';"
                        + " rule 3 is the same as rule 1; rule 4, column 7: expected one of peer, listener, profile,"
                        + " trusted, encrypted, any, helo, tls, not 'x'",
                refused.getMessage());
    }

    @Test
    void anExpressionTakesLinearTimeWhateverTheClientSends() {
        props.header("Subject", "a".repeat(1_000_000) + "b");
        Rules plugin = plugin("data: header Subject ~ \"^(a+)+$\" -> hold");
        assertTimeoutPreemptively(Duration.ofSeconds(5), () -> plugin.onMessage(props.tx(), props.message()));
    }

    @Test
    void aRuleThatIsAddedCountsBeforeThoseOfTheConfigurationAndEnds() throws CommandException {
        Rules plugin = plugin("mail: any -> continue");
        assertEquals(Verdict.Continue.class, mail(plugin).getClass());
        assertEquals(
                "Rule " + Rule.id("mail: any -> defer")
                        + " counts on every node within a second, until 2026-11-01T12:30:00Z.",
                add("mail: any -> defer", "30m").note());
        await(() -> mail(plugin) instanceof Verdict.Defer);
        clock.on(Duration.ofMinutes(30));
        assertEquals(Verdict.Continue.class, mail(plugin).getClass());
    }

    @Test
    void aRuleThatWasAddedOutlivesARestart() throws CommandException {
        add("mail: any -> defer");
        assertEquals(Verdict.Defer.class, mail(plugin()).getClass());
    }

    @Test
    void switchesRulesOffAndOnAndRemovesThem() throws CommandException {
        Rules plugin = plugin(BLOCK);
        String id = Rule.id(BLOCK);
        assertEquals(
                "Rule " + id + " is off on every node within a second.",
                run(new RuleOff(state, Props.config(BLOCK), clock), id.substring(0, 5))
                        .note());
        await(() -> mail(plugin).equals(Verdict.next()));
        assertEquals("off", row(0, BLOCK).get(2));
        run(new RuleOn(state, Props.config(BLOCK), clock), id);
        await(() -> mail(plugin) instanceof Verdict.Reject);
        assertTrue(assertThrows(
                        CommandException.class, () -> run(new RuleRemove(state, Props.config(BLOCK), clock), id))
                .getMessage()
                .contains("stands in plugins/rules.yaml"));

        add("mail: any -> defer");
        await(() -> mail(plugin) instanceof Verdict.Defer);
        run(new RuleRemove(state, Props.config(BLOCK), clock), Rule.id("mail: any -> defer"));
        await(() -> mail(plugin) instanceof Verdict.Reject);
    }

    @Test
    void countsHitsAndKeepsThem() {
        Rules plugin = plugin(BLOCK);
        mail(plugin);
        mail(plugin);
        await(() -> row(0, BLOCK).get(3).equals("2"));
        assertEquals(
                List.of(Rule.id(BLOCK), "configuration", "on", "2", "2026-11-01T12:00:00Z", "ever", "mail", BLOCK),
                row(0, BLOCK));
        assertEquals(
                2, meters.counter("posthouse.rules.hits", "action", "reject").count());
    }

    @Test
    void hitsThatCouldNotBeKeptAreKeptLater() {
        Rules plugin = plugin(BLOCK);
        state.broken = true;
        mail(plugin);
        await(() -> plugin.check().level() == HealthCheck.Level.WARN);
        assertEquals(Verdict.Reject.class, mail(plugin).getClass());
        state.broken = false;
        await(() -> row(0, BLOCK).get(3).equals("2"));
        await(() -> plugin.check().equals(HealthCheck.Finding.OK));
    }

    @Test
    void doesNotServeWithoutHavingReadTheRules() {
        state.broken = true;
        assertThrows(IllegalStateException.class, () -> plugin(BLOCK));
    }

    @Test
    void askingCostsNoLookUp() {
        Rules plugin = new Rules(state, meters, Props.config(BLOCK), clock, Duration.ofHours(1));
        open.add(plugin);
        long before = state.reads.get();
        for (int i = 0; i < 1000; i++) {
            mail(plugin);
        }
        assertEquals(before, state.reads.get());
    }

    @Test
    void tellsTheOperatorWhatIsWrong() throws CommandException {
        assertEquals(
                "That is no rule: column 14: expected reject, defer, discard, hold, tag, score or continue, not 'drop'.",
                assertThrows(CommandException.class, () -> add("mail: any -> drop"))
                        .getMessage());
        assertEquals(
                "--for: expected a span such as 30m, 4h or 7d, not 'ever'.",
                assertThrows(CommandException.class, () -> add("mail: any -> defer", "ever"))
                        .getMessage());
        assertTrue(assertThrows(CommandException.class, () -> add(BLOCK))
                .getMessage()
                .contains("already"));
        assertTrue(assertThrows(CommandException.class, () -> add("mail: any -> defer until 2026-01-01"))
                .getMessage()
                .startsWith("The rule would end at 2026-01-01T00:00:00Z"));
        assertEquals(
                "There is no rule 'zz'; 'rule list' shows them all.",
                assertThrows(CommandException.class, () -> run(new RuleOff(state, Props.config(), clock), "zz"))
                        .getMessage());
        for (int i = 0; i < RuleAdd.MOST; i++) {
            add("mail: from = a" + i + " -> defer");
        }
        assertTrue(assertThrows(CommandException.class, () -> add("mail: any -> defer"))
                .getMessage()
                .startsWith("There are 200"));
        add("mail: from = a7 -> defer", "1h");
    }

    @Test
    void theSameRuleAddedAgainGetsTheNewEnd() throws CommandException {
        add("mail: any -> defer", "1h");
        add("mail: any -> defer", "2h");
        assertEquals("2026-11-01T14:00:00Z", row(0).get(5));
        assertEquals(1, new Shelf(state, clock).book().entries().size());
    }

    @Test
    void warnsOfRulesOfAnotherVersion() {
        new Shelf(state, clock)
                .change(book -> book.with(new Book.Entry(clock.instant().plusSeconds(60), "moon: full -> howl")));
        Rules plugin = plugin();
        assertEquals(HealthCheck.Level.WARN, plugin.check().level());
        assertEquals("unreadable", row(0).get(2));
        clock.on(Duration.ofSeconds(60));
        await(() -> plugin.check().equals(HealthCheck.Finding.OK));
    }

    @Test
    void aBookIsReadAsItWasWritten() {
        Book book = Book.EMPTY
                .with(new Book.Entry(Instant.ofEpochMilli(5), "mail: any -> defer # \"two  blanks\""))
                .switched("abcdef01", false);
        assertEquals(book, Book.of(book.text()));
        assertEquals(Book.EMPTY, Book.of("rule x y\nfuture 1 2\n\nrule 1"));
        assertEquals(List.of(), book.at(Instant.ofEpochMilli(5)).entries());
    }
}
