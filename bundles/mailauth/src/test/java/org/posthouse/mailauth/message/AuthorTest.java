// SPDX-License-Identifier: Apache-2.0
package org.posthouse.mailauth.message;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.posthouse.api.Header;

final class AuthorTest {
    private static Author from(String... values) {
        return Author.of(Stream.of(values)
                .map(value -> new Header("From", octets("From: " + value + "\r\n")))
                .toList());
    }

    private static String octets(String text) {
        return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "joe@a.test | a.test",
                "<joe@a.test> | a.test",
                "Joe <joe@A.Test> | a.test",
                "\"Joe <joe@b.test>\" <joe@a.test> | a.test",
                "Joe (joe@b.test) <joe@a.test> | a.test",
                "joe@a.test (joe@b.test) | a.test",
                "\"joe@b.test\"@a.test | a.test",
                "Group: joe@a.test; | a.test",
                "=?utf-8?q?Joe?= <joe@a.test> | a.test",
            })
    void readsTheDomain(String value, String domain) {
        Author author = from(value);
        assertTrue(author.clear(), value);
        assertEquals(Optional.of(domain), author.domain());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"Joe\" joe@a.test",
                "<<<><joe@a.test>>>",
                "From: Joe <joe@a.test>",
                "Joe <joe@a.test> Doe",
                "joe @ a . test",
                "joe@a.test. Doe",
                "joe(c)@a.test",
                "\"Joe <joe@a.test>",
                "Joe (joe <joe@a.test>",
                "<@relay.test:joe@a.test>",
                "joe@a.test;",
                "Joe <joe@a.test",
            })
    void findsTheDomainOfWhatIsMalformedAndSaysSo(String value) {
        Author author = from(value);
        assertFalse(author.clear(), value);
        assertEquals(List.of("a.test"), author.domains(), value);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "joe", "@a.test", "joe@", "Joe Doe <>", "undisclosed:;", "joe@a..test", "joe@[192.0.2.1]"})
    void findsNobody(String value) {
        Author author = from(value);
        assertEquals(List.of(), author.addresses());
        assertFalse(author.clear());
    }

    @Test
    void namesAllAuthors() {
        Author author = from("a@a.test, \"B\" <b@b.test>, Team: c@c.test, d@a.test;");
        assertTrue(author.clear());
        assertEquals(List.of("a.test", "b.test", "c.test"), author.domains());
        assertEquals(Optional.empty(), author.domain());
        assertEquals(List.of("a@a.test", "b@b.test", "c@c.test", "d@a.test"), author.addresses());
    }

    @Test
    void isNotClearWithTwoFieldsOrNone() {
        assertEquals(new Author(List.of("a@a.test", "b@b.test"), false, true), from("a@a.test", "b@b.test"));
        assertEquals(new Author(List.of("a@a.test"), false, true), from("a@a.test", "a@a.test"));
        assertEquals(new Author(List.of(), false, true), Author.of(List.of()));
    }

    @Test
    void prefersWhatStandsInAngleBrackets() {
        assertEquals(List.of("b.test", "a.test"), from("a@a.test <b@b.test>").domains());
    }

    @Test
    void readsUnfoldedAndInternationalFields() {
        assertEquals(
                List.of("anna@xn--bcher-kva.test"),
                from("Anna\r\n <anna@bücher.test>").addresses());
    }

    @Test
    void takesNoSquareOfTimeForBracketsThatNeverClose() {
        for (String piece : List.of("(", "\"\\", "[", "<", "@", "a@", "a@b,", "a.")) {
            String value = piece.repeat(400_000 / piece.length());
            assertTimeoutPreemptively(Duration.ofSeconds(5), () -> from(value), piece);
        }
    }

    @Test
    void takesNoSquareOfTimeForManyAuthors() {
        String[] fields =
                IntStream.range(0, 100_000).mapToObj(i -> "a@b" + i + ".test").toArray(String[]::new);
        assertTimeoutPreemptively(
                Duration.ofSeconds(5),
                () -> assertEquals(fields.length, from(fields).domains().size()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"ceo@bank.test, ", "ceo@bank.test "})
    void hidesNobodyBehindACrowd(String first) {
        Author author = from(first + "<a@evil.test>, ".repeat(5000) + "<a@evil.test>");
        assertTrue(author.domains().contains("bank.test"));
        assertTrue(author.whole());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ceo@bank.test\u2028, a@evil.test",
                "ceo@\"bank\".test <a@evil.test>",
                "ceo@[192.0.2.1], a@evil.test",
                "ceo@bank..test <a@evil.test>",
                "ceo@<bank.test>, a@evil.test",
            })
    void saysThatSomebodyIsMissing(String value) {
        Author author = from(value);
        assertEquals(List.of("evil.test"), author.domains());
        assertFalse(author.whole());
        assertFalse(author.clear());
    }

    @ParameterizedTest
    @ValueSource(strings = {"a@a.test", "@anna <a@a.test>", "<@relay.test:a@a.test>", "Anna (a@b..test) <a@a.test>"})
    void missesNobody(String value) {
        assertEquals(List.of("a.test"), from(value).domains());
        assertTrue(from(value).whole());
    }
}
