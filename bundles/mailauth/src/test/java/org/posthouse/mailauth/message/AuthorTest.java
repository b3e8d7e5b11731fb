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
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.posthouse.api.Header;

final class AuthorTest {
    private static Author from(String... values) {
        return Author.of(Stream.of(values)
                .map(value -> new Header("From", "From: " + value + "\r\n"))
                .toList());
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
        assertEquals(new Author(List.of(), false), from(value));
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
        assertEquals(new Author(List.of("a@a.test", "b@b.test"), false), from("a@a.test", "b@b.test"));
        assertEquals(new Author(List.of("a@a.test"), false), from("a@a.test", "a@a.test"));
        assertEquals(new Author(List.of(), false), Author.of(List.of()));
    }

    @Test
    void prefersWhatStandsInAngleBrackets() {
        assertEquals(List.of("b.test", "a.test"), from("a@a.test <b@b.test>").domains());
    }

    @Test
    void readsUnfoldedAndInternationalFields() {
        Header field = new Header(
                "From",
                new String(
                        "From: Anna\r\n <anna@bücher.test>\r\n".getBytes(StandardCharsets.UTF_8),
                        StandardCharsets.ISO_8859_1));
        assertEquals(
                List.of("anna@xn--bcher-kva.test"), Author.of(List.of(field)).addresses());
    }

    @Test
    void takesNoSquareOfTimeForBracketsThatNeverClose() {
        for (String piece : List.of("(", "\"\\", "[", "<", "@", "a@", "a@b,", "a.")) {
            String value = piece.repeat(400_000 / piece.length());
            assertTimeoutPreemptively(Duration.ofSeconds(5), () -> from(value), piece);
        }
    }

    @Test
    void namesNoMoreThanItsShare() {
        StringBuilder many = new StringBuilder();
        for (int i = 0; i < 5000; i++) {
            many.append("a@b").append(i).append(".test,");
        }
        Author author = from(many.toString());
        assertFalse(author.clear());
        assertEquals(100, author.domains().size());
    }
}
