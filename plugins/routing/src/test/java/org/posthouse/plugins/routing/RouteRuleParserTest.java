// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.routing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.posthouse.api.Address;
import org.posthouse.api.Reply;

final class RouteRuleParserTest {
    private static RouteRule read(String text) {
        return RouteRuleParser.parse(text).getFirst();
    }

    @Test
    void readsActions() {
        assertEquals(
                new RouteAction.Reject(new Reply(552, "5.3.4", "Too much")),
                read("size > 1MB -> reject 552 5.3.4 \"Too much\"").action());
        assertEquals(
                new RouteAction.Move(List.of(Address.of("a@example.org"), Address.of("*@example.net")), true, false),
                read("to = *@example.com -> redirect (a@example.org, *@example.net) keep")
                        .action());
        assertEquals(
                new RouteAction.Move(List.of(Address.of("a@example.org")), false, true),
                read("any->FORWARD a@example.org").action());
        assertEquals(
                "routing rule 1: campaign 17",
                read("any -> quarantine # campaign 17").reason());
        assertEquals("routing rule 1", read("trusted -> deliver").reason());
    }

    @ParameterizedTest
    @ValueSource(strings = {"from = a@b.test", "to = a@b.test", "peer = ::1 or user = anna", "any"})
    void canBeToldAtTheRecipient(String condition) {
        assertEquals(false, read(condition + " -> reject").late());
    }

    @ParameterizedTest
    @ValueSource(strings = {"size > 1", "tenant = shop", "not header X = y", "any or header X = y"})
    void canOnlyBeToldWithTheMessage(String condition) {
        assertEquals(true, read(condition + " -> reject").late());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "any -> hold|rules: rule 1, column 8: expected reject, quarantine, redirect, forward or deliver, not 'hold'",
                "any -> redirect|rules: rule 1, column 16: expected an address, not the end of the rule",
                "any -> redirect anna|rules: rule 1, column 17: expected an address such as anna@example.org or *@example.org,"
                        + " not 'anna'",
                "any -> redirect a*@b.test|rules: rule 1, column 17: expected an address such as anna@example.org or"
                        + " *@example.org, not 'a*@b.test'",
                "any -> redirect (a@b.test|rules: rule 1, column 26: expected ',' or ')', not the end of the rule",
                "any -> forward a@b.test twice|rules: rule 1, column 25: expected '#' or the end of the rule, not 'twice'",
                "score > 5 -> reject|rules: rule 1, column 14: scores are not summed up yet when mail is refused;"
                        + " score-policy does that",
                "any|rules: rule 1, column 4: expected 'and', 'or' or '->', not the end of the rule",
            })
    void saysWhereAndWhatWasExpected(String text, String message) {
        assertEquals(
                message,
                assertThrows(IllegalArgumentException.class, () -> read(text)).getMessage());
    }

    @Test
    void namesAllThatIsWrong() {
        String message = assertThrows(
                        IllegalArgumentException.class, () -> RouteRuleParser.parse("any -> x", "any -> deliver", "y"))
                .getMessage();
        assertEquals(2, message.split("; ").length, message);
    }
}
