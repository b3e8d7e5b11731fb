// SPDX-License-Identifier: Apache-2.0
package org.posthouse.mailauth.dkim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class SignerTest {
    private static TagList tags(String letter) throws MalformedTagsException {
        return TagList.parse(letter.substring(15, letter.indexOf("\r\nReceived")));
    }

    @Test
    void saysWhatItSigned() throws Exception {
        SignatureForm form = new SignatureForm(
                Canonicalization.SIMPLE,
                Canonicalization.RELAXED,
                Post.FIELDS,
                List.of("From", "Cc"),
                Duration.ofDays(7));
        TagList tags = tags(Post.signed(Post.LETTER, form, Post.key(Post.ED25519, "e")));
        assertEquals(List.of("v", "a", "c", "d", "s", "t", "x", "h", "bh", "b"), tags.tags());
        assertEquals("ed25519-sha256", tags.value("a").orElseThrow());
        assertEquals("simple/relaxed", tags.value("c").orElseThrow());
        assertEquals("From:From:To:Subject:Date:Cc", tags.compact("h").orElseThrow());
        long time = Post.NOW.getEpochSecond();
        assertEquals("" + time, tags.value("t").orElseThrow());
        assertEquals("" + (time + 604_800), tags.value("x").orElseThrow());
    }

    @Test
    void signsEveryFieldOfAName() throws Exception {
        String letter = Post.LETTER.replace("To: b@b.test\r\n", "To: b@b.test\r\nto: c@c.test\r\n");
        TagList tags = tags(Post.rsa(letter));
        assertEquals("From:From:To:To:Subject:Date:Cc", tags.compact("h").orElseThrow());
        assertEquals("pass", new Post().said(Post.rsa(letter)));
    }

    @Test
    void foldsItsLines() {
        List<String> many = Collections.nCopies(60, "Subject");
        SignatureForm form = new SignatureForm(
                Canonicalization.SIMPLE,
                Canonicalization.SIMPLE,
                java.util.stream.Stream.concat(List.of("From").stream(), many.stream())
                        .toList(),
                List.of("From"),
                Duration.ZERO);
        String letter = Post.signed(Post.LETTER, form, Post.key(Post.RSA, "r"));
        String field = letter.substring(0, letter.indexOf("\r\nReceived"));
        for (String line : field.replace("\t", "        ").split("\r\n")) {
            assertTrue(line.length() <= 78, line);
        }
        assertEquals("pass", new Post().said(letter));
    }

    @ParameterizedTest
    @CsvSource({"Received", "DKIM-Signature", "Return-Path", "Bcc", "a:b", "''"})
    void refusesToSignWhatTheWayChanges(String name) {
        assertThrows(IllegalArgumentException.class, () -> form(List.of("From", name), List.of()));
    }

    @Test
    void refusesToLeaveFromOut() {
        assertThrows(IllegalArgumentException.class, () -> form(List.of("To"), List.of()));
        assertThrows(IllegalArgumentException.class, () -> form(List.of("From"), List.of("To")));
    }

    private static SignatureForm form(List<String> fields, List<String> oversigned) {
        return new SignatureForm(Canonicalization.RELAXED, Canonicalization.RELAXED, fields, oversigned, Duration.ZERO);
    }
}
