// SPDX-License-Identifier: Apache-2.0
package org.posthouse.mailauth.dkim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.posthouse.mailauth.message.MessageReader;

final class VerifierTest {
    private static final String DAMAGED = "fail: the signature did not verify";

    private final Post post = new Post();

    @ParameterizedTest
    @CsvSource({"SIMPLE,SIMPLE", "SIMPLE,RELAXED", "RELAXED,SIMPLE", "RELAXED,RELAXED"})
    void passesWhatWasSigned(Canonicalization header, Canonicalization body) {
        SignatureForm form = Post.form(header, body);
        assertEquals("pass", post.said(Post.signed(Post.LETTER, form, Post.key(Post.RSA, "r"))));
        assertEquals("pass", post.said(Post.signed(Post.LETTER, form, Post.key(Post.ED25519, "e"))));
    }

    @Test
    void passesTheExampleOfRfc8463() {
        post.dns.txt(
                "brisbane._domainkey.football.example.com",
                "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=");
        String letter = String.join(
                "\r\n",
                "DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed;",
                " d=football.example.com; i=@football.example.com;",
                " q=dns/txt; s=brisbane; t=1528637909; h=from : to :",
                " subject : date : message-id : from : subject : date;",
                " bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;",
                " b=/gCrinpcQOoIfuHNQIbq4pgh9kyIK3AQUdt9OdqQehSwhEIug4D11Bus",
                " Fa3bT3FY5OsU7ZbnKELq+eXdp1Q1Dw==",
                "From: Joe SixPack <joe@football.example.com>",
                "To: Suzie Q <suzie@shopping.example.net>",
                "Subject: Is dinner ready?",
                "Date: Fri, 11 Jul 2003 21:00:37 -0700 (PDT)",
                "Message-ID: <20030712040037.46341.5F8J@football.example.com>",
                "",
                "Hi.",
                "",
                "We lost the game.  Are you hungry yet?",
                "",
                "Joe.",
                "");
        assertEquals("pass", post.said(letter));
    }

    @Test
    void saysWhoseSignatureItIs() {
        Check check = post.checks(Post.rsa(Post.LETTER)).getFirst();
        assertEquals("a.test", check.claims().domain());
        assertEquals("r", check.claims().selector());
        assertEquals("rsa-sha256", check.claims().algorithm());
        assertEquals(344, check.claims().signature().length());
        assertEquals(List.of(), post.checks(Post.LETTER));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "Hello  there | Hello, there | fail: the body hash did not verify",
                "anna@a.test | hanna@a.test | fail: the signature did not verify",
                "Subject: one | Cc: c@c.test~Subject: one | fail: the signature did not verify",
                "d=a.test; | d=A.Test; | fail: the signature did not verify",
                "To: b@b.test | TO:  b@b.test | pass",
                "Hello  there | Hello there   | pass",
                "Received: from x | Received: from y | pass",
            })
    void noticesWhatWasChanged(String was, String is, String said) {
        String letter = Post.rsa(Post.LETTER);
        String changed = letter.replace(was, is.replace("~", "\r\n"));
        assertFalse(changed.equals(letter));
        assertEquals(said, post.said(changed));
    }

    @Test
    void doesNotCountAFromFieldThatWasPutAbove() {
        SignatureForm lax = new SignatureForm(
                Canonicalization.RELAXED, Canonicalization.RELAXED, List.of("From"), List.of(), Duration.ZERO);
        String letter = Post.signed(Post.LETTER, lax, Post.key(Post.RSA, "r"));
        assertEquals("pass", post.said(letter));
        assertEquals("policy: a From field is not signed", post.said("From: <boss@b.test>\r\n" + letter));
        assertEquals(DAMAGED, post.said("From: <boss@b.test>\r\n" + Post.rsa(Post.LETTER)));
    }

    /** Tags in place of those of a signature that is right, signed again. */
    private String with(String was, String is) {
        String letter = Post.rsa(Post.LETTER);
        int b = letter.indexOf("b=", letter.indexOf(";", letter.indexOf("bh=")));
        int end = letter.indexOf("\r\nReceived");
        String emptied = letter.substring(0, b) + "b=;" + letter.substring(end);
        String changed = emptied.replace(was, is);
        assertFalse(changed.equals(emptied), was);
        return post.said(Post.resigned(changed, Post.RSA));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "v=1; | v=1; x=1999999999; | pass",
                "v=1; | v=1; i=anna@sub.a.test; | pass",
                "v=1; | v=1; olt=some-thing; z=From:x; | pass",
                "v=1; | v=1; q=carrier/pigeon:dns/txt; | pass",
                "t=1795608000; | '' | pass",
                "v=1; | v=1; l=18; | pass",
                "v=1; | v=1; l=0000000000000000000000018; | pass",
                "a=rsa-sha256 | A=1; a=RSA-SHA256 | pass",
            })
    void readsTagsAsTheRfcHasThem(String was, String is, String said) {
        assertEquals(said, with(was, is));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "v=1; | v=2; | neutral: the version is not 1",
                "v=1; | v=1; v=1; | neutral: a tag stands twice",
                "v=1; | x; | neutral: what should be a tag is none",
                "s=r; | u=r; | neutral: tag s is missing",
                "d=a.test; | d=; | neutral: tag d is missing",
                "d=a.test; | d=a..test; | neutral: tag d is no domain",
                "s=r; | s=r/r; | neutral: tag s is no selector",
                "t=1 | t=-1 | neutral: tag t is no number",
                "v=1; | v=1; l=1 8; | neutral: tag l is no number",
                "v=1; | v=1; x=1795607999; | neutral: tag x is not behind tag t",
                "h=From | h=:From | neutral: tag h has an empty name",
                "bh= | bh=* | neutral: tag bh is not base64",
                "v=1; | v=1; i=anna; | neutral: tag i has no domain",
                "a=rsa-sha256 | a=rsa-sha1 | permerror: the algorithm is not one that counts",
                "a=rsa-sha256 | a=ed25519-sha256 | permerror: the key is of another type",
                "c=relaxed/relaxed | c=nofws | permerror: the canonical form is not known",
                "c=relaxed/relaxed | c=relaxed/relaxed/simple | permerror: the canonical form is not known",
                "v=1; | v=1; i=anna@b.test; | permerror: tag i is outside of tag d",
                "v=1; | v=1; i=anna@ba.test; | permerror: tag i is outside of tag d",
                "v=1; | v=1; q=http; | permerror: the key is not in DNS",
                "From:From: | '' | permerror: the From field is not signed",
                "s=r; | s=other; | permerror: no key for signature",
                "v=1; | v=1; l=9999; | fail: the body is shorter than signed",
                "v=1; | v=1; l=99999999999999999999999999; | fail: the body is shorter than signed",
            })
    void refusesTagsThatAreWrong(String was, String is, String said) {
        assertEquals(said, with(was, is));
    }

    @Test
    void refusesASignatureThatIsExpired() {
        SignatureForm brief = new SignatureForm(
                Canonicalization.RELAXED, Canonicalization.SIMPLE, Post.FIELDS, List.of(), Duration.ofHours(1));
        String letter = Post.signed(Post.LETTER, brief, Post.key(Post.ED25519, "e"));
        post.clock.pass(Duration.ofHours(1));
        assertEquals("pass", post.said(letter));
        post.clock.pass(Duration.ofSeconds(1));
        assertEquals("permerror: the signature is expired", post.said(letter));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "v=DKIM1; k=rsa; p= | permerror: the key is revoked",
                "v=DKIM1; k=rsa | permerror: the key record has no key",
                "v=DKIM2; k=rsa; p=KEY | permerror: the key record is of another version",
                "k=rsa; v=DKIM1; p=KEY | permerror: the key record is of another version",
                "k=dsa; p=KEY | permerror: the key is of an unknown type",
                "k=rsa; h=sha1; p=KEY | permerror: the key is not for this hash",
                "s=chat; p=KEY | permerror: the key is not for mail",
                "p=AAAA | permerror: the key is no RSA key",
                "p=A*A | permerror: the key is not base64",
                "k=ed25519; p=KEY | permerror: the key has not the length of an Ed25519 key",
                "k=rsa p=KEY | permerror: the key is of an unknown type",
                "p=KEY | pass",
                "v=DKIM1; s=chat:email; h=sha1:sha256; t=s:z; g=joe; n=a b; p=KEY; | pass",
                "v = DKIM1 ; k = RSA ; s=*; p = KEY | pass",
            })
    void readsKeyRecords(String record, String said) {
        String key = PublicKeys.text(Post.RSA.getPublic());
        post.dns.txt("k._domainkey.a.test", record.replace("KEY", key));
        assertEquals(said, post.said(Post.signed(Post.LETTER, Post.relaxed(), Post.key(Post.RSA, "k"))));
    }

    @Test
    void takesAKeyOfTheOlderSyntax() {
        byte[] info = Post.RSA.getPublic().getEncoded();
        // SubjectPublicKeyInfo of a key of 2048 bits has 24 octets in front of the key itself.
        String bare = Base64.getEncoder().encodeToString(Arrays.copyOfRange(info, 24, info.length));
        post.dns.txt("k._domainkey.a.test", "p=" + bare);
        assertEquals("pass", post.said(Post.signed(Post.LETTER, Post.relaxed(), Post.key(Post.RSA, "k"))));
    }

    @Test
    void doesNotCountWeakKeysNorOnesThatCostTooMuch() {
        KeyPair weak = Post.pair("RSA", 512);
        post.dns.txt("w._domainkey.a.test", Post.record(weak, ""));
        assertEquals(
                "policy: the key has only 512 bits",
                post.said(Post.signed(Post.LETTER, Post.relaxed(), Post.key(weak, "w"))));
        post.rules = new Verifier.Rules(5, 3072, true, Duration.ofSeconds(8));
        assertEquals("policy: the key has only 2048 bits", post.said(Post.rsa(Post.LETTER)));
        post.dns.txt("x._domainkey.a.test", "p=" + "A".repeat(4097));
        assertEquals(
                "permerror: the key is too long",
                post.said(Post.signed(Post.LETTER, Post.relaxed(), Post.key(Post.RSA, "x"))));
    }

    @Test
    void keepsAStrictKeyFromSubdomains() {
        post.dns.txt("k._domainkey.a.test", Post.record(Post.RSA, "t=s; "));
        String letter = Post.signed(Post.LETTER, Post.relaxed(), Post.key(Post.RSA, "k"));
        assertEquals("pass", post.said(letter));
        assertEquals(
                "permerror: the key is not for subdomains", post.said(letter.replace("v=1;", "v=1; i=@b.a.test;")));
    }

    @Test
    void tellsWhenADomainIsTesting() {
        post.dns.txt("k._domainkey.a.test", Post.record(Post.RSA, "t=y; "));
        String letter = Post.signed(Post.LETTER, Post.relaxed(), Post.key(Post.RSA, "k"));
        assertTrue(post.checks(letter).getFirst().testing());
        assertFalse(post.checks(Post.rsa(Post.LETTER)).getFirst().testing());
        KeyPair weak = Post.pair("RSA", 512);
        post.dns.txt("w._domainkey.a.test", Post.record(weak, "t=y; "));
        Check check = post.checks(Post.signed(Post.LETTER, Post.relaxed(), Post.key(weak, "w")))
                .getFirst();
        assertEquals(Result.POLICY, check.result());
        assertTrue(check.testing());
    }

    @Test
    void tellsSeveralKeysOfOneNameFromOneKeyAndSomethingElse() {
        post.dns.txt("r._domainkey.a.test", "some other text");
        assertEquals("pass", post.said(Post.rsa(Post.LETTER)));
        post.dns.txt("r._domainkey.a.test", Post.record(Post.pair("RSA", 1024), ""));
        assertEquals("permerror: there is more than one key", post.said(Post.rsa(Post.LETTER)));
    }

    @Test
    void saysHowMuchOfTheBodyIsNotSigned() {
        String letter = Post.rsa(Post.LETTER);
        int b = letter.indexOf("b=", letter.indexOf(";", letter.indexOf("bh=")));
        String emptied = letter.substring(0, b) + "b=;" + letter.substring(letter.indexOf("\r\nReceived"));
        String partial = Post.resigned(emptied.replace("v=1;", "v=1; l=18;"), Post.RSA) + "more\r\n";
        assertEquals("pass", post.said(partial));
        assertEquals(6 + 2, post.checks(partial).getFirst().unsigned());
        post.rules = new Verifier.Rules(5, 1024, false, Duration.ofSeconds(8));
        assertEquals("policy: the end of the body is not signed", post.said(partial));
    }

    @Test
    void checksAllSignaturesInOrderUpToItsNumber() {
        String letter = Post.rsa(Post.signed(Post.LETTER, Post.relaxed(), Post.key(Post.ED25519, "e")));
        String all = "DKIM-Signature: nonsense\r\n" + letter;
        assertEquals(
                List.of(Result.NEUTRAL, Result.PASS, Result.PASS),
                post.checks(all).stream().map(Check::result).toList());
        post.rules = new Verifier.Rules(2, 1024, true, Duration.ofSeconds(8));
        assertEquals(2, post.checks(all).size());
    }

    @Test
    void asksForAKeyOnce() {
        String letter = Post.rsa(Post.rsa(Post.LETTER));
        assertEquals(2, post.checks(letter).size());
        assertEquals(List.of("txt r._domainkey.a.test"), post.dns.questions());
    }

    @Test
    void isTemporaryWhenDnsIsDead() {
        post.dns.servfail("*");
        assertEquals("temperror: the key can not be fetched now", post.said(Post.rsa(Post.LETTER)));
        post.dns.healed();
        assertEquals("pass", post.said(Post.rsa(Post.LETTER)));
    }

    @Test
    void asksNoFurtherWhenItsTimeIsUp() {
        String letter = Post.rsa(Post.signed(Post.LETTER, Post.relaxed(), Post.key(Post.ED25519, "e")));
        post.rules = new Verifier.Rules(5, 1024, true, Duration.ofMillis(-1));
        assertEquals(
                List.of(Result.TEMPERROR, Result.TEMPERROR),
                post.checks(letter).stream().map(Check::result).toList());
        assertEquals(List.of(), post.dns.questions());
    }

    @Test
    void asksForTheKeysOfAuthorsBeforeThoseOfStrangers() {
        String own = Post.rsa(Post.LETTER);
        String field = own.substring(0, own.indexOf("Received"));
        String letter = field.replace("d=a.test", "d=b.test") + field.replace("d=a.test", "d=sub.a.test") + own;
        post.dns.servfail("r._domainkey.b.test");
        assertEquals(
                List.of("b.test", "sub.a.test", "a.test"),
                post.checks(letter).stream()
                        .map(check -> check.claims().domain())
                        .toList());
        assertEquals(
                List.of("txt r._domainkey.a.test", "txt r._domainkey.sub.a.test", "txt r._domainkey.b.test"),
                post.dns.questions());
        assertEquals(
                List.of(Result.TEMPERROR, Result.PERMERROR, Result.PASS),
                post.checks(letter).stream().map(Check::result).toList());
    }

    private static String strange(String domain, int number) {
        return "DKIM-Signature: v=1; a=rsa-sha256; d=" + domain + "; s=s" + number + "; h=from; bh=aaaa; b=bbbb\r\n";
    }

    @Test
    void findsTheSignatureOfTheAuthorBelowManyOfStrangers() {
        StringBuilder strangers = new StringBuilder();
        for (int i = 0; i < 20; i++) {
            strangers.append(strange("c.example", i)).append("DKIM-Signature: nothing\r\n");
        }
        List<Check> checks = post.checks(strangers + Post.rsa(Post.LETTER));
        assertEquals(5, checks.size());
        assertEquals(Result.PASS, checks.getLast().result());
        assertEquals("a.test", checks.getLast().claims().domain());
        assertEquals(3, post.dns.questions().size());
    }

    @Test
    void prefersThoseNearTheAuthorAndKeepsTheOrderOfTheFields() {
        post.rules = new Verifier.Rules(3, 1024, true, Duration.ofSeconds(8));
        String letter = strange("test", 1)
                + strange("c.example", 2)
                + strange("other.a.test", 3)
                + strange("c.example", 4)
                + strange("x.news.a.test", 5)
                + strange("a.test", 6)
                + "From: <anna@news.a.test>\r\n\r\n";
        assertEquals(
                List.of("other.a.test", "x.news.a.test", "a.test"),
                post.checks(letter).stream()
                        .map(check -> check.claims().domain())
                        .toList());
    }

    /** RFC 8616 5. */
    @Test
    void takesDomainsAndSelectorsInUtf8() {
        post.dns.txt("xn--schlssel-95a._domainkey.xn--bcher-kva.test", Post.record(Post.RSA, ""));
        String letter = Post.rsa(Post.LETTER);
        int b = letter.indexOf("b=", letter.indexOf(";", letter.indexOf("bh=")));
        String emptied = letter.substring(0, b) + "b=;" + letter.substring(letter.indexOf("\r\nReceived"));
        String utf8 = emptied.replace("d=a.test", octets("d=b\u00fccher.test; i=b\u00fcro@sub.B\u00dcCHER.test"))
                .replace("s=r;", octets("s=schl\u00fcssel;"));
        List<Check> checks = post.checks(Post.resigned(utf8, Post.RSA));
        assertEquals("pass", post.said(Post.resigned(utf8, Post.RSA)));
        assertEquals("xn--bcher-kva.test", checks.getFirst().claims().domain());
        assertEquals("xn--schlssel-95a", checks.getFirst().claims().selector());
        String latin1 = emptied.replace("d=a.test", "d=b\u00fccher.test");
        assertEquals("neutral: tag d is no domain", post.said(Post.resigned(latin1, Post.RSA)));
    }

    private static String octets(String text) {
        return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
    }

    @Test
    void readsTheBodyOnlyWhenThereIsAKeyAndThenOnce() throws IOException {
        String letter = Post.rsa(Post.signed(Post.LETTER, Post.relaxed(), Post.key(Post.ED25519, "e")));
        String long40 = letter + "x".repeat(40_000);
        long whole = long40.length();
        assertEquals(whole, read(long40));
        post.dns.servfail("*");
        assertTrue(read(long40) <= 16 * 1024);
    }

    private long read(String letter) throws IOException {
        byte[] octets = letter.getBytes(StandardCharsets.ISO_8859_1);
        long[] given = {0};
        InputStream in = new ByteArrayInputStream(octets) {
            @Override
            public synchronized int read(byte[] b, int off, int len) {
                int n = super.read(b, off, len);
                given[0] += Math.max(0, n);
                return n;
            }
        };
        try (MessageReader reader = new MessageReader(in)) {
            new Verifier(post.dns, post.clock, post.rules).verify(reader);
        }
        return given[0];
    }

    @ParameterizedTest
    @EnumSource(Canonicalization.class)
    void signsAndChecksWhatHasNoBody(Canonicalization form) {
        for (String body : List.of("", "\r\n", "\r\n\r\n\r\n", "\r\nx", "\r\n \r\n")) {
            String letter = "From: a@a.test\r\n" + body;
            String signed = Post.signed(letter, Post.form(form, form), Post.key(Post.ED25519, "e"));
            assertEquals("pass", post.said(signed), body);
        }
    }

    @Test
    void mayNameOtherSignaturesAmongItsFieldsAndNeverItself() {
        String first = Post.signed(Post.LETTER, Post.relaxed(), Post.key(Post.ED25519, "e"));
        String empty = "DKIM-Signature: v=1; a=rsa-sha256; d=a.test; s=r; h=from:dkim-signature:dkim-signature; bh="
                + Base64.getEncoder().encodeToString(hash(first)) + "; b=;\r\n" + first;
        String both = Post.resigned(empty, Post.RSA);
        assertEquals(
                List.of(Result.PASS, Result.PASS),
                post.checks(both).stream().map(Check::result).toList());
    }

    private static byte[] hash(String letter) {
        String body = letter.substring(letter.indexOf("\r\n\r\n") + 4);
        return Algorithm.sha256()
                .digest((body.replaceAll("(\r\n)+\\z", "") + "\r\n").getBytes(StandardCharsets.ISO_8859_1));
    }

    @Test
    void showsNothingOfWhatStrangersWroteInAnotherForm() {
        Claims shown = post.checks("DKIM-Signature: v=1; a=x y; d=a b; s=\"q; b=<>\r\nFrom: a@a.test\r\n\r\n")
                .getFirst()
                .claims();
        assertEquals(Claims.NONE, shown);
    }
}
