// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.rules;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.posthouse.api.Stage;
import org.posthouse.api.Verdict;
import org.posthouse.conditions.Condition;
import org.posthouse.conditions.Field;
import org.posthouse.conditions.Glob;
import org.posthouse.conditions.RuleException;
import org.posthouse.conditions.Values;
import org.posthouse.outside.network.Network;

final class RuleParserTest {
    @Test
    void readsAWholeRule() throws RuleException {
        Rule rule = RuleParser.parse("mail: from = *@spam.example and peer in 192.0.2.0/24"
                + " -> reject 554 5.7.9 \"Not today\" until 2026-12-01T00:00Z # campaign 17");
        assertEquals(Stage.MAIL, rule.stage());
        assertEquals(new Action.End("reject", Verdict.reject(554, "5.7.9", "Not today")), rule.action());
        assertEquals(Optional.of(Instant.parse("2026-12-01T00:00:00Z")), rule.until());
        assertEquals("rule " + rule.id() + ": campaign 17", rule.reason());
        assertEquals(
                new Condition.And(List.of(
                        new Condition.Like(Field.FROM, "", List.of(new Glob("*@spam.example"))),
                        new Condition.Within(List.of(Network.of("192.0.2.0/24"))))),
                rule.condition());
    }

    @Test
    void andBindsCloserThanOrAndNotClosest() throws RuleException {
        Condition any = new Condition.Flag(Field.ANY);
        Condition trusted = new Condition.Flag(Field.TRUSTED);
        assertEquals(
                new Condition.Or(List.of(any, new Condition.And(List.of(new Condition.Not(any), trusted)))),
                RuleParser.parse("connect: any or not any and trusted -> continue")
                        .condition());
        assertEquals(
                new Condition.And(List.of(new Condition.Or(List.of(any, trusted)), any)),
                RuleParser.parse("connect: (any or trusted) and any -> continue")
                        .condition());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "connect:peer=2001:db8::/32->reject",
                "HELO: Helo = \"*.dyn.example\" -> defer",
                "helo: tls = \"\" and not (peer in (127.0.0.1, ::1)) -> defer 450 4.7.0",
                "mail: from in (\"\", a@b.example) -> reject \"No\"",
                "mail: from = SRS0=abc=de=example.org=x@relay.example->continue",
                "rcpt: to != *@example.org or size >= 25MB -> reject 552 5.3.4",
                "data: header X-Mailer ~ \"^bulk\\s+(mail|post)\" and size < 1MiB -> discard",
                "data: header Subject !~ \"x\" -> hold # look at it",
                "data: score > 5 and score DNSBL_X = 3 -> tag suspicious",
                "mail: user != \"\" -> score KNOWN -2.5",
                "rcpt: tenant = shop and not encrypted -> reject",
                "data: any -> continue until 2027-01-01",
                "data: any -> continue until 2027-01-01T10:00+02:00"
            })
    void reads(String text) throws RuleException {
        assertEquals(text, RuleParser.parse(text).text());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "''|column 1: expected a stage: connect, helo, mail, rcpt or data, not the end of the rule",
                "queue: any -> hold|column 1: expected a stage: connect, helo, mail, rcpt or data, not 'queue: any -> hold'",
                "mail any -> reject|column 6: expected ':' behind the stage, not 'any -> reject'",
                "mail: -> reject|column 7: expected one of peer, listener, profile, trusted, encrypted, any, helo, tls,"
                        + " user, authenticated, from, tenant, size, score, not '-> reject'",
                "mail: to = a@b -> reject|column 7: 'to' is not known yet at this stage",
                "rcpt: header Subject = x -> reject|column 7: 'header' is not known yet at this stage",
                "mail: from *@x -> reject|column 12: expected '=', '!=', 'in', '~' or '!~', not '*@x -> reject'",
                "mail: from = -> reject|column 14: expected a value, not '-> reject'",
                "mail: from = x|column 15: expected 'and', 'or' or '->', not the end of the rule",
                "mail: (from = x -> reject|column 17: expected ')', not '-> reject'",
                "mail: from in (x, -> reject|column 19: expected a value, not '-> reject'",
                "mail: from in (x y) -> reject|column 18: expected ',' or ')', not 'y) -> reject'",
                "mail: from ~ x -> reject|column 14: expected a regular expression in quotes, not 'x -> reject'",
                "mail: peer in 192.0.2.7/24 -> reject|column 15: expected an address or a network, but 192.0.2.7/24 has bits"
                        + " set behind its prefix",
                "mail: peer = 192.0.2.0/33 -> reject|column 14: expected an address or a network, but /33 is no length of a prefix",
                "mail: peer = localhost -> reject|column 14: expected an address or a network, but localhost is no address",
                "mail: size > many -> reject|column 14: expected a size such as 64kB or 25MB, not 'many'",
                "mail: score > NaN -> reject|column 15: expected a finite number, not 'NaN'",
                "mail: any -> accept|column 14: expected reject, defer, discard, hold, tag, score or continue, not 'accept'",
                "mail: any -> hold|column 14: 'hold' has no meaning before the stage data",
                "helo: any -> tag x|column 14: 'tag' has no meaning before the stage mail",
                "mail: any -> reject 451|column 21: expected a code such as 550, not '451'",
                "mail: any -> reject 550 4.7.1|column 25: expected an enhanced code such as 5.7.1, not '4.7.1'",
                "mail: any -> defer 421|column 20: expected a code such as 451, not '421'",
                "mail: any -> reject never|column 21: expected 'until', '#' or the end of the rule, not 'never'",
                "mail: any -> reject until tomorrow|column 27: expected a time such as 2026-12-01T00:00Z, not 'tomorrow'",
                "mail: any -> reject until 2026-13-01|column 27: expected a time such as 2026-12-01T00:00Z, not '2026-13-01'",
                "mail: any -> reject until +12026-01-01T00:00Z|column 27: expected a year from 1970 to 9999, not"
                        + " '+12026-01-01T00:00Z'",
                "mail: any -> score X|column 21: expected a number of points, not the end of the rule",
                "mail: any -> reject \"é\"|column 21: the text of a reply is 1 to 200 characters of ASCII",
                "mail: from = \"x -> reject|column 14: the quote is not closed",
            })
    void saysWhereAndWhatWasExpected(String text, String message) {
        assertEquals(
                message,
                assertThrows(RuleException.class, () -> RuleParser.parse(text)).getMessage());
    }

    @ParameterizedTest
    @ValueSource(strings = {"((a{100}){100}){100}", "(?=x)", "(", "x{1,5000}", "(a)\\1"})
    void refusesExpressionsThatAreNoneOrNeedMuchRoom(String expression) {
        RuleException refused = assertThrows(
                RuleException.class, () -> RuleParser.parse("data: header X ~ \"" + expression + "\" -> hold"));
        assertEquals("column 18", refused.getMessage().split(":")[0]);
    }

    @Test
    void refusesWhatIsTooLongTooDeepOrHasControls() {
        assertThrows(RuleException.class, () -> RuleParser.parse("mail: any -> continue #" + "x".repeat(1000)));
        assertThrows(RuleException.class, () -> RuleParser.parse("mail: " + "not ".repeat(100) + "any -> continue"));
        assertThrows(RuleException.class, () -> RuleParser.parse("mail: any -> reject\nrule 1 x"));
    }

    @Test
    void inQuotesABackslashHidesQuotesAndBackslashesAlone() throws RuleException {
        assertEquals(
                new Condition.Like(Field.HELO, "", List.of(new Glob("a\"b\\c\\d"))),
                RuleParser.parse("helo: helo = \"a\\\"b\\\\c\\d\" -> continue").condition());
    }

    @Test
    void sizesCountByThousandsOrBy1024() throws RuleException {
        assertEquals(25_000_000, Values.size(1, "25MB"));
        assertEquals(64_000, Values.size(1, "64kB"));
        assertEquals(1_048_576, Values.size(1, "1MiB"));
        assertEquals(7, Values.size(1, "7"));
    }

    @Test
    void whateverIsWrittenIsARuleOrRefusedWithAColumn() {
        String[] words = {
            "mail", "data", ":", "any", "from", "=", "!=", "~", "in", "(", ")", ",", "\"", "x", "*@y", "->", "reject",
            "score", "550", "5.7.1", "until", "#", "not", "and", "or", " ", "\\", "<", ">", "size", "1MB", "peer",
            "::1/64"
        };
        Random random = new Random(20261101);
        int refused = 0;
        for (int i = 0; i < 10_000; i++) {
            StringBuilder text = new StringBuilder(random.nextBoolean() ? "data: " : "");
            for (int n = random.nextInt(12); n >= 0; n--) {
                text.append(words[random.nextInt(words.length)]).append(random.nextBoolean() ? " " : "");
            }
            try {
                RuleParser.parse(text.toString());
            } catch (RuleException e) {
                refused++;
                int column = Integer.parseInt(e.getMessage().split("[ :]")[1]);
                assertEquals(column, Math.clamp(column, 1, text.length() + 1), text.toString());
            }
        }
        assertEquals(10_000, refused, 100);
    }
}
