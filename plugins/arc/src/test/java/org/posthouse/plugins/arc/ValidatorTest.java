// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.arc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.posthouse.mailauth.dkim.Algorithm;
import org.posthouse.mailauth.dkim.SigningKey;
import org.posthouse.testkit.service.FakeDns;

final class ValidatorTest {
    private static final Mail PLAIN =
            new Mail("From: Anna <anna@example.org>\r\nTo: list@one.test\r\nSubject: hello\r\n\r\nHello\r\n");

    private final FakeDns dns = new FakeDns();
    private final SigningKey one = Mail.key(dns, "one.test", Algorithm.RSA_SHA256);
    private final SigningKey two = Mail.key(dns, "two.test", Algorithm.ED25519_SHA256);

    private void isBroken(Mail mail, String reason) {
        ChainResult result = mail.validated(dns);
        assertEquals(ChainResult.Status.FAIL, result.status());
        assertEquals(reason, result.reason());
        assertEquals(List.of(), result.sealers());
    }

    @Test
    void thereIsNoneWithoutASet() {
        assertEquals(ChainResult.NONE, PLAIN.validated(dns));
        assertEquals(List.of(), dns.questions());
    }

    @ParameterizedTest
    @EnumSource(Algorithm.class)
    void isValidAfterOneHop(Algorithm algorithm) {
        SigningKey key = Mail.key(dns, "hop.test", algorithm);
        ChainResult result = PLAIN.sealed(key, "none").validated(dns);
        assertEquals(new ChainResult(ChainResult.Status.PASS, "", 0, List.of("hop.test"), false), result);
    }

    @Test
    void isValidAfterFiftyHopsAndAsksForEachKeyOnce() {
        Mail mail = PLAIN.sealed(one, "none");
        for (int i = 2; i <= 50; i++) {
            mail = mail.sealed(i % 2 == 0 ? two : one, "pass");
        }
        ChainResult result = mail.validated(dns);
        assertEquals(ChainResult.Status.PASS, result.status(), result.reason());
        assertEquals(50, result.sealers().size());
        assertEquals(List.of("one.test", "two.test"), result.sealers().subList(0, 2));
        assertEquals(2, dns.questions().size());
    }

    @Test
    void tellsWhereTheMessageWasChangedLast() {
        Mail changed = PLAIN.sealed(one, "none").with("Hello\r\n", "Hello\r\n-- \r\nthe list\r\n");
        ChainResult result = changed.sealed(two, "pass").sealed(two, "pass").validated(dns);
        assertEquals(ChainResult.Status.PASS, result.status(), result.reason());
        assertEquals(2, result.oldestPass());
    }

    @Test
    void isBrokenByAnyChangeOfWhatTheLastHopSigned() {
        Mail mail = PLAIN.sealed(one, "none").sealed(two, "pass");
        isBroken(mail.with("Hello", "Hullo"), "message signature 2: the body is not what was signed");
        isBroken(mail.with("Subject: hello", "Subject: hullo"), "message signature 2: it is not right");
        isBroken(mail.with("mx.one.test; spf=pass", "mx.one.test; spf=fail"), "seal 2: it is not right");
        isBroken(new Mail("From: Eve <eve@example.net>\r\n" + mail.text()), "message signature 2: it is not right");
    }

    @Test
    void isBrokenByAKeyThatIsNotPublished() {
        SigningKey other = Mail.key(new FakeDns(), "one.test", Algorithm.RSA_SHA256);
        isBroken(PLAIN.sealed(other, "none"), "message signature 1: it is not right");
    }

    @Test
    void isBrokenWhenASealIsTakenAwayOrStandsThereTwice() {
        Mail mail = PLAIN.sealed(one, "none").sealed(two, "pass");
        int from = mail.text().lastIndexOf("ARC-Seal:");
        String seal = mail.text().substring(from, mail.text().indexOf("ARC-Message", from));
        isBroken(mail.with(seal, ""), "set 1 is not whole");
        isBroken(new Mail(seal + mail.text()), "two fields of one kind and instance");
    }

    @Test
    void isOverWhenTheLastSealSaysSo() {
        Mail broken = PLAIN.sealed(one, "none").with("Hello", "Hullo");
        isBroken(broken.sealed(two, "fail"), "the last seal says that the chain is broken");
    }

    @Test
    void isBrokenWhenASealInTheMiddleSaysFail() {
        Mail mail = PLAIN.sealed(one, "none").sealed(two, "fail");
        isBroken(mail.sealed(one, "pass"), "seal 2 has a wrong tag cv");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "cv=none;|cv=pass;|seal 1 has a wrong tag cv",
                "cv=none;|cv=none; h=from;|seal 1 has a wrong tag h",
                "i=1; mx.one.test|i=51; mx.one.test|a field without an instance from 1 to 50",
                "i=1; mx.one.test|i=1 mx.one.test|a field without an instance from 1 to 50",
                "i=1; mx.one.test|I=1; mx.one.test|a field without an instance from 1 to 50",
                "i=1; mx.one.test|i=0; mx.one.test|a field without an instance from 1 to 50",
                "i=1; mx.one.test|i=2; mx.one.test|set 1 is not whole",
                "cv=none;|cv=none; cv=none;|a field without an instance from 1 to 50",
                "c=relaxed/relaxed|c=strict/strict|message signature 1: the canonical form is not known",
                "h=from|h=arc-seal:from|message signature 1: it covers seals",
                "c=relaxed/relaxed|l=2; c=relaxed/relaxed|message signature 1: the body is not what was signed",
                "c=relaxed/relaxed|x=5; c=relaxed/relaxed|message signature 1: tag x is not behind tag t",
                "c=relaxed/relaxed|x=1764000001; c=relaxed/relaxed|message signature 1 is expired",
            })
    void saysWhatIsWrong(String old, String by, String reason) {
        isBroken(PLAIN.sealed(one, "none").with(old, by), reason);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "(a comment) i = 1 (and \\) another) ; mx.one.test",
                "\r\n\ti=1\r\n\t; mx.one.test",
                "i=01; mx.one.test"
            })
    void readsAnInstanceBetweenCommentsAndFolding(String value) {
        isBroken(PLAIN.sealed(one, "none").with("i=1; mx.one.test", value), "seal 1: it is not right");
    }

    @Test
    void aKeyThatCanNotBeFetchedBreaksItForNow() {
        Mail mail = PLAIN.sealed(one, "none").sealed(two, "pass");
        dns.servfail("s1._domainkey.one.test");
        ChainResult result = mail.validated(dns);
        assertEquals("seal 1: the key can not be fetched now", result.reason());
        assertTrue(result.temporary());
        assertFalse(mail.with("Hello", "Hullo").validated(dns).temporary());
    }

    @Test
    void saysWhenTheAuthorIsNotCovered() {
        ChainResult result = PLAIN.sealed(one, "none", List.of("to", "subject")).validated(dns);
        assertEquals(new ChainResult(ChainResult.Status.PASS, "From is not covered", 0, List.of(), false), result);
    }

    @Test
    void saysWhenAnotherAuthorIsNotCovered() {
        String above = "From: Boss <boss@bank.example>\r\n";
        Mail once = PLAIN.sealed(one, "none", List.of("from", "to", "subject"));
        assertEquals(List.of("one.test"), once.validated(dns).sealers());
        for (Mail mail : List.of(new Mail(above + once.text()), once.with("From: Anna", above + "From: Anna"))) {
            assertEquals(
                    new ChainResult(ChainResult.Status.PASS, "a From field is not covered", 0, List.of(), false),
                    mail.validated(dns));
        }
        Mail twice = new Mail(above + PLAIN.text()).sealed(one, "none");
        assertEquals(List.of("one.test"), twice.validated(dns).sealers());
    }

    @Test
    void comesToAnEndWhateverItIsGiven() {
        Random random = new Random(11);
        String mail = PLAIN.sealed(one, "none").sealed(two, "pass").text();
        String letters = "i=;:()\\\r\n \t\"01\u00e9ab,<>";
        for (int n = 0; n < 2_000; n++) {
            StringBuilder damaged = new StringBuilder(mail);
            for (int k = random.nextInt(1, 8); k > 0; k--) {
                int at = random.nextInt(damaged.length());
                damaged.replace(
                        at,
                        Math.min(damaged.length(), at + random.nextInt(4)),
                        String.valueOf(letters.charAt(random.nextInt(letters.length()))));
            }
            ChainResult result = new Mail(damaged.toString()).validated(dns);
            assertEquals(
                    result.status() != ChainResult.Status.FAIL,
                    result.sealers().size() == 2 || result.reason().isEmpty());
        }
        isBroken(
                new Mail("ARC-Authentication-Results: " + "(".repeat(100_000) + "\r\n" + PLAIN.text()),
                "a field without an instance from 1 to 50");
    }
}
