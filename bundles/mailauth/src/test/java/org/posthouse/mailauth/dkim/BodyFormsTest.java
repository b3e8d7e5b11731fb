// SPDX-License-Identifier: Apache-2.0
package org.posthouse.mailauth.dkim;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class BodyFormsTest {
    /** As RFC 6376 says it, over a whole text. */
    private static String asTheRfcSays(Canonicalization form, String body) {
        String text = body;
        if (form == Canonicalization.RELAXED) {
            text = text.replaceAll("[ \\t]+", " ").replaceAll(" (?=\r\n)| \\z", "");
        }
        text = text.replaceAll("(\r\n)+\\z", "");
        return text.isEmpty() && form == Canonicalization.RELAXED ? "" : text + "\r\n";
    }

    private static String streamed(Canonicalization form, String body, int step) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        CanonicalBody stream = form.body(out::write);
        byte[] octets = body.getBytes(StandardCharsets.ISO_8859_1);
        for (int from = 0; from < octets.length; from += step) {
            stream.take(octets, from, Math.min(step, octets.length - from));
        }
        stream.end();
        return out.toString(StandardCharsets.ISO_8859_1);
    }

    @Test
    void givesTheExamplesOfTheRfc() {
        String body = " C \r\nD \t E\r\n\r\n\r\n"; // RFC 6376 3.4.5
        assertEquals(" C\r\nD E\r\n", streamed(Canonicalization.RELAXED, body, 1000));
        assertEquals(" C \r\nD \t E\r\n", streamed(Canonicalization.SIMPLE, body, 1000));
        assertEquals("\r\n", streamed(Canonicalization.SIMPLE, "", 1));
        assertEquals("", streamed(Canonicalization.RELAXED, "", 1));
        assertEquals("", streamed(Canonicalization.RELAXED, " \t\r\n\r\n  ", 1));
        assertEquals("a\r\n", streamed(Canonicalization.RELAXED, "a", 1));
        assertEquals("a\rb \n\r\n", streamed(Canonicalization.RELAXED, "a\rb  \n", 1));
        assertEquals("a\r\r\n", streamed(Canonicalization.SIMPLE, "a\r", 1));
    }

    @Test
    void givesTheSameInWhateverPiecesABodyComes() {
        Random random = new Random(6376);
        String[] pieces = {"a", "b c", " ", "\t", "\r\n", "\r\n", "\r\n\r\n", "\u00e4", ".", " \r\n"};
        for (int i = 0; i < 20_000; i++) {
            StringBuilder body = new StringBuilder();
            for (int n = random.nextInt(14); n > 0; n--) {
                body.append(pieces[random.nextInt(pieces.length)]);
            }
            for (Canonicalization form : Canonicalization.values()) {
                String expected = asTheRfcSays(form, body.toString());
                int step = 1 + random.nextInt(5);
                assertEquals(expected, streamed(form, body.toString(), step), () -> form + " of " + body);
            }
        }
    }

    @Test
    void holdsNoMoreThanCountersOfMillionsOfEmptyLines() {
        long[] octets = {0};
        CanonicalBody stream = Canonicalization.RELAXED.body((b, off, len) -> octets[0] += len);
        byte[] lines = " \r\n".repeat(1000).getBytes(StandardCharsets.US_ASCII);
        for (int i = 0; i < 3000; i++) {
            stream.take(lines, 0, lines.length);
        }
        assertEquals(0, octets[0]);
        stream.take(new byte[] {'x'}, 0, 1);
        stream.end();
        assertEquals(6_000_003, octets[0]);
    }

    @Test
    void hashesEveryWantedPartInOneReading() {
        byte[] body = "one  two\r\nthree\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
        BodyHashes.Wanted all = BodyHashes.Wanted.whole(Canonicalization.RELAXED);
        BodyHashes.Wanted part = new BodyHashes.Wanted(Canonicalization.RELAXED, 3);
        BodyHashes.Wanted tooLong = new BodyHashes.Wanted(Canonicalization.SIMPLE, 18);
        BodyHashes.Wanted nothing = new BodyHashes.Wanted(Canonicalization.SIMPLE, 0);
        BodyHashes hashes = new BodyHashes(List.of(all, part, tooLong, nothing, all));
        for (byte b : body) {
            hashes.take(new byte[] {b}, 0, 1);
        }
        hashes.end();
        assertArrayEquals(sha256("one two\r\nthree\r\n"), hashes.hash(all).orElseThrow());
        assertArrayEquals(sha256("one"), hashes.hash(part).orElseThrow());
        assertArrayEquals(sha256(""), hashes.hash(nothing).orElseThrow());
        assertEquals(Optional.empty(), hashes.hash(tooLong));
        assertEquals(16, hashes.octets(part));
    }

    private static byte[] sha256(String text) {
        return Algorithm.sha256().digest(text.getBytes(StandardCharsets.US_ASCII));
    }
}
