// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.scorepolicy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.posthouse.api.Address;
import org.posthouse.api.Edit;
import org.posthouse.api.Header;
import org.posthouse.api.Headers;
import org.posthouse.api.Message;
import org.posthouse.api.Recipient;
import org.posthouse.api.Transaction;
import org.posthouse.api.Verdict;

final class ScorePolicyTest {
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final Map<String, Object> values = new HashMap<>();
    private final List<Edit> edits = new ArrayList<>();
    private final List<Header> fields = new ArrayList<>();

    private ScorePolicyTest with(String key, Object value) {
        values.put(key, value);
        return this;
    }

    private ScorePolicy plugin() {
        return new ScorePolicy(
                meters,
                proxy(ScorePolicy.Config.class, (method, args) -> values.getOrDefault(method, defaultOf(method))));
    }

    private static Object defaultOf(String method) {
        try {
            return ScorePolicy.Config.class.getDeclaredMethod(method).getDefaultValue();
        } catch (NoSuchMethodException e) {
            throw new IllegalStateException(e);
        }
    }

    private Transaction scored(Map<String, Double> scores) {
        return proxy(Transaction.class, (method, args) -> switch (method) {
            case "scores" -> scores;
            case "edit" -> edits.add((Edit) args[0]) ? null : null;
            default -> throw new UnsupportedOperationException(method);
        });
    }

    private Verdict ask(Map<String, Double> scores) {
        Headers headers = () -> fields;
        return plugin().onMessage(scored(scores), proxy(Message.class, (method, args) -> headers));
    }

    /** Answers a call by the name of its method. */
    @FunctionalInterface
    private interface Answer {
        Object of(String method, Object[] args);
    }

    private static <T> T proxy(Class<T> type, Answer answer) {
        return type.cast(Proxy.newProxyInstance(
                type.getClassLoader(),
                new Class<?>[] {type},
                (self, method, args) -> answer.of(method.getName(), args)));
    }

    private double verdicts(String verdict) {
        return meters.counter("posthouse.score.verdicts", "verdict", verdict).count();
    }

    @Test
    void hasNoOpinionAsShipped() {
        assertEquals(Verdict.next(), ask(Map.of("VIRUS", 1000.0)));
        assertEquals(List.of(), edits);
        assertEquals(1, verdicts("continue"));
    }

    @Test
    void rejectsFromTheThresholdOnAndNamesTheTopSymbols() {
        with("reject", 5.0);
        assertEquals(Verdict.next(), ask(Map.of("DNSBL_X", 4.99)));
        assertEquals(
                Verdict.reject("5.7.1", "Message refused as unwanted")
                        .because("score 5.00: DNSBL_X 3.00, SPF_FAIL 2.50, KNOWN -0.50"),
                ask(Map.of("KNOWN", -0.5, "SPF_FAIL", 2.5, "DNSBL_X", 3.0)));
        assertEquals(1, verdicts("reject"));
    }

    @Test
    void theHighestThresholdThatIsReachedCounts() {
        with("defer", 4.0).with("hold", 6.0).with("reject", 10.0).with("discard", 15.0);
        assertEquals(Verdict.Defer.class, ask(Map.of("A", 5.0)).getClass());
        assertEquals(Verdict.Hold.class, ask(Map.of("A", 6.0)).getClass());
        assertEquals(Verdict.Reject.class, ask(Map.of("A", 14.0)).getClass());
        assertEquals(Verdict.Discard.class, ask(Map.of("A", 15.0)).getClass());
    }

    @Test
    void ofEqualThresholdsTheRefusalCounts() {
        with("reject", 5.0).with("discard", 5.0).with("hold", 5.0);
        assertEquals(Verdict.Reject.class, ask(Map.of("A", 5.0)).getClass());
    }

    @Test
    void tagsAndTellsTheSymbols() {
        with("tag", 5.0);
        assertEquals(Verdict.next(), ask(Map.of("A", 4.0, "B", 2.25)));
        assertEquals(
                List.of(
                        Edit.addHeader("X-Spam-Flag", "YES"),
                        Edit.addHeader("X-Spam-Score", "6.25"),
                        Edit.addHeader("X-Spam-Symbols", "A 4.00,\r\n B 2.25")),
                edits);
    }

    @Test
    void takesAwayTheFieldsThatAStrangerWrote() {
        fields.add(new Header("x-spam-flag", "x-spam-flag: NO\r\n"));
        with("tag", 5.0);
        ask(Map.of());
        assertEquals(List.of(new Edit.RemoveHeader("X-Spam-Flag", 0)), edits);
    }

    @Test
    void writesTheScoreOfEveryMessageWhenAsked() {
        with("headers", true);
        ask(Map.of());
        assertEquals(List.of(Edit.addHeader("X-Spam-Score", "0.00"), Edit.addHeader("X-Spam-Symbols", "none")), edits);
    }

    @Test
    void heldMessagesAreTaggedToo() {
        with("tag", 5.0).with("hold", 5.0);
        assertEquals(Verdict.hold("score 5.00: A 5.00"), ask(Map.of("A", 5.0)));
        assertEquals(Edit.addHeader("X-Spam-Flag", "YES"), edits.getFirst());
    }

    @Test
    void weighsAndIgnoresSymbols() {
        with("reject", 5.0)
                .with("weights", new String[] {"A=2", "DNSBL_*=0.5", "DNSBL_GOOD = 1"})
                .with("ignore", new String[] {"TEST_*"});
        assertEquals(Verdict.next(), ask(Map.of("A", 2.4)));
        assertEquals(
                "score 7.00: A 5.00, DNSBL_GOOD 1.00, DNSBL_X 1.00",
                ask(Map.of("A", 2.5, "DNSBL_X", 2.0, "DNSBL_GOOD", 1.0, "TEST_1", 50.0))
                        .reason());
    }

    @Test
    void whatIsNoNumberDoesNotCount() {
        with("reject", 5.0);
        assertEquals(Verdict.next(), ask(Map.of("A", Double.NaN, "B", 4.0)));
        assertEquals(
                Verdict.next(), ask(Map.of("A", Double.NEGATIVE_INFINITY, "B", Double.POSITIVE_INFINITY, "C", 4.0)));
        assertEquals(
                Verdict.Reject.class,
                ask(Map.of("B", Double.MAX_VALUE, "A", 5.0)).getClass());
    }

    @Test
    void tenthsAddUp() {
        with("reject", 0.3);
        assertEquals(
                Verdict.Reject.class, ask(Map.of("A", 0.1, "B", 0.1, "C", 0.1)).getClass());
    }

    @Test
    void namesFiveSymbolsAndCountsTheOthersAndLetsNoneBreakTheLine() {
        with("tag", 1.0);
        Map<String, Double> scores = new HashMap<>();
        for (int i = 0; i < 8; i++) {
            scores.put("S\r\nBcc: x" + i, 1.0 + i);
        }
        ask(scores);
        assertEquals(
                "S__Bcc:_x7 8.00,\r\n S__Bcc:_x6 7.00,\r\n S__Bcc:_x5 6.00,\r\n S__Bcc:_x4 5.00,\r\n S__Bcc:_x3 4.00,"
                        + "\r\n and 3 more",
                ((Edit.AddHeader) edits.getLast()).value());
    }

    @Test
    void isSilentAtRcptUnlessAskedEarly() {
        with("reject", 5.0);
        Recipient someone = Recipient.of(Address.of("a@example.org"));
        assertEquals(Verdict.next(), plugin().onRcpt(scored(Map.of("A", 9.0)), someone));
        with("early", true);
        assertEquals(
                Verdict.Reject.class,
                plugin().onRcpt(scored(Map.of("A", 9.0)), someone).getClass());
        assertEquals(
                Verdict.next(),
                plugin().onRcpt(scored(Map.of("A", 9.0)), Recipient.of(Address.of("Postmaster@example.org"))));
        with("reject", 0.0).with("hold", 5.0);
        assertEquals(Verdict.next(), plugin().onRcpt(scored(Map.of("A", 9.0)), someone));
    }

    @Test
    void recordsTheDistributionOfSums() {
        ask(Map.of("A", 7.0));
        ask(Map.of("A", -7.0));
        assertEquals(2, meters.get("posthouse.score").summary().count());
        assertEquals(7, meters.get("posthouse.score").summary().totalAmount());
    }

    @ParameterizedTest
    @ValueSource(strings = {"A", "=1", "A=x", "A=NaN", "A=Infinity", "A*B=1", "A="})
    void refusesWeightsThatAreNone(String weight) {
        with("weights", new String[] {weight});
        assertTrue(assertThrows(IllegalArgumentException.class, this::plugin)
                .getMessage()
                .startsWith("weights: "));
    }

    @Test
    void refusesASymbolThatStandsTwice() {
        with("weights", new String[] {"A=1"}).with("ignore", new String[] {"A"});
        assertEquals(
                "ignore: symbol 'A' stands twice",
                assertThrows(IllegalArgumentException.class, this::plugin).getMessage());
    }
}
