// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.rewriting;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Random;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class SpansTest {
    private static String found(String value) {
        return Spans.of(value).stream()
                .map(span -> value.substring(span.start(), span.end()) + "=" + span.address())
                .collect(Collectors.joining(" "));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '\u0001',
            value = {
                "a@b.test|a@b.test=a@b.test",
                "Anna <a@b.test>|a@b.test=a@b.test",
                "\"B, Anna <x@y>\" <a@b.test>, c@d.test|a@b.test=a@b.test c@d.test=c@d.test",
                "(not@this.test) a@b.test (nor (this@one.test))|a@b.test=a@b.test",
                "friends: a@b.test, Carl <c@d.test>;|a@b.test=a@b.test c@d.test=c@d.test",
                "undisclosed-recipients:;|''",
                "<@one.test,@two.test:a@b.test>|a@b.test=a@b.test",
                "< a (x) @ b . test >|a (x) @ b . test=a@b.test",
                "\"a b\"@b.test|\"a b\"@b.test=\"a b\"@b.test",
                "a@[192.0.2.1]|a@[192.0.2.1]=a@[192.0.2.1]",
                "=?UTF-8?Q?=22a=40b=22?= <a@b.test>|a@b.test=a@b.test",
                "größe@bücher.test|größe@bücher.test=größe@bücher.test",
                "<a@b.test> Anna|a@b.test=a@b.test",
                "a@b.test <c@d.test>|c@d.test=c@d.test",
                "Anna a@b.test|''",
                "a@b@c.test|''",
                "a..b@c.test|''",
                "anna|''",
                "<>|''",
                "\"open a@b.test|''",
                "a@b.test, (open|''",
                "<a@b.test|''",
                "a@b.test>|''",
            })
    void findsAddressesAndNothingElse(String value, String spans) {
        assertEquals(spans.equals("''") ? "" : spans, found(value));
    }

    @Test
    void seesThroughFolding() {
        assertEquals("a@b.test=a@b.test c@d.test=c@d.test", found("\r\n Anna\r\n\t<a@b.test>,\r\n c@d.test"));
    }

    @Test
    void comesToAnEndWhateverItIsGiven() {
        Random random = new Random(7);
        String letters = "ab.@<>()[]\",;:\\ \r\n\u00e9";
        for (int i = 0; i < 20_000; i++) {
            String value = random.ints(random.nextInt(30), 0, letters.length())
                    .mapToObj(c -> String.valueOf(letters.charAt(c)))
                    .collect(Collectors.joining());
            for (Spans.Span span : Spans.of(value)) {
                assertEquals(
                        value.substring(span.start(), span.end()).contains("@"),
                        span.address().toString().contains("@"),
                        value);
            }
        }
        assertEquals("", found("(".repeat(100_000)));
        assertEquals("", found("<".repeat(100_000)));
    }
}
