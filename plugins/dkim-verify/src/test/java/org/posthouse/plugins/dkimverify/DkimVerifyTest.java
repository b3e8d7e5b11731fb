// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.dkimverify;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.posthouse.api.AuthResults;
import org.posthouse.api.Header;
import org.posthouse.api.Need;
import org.posthouse.api.Stage;
import org.posthouse.api.Verdict;
import org.posthouse.mailauth.dkim.Algorithm;
import org.posthouse.mailauth.dkim.BodyHashes;
import org.posthouse.mailauth.dkim.Canonicalization;
import org.posthouse.mailauth.dkim.PublicKeys;
import org.posthouse.mailauth.dkim.SignatureForm;
import org.posthouse.mailauth.dkim.SignedFields;
import org.posthouse.mailauth.dkim.Signer;
import org.posthouse.mailauth.dkim.SigningKey;
import org.posthouse.testkit.FakeSession;
import org.posthouse.testkit.FakeTransaction;
import org.posthouse.testkit.Settings;
import org.posthouse.testkit.service.FakeDns;
import org.posthouse.testkit.service.SettableClock;

final class DkimVerifyTest {
    private static final String FROM = "From: Anna <anna@a.test>";
    private static final String BODY = "Hello\r\n";

    private static KeyPair pair;
    private static String signature;

    private final FakeDns dns = new FakeDns().txt("s._domainkey.a.test", record(""));
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final SettableClock clock = SettableClock.at(Instant.parse("2026-11-25T12:00:00Z"));
    private final List<Object> settings = new ArrayList<>();
    private FakeSession.Builder session = FakeSession.with();
    private FakeTransaction tx = FakeTransaction.at(Stage.DATA).build();

    @BeforeEach
    void isPatient() {
        set("patience", 8_000L);
    }

    @BeforeAll
    static void sign() throws GeneralSecurityException {
        pair = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
        SignatureForm form = new SignatureForm(
                Canonicalization.RELAXED, Canonicalization.RELAXED, List.of("From"), List.of("From"), Duration.ZERO);
        Signer signer = new Signer(form);
        BodyHashes bodies = new BodyHashes(List.of(signer.body()));
        bodies.take(BODY.getBytes(StandardCharsets.US_ASCII), 0, BODY.length());
        bodies.end();
        SigningKey key = new SigningKey("a.test", "s", Algorithm.ED25519_SHA256, pair.getPrivate());
        signature = "DKIM-Signature: "
                + signer.sign(
                        new SignedFields(List.of(new Header("From", FROM + "\r\n"))),
                        bodies.hash(signer.body()).orElseThrow(),
                        key,
                        Instant.parse("2026-11-25T12:00:00Z"));
    }

    private static String record(String flags) {
        return "v=DKIM1; k=ed25519; " + flags + "p=" + PublicKeys.text(pair.getPublic());
    }

    private Verdict ask(String body, String... headers) throws IOException {
        DkimVerify.Config config = Settings.of(DkimVerify.Config.class, settings.toArray());
        DkimVerify hook = new DkimVerify(config, dns, meters, clock);
        tx = FakeTransaction.at(Stage.DATA)
                .needs(Need.BODY)
                .in(session)
                .headers(headers)
                .body(body)
                .build();
        return hook.onMessage(tx, tx.message());
    }

    private void set(String key, Object value) {
        settings.add(key);
        settings.add(value);
    }

    private double counted(String result) {
        return meters.get("posthouse.dkim.checked")
                .tag("result", result)
                .counter()
                .count();
    }

    private AuthResults.Result only() {
        assertEquals(1, tx.recorded().size());
        return tx.recorded().getFirst();
    }

    @Test
    void recordsARightSignature() throws IOException {
        assertEquals(Verdict.next(), ask(BODY, signature, FROM));
        AuthResults.Result result = only();
        assertEquals("dkim", result.method());
        assertEquals("pass", result.value());
        assertEquals("", result.reason());
        assertEquals(
                List.of("header.d=a.test", "header.s=s", "header.a=ed25519-sha256"),
                result.properties().subList(0, 3));
        String b = result.properties().get(3).replace("\"", "");
        assertEquals("header.b=".length() + 8, b.length());
        assertEquals(1, counted("pass"));
        assertEquals(Map.of(), tx.scores());
    }

    @Test
    void recordsThatThereIsNone() throws IOException {
        assertEquals(Verdict.next(), ask(BODY, FROM));
        assertEquals(new AuthResults.Result("dkim", "none", "", List.of()), only());
        assertEquals(1, counted("none"));
    }

    @Test
    void marksWhatIsWrongAndRefusesNothingAsShipped() throws IOException {
        assertEquals(Verdict.next(), ask("Hullo\r\n", signature, FROM));
        assertEquals("fail", only().value());
        assertEquals("the body hash did not verify", only().reason());
        assertEquals(1, counted("fail"));
    }

    @Test
    void recordsEachSignatureAndTellsThemApart() throws IOException {
        ask(BODY, signature, "DKIM-Signature: v=1; b=" + "A".repeat(12) + "/x; d=b.test", signature, FROM);
        assertEquals(
                List.of("pass", "neutral", "pass"),
                tx.recorded().stream().map(AuthResults.Result::value).toList());
        assertEquals(
                List.of("header.d=b.test", "header.b=AAAAAAAA"),
                tx.recorded().get(1).properties());
        assertEquals(tx.recorded().get(0), tx.recorded().get(2));
    }

    @Test
    void showsMoreOfSignaturesThatBeginAlike() throws IOException {
        ask(BODY, "DKIM-Signature: b=AAAAAAAAAAxB", "DKIM-Signature: b=AAAAAAAAA/yC", FROM);
        assertEquals(List.of("header.b=AAAAAAAAAA"), tx.recorded().get(0).properties());
        assertEquals(List.of("header.b=\"AAAAAAAAA/\""), tx.recorded().get(1).properties());
    }

    @Test
    void showsNoMoreThanAFewOfSignaturesThatAreMadeAlike() throws IOException {
        String b = "A".repeat(4000);
        ask(BODY, "DKIM-Signature: b=" + b + "x", "DKIM-Signature: b=" + b + "y", FROM);
        assertEquals(List.of("header.b=" + "A".repeat(64)), tx.recorded().get(1).properties());
    }

    @Test
    void leavesTrustedAndAuthenticatedClientsAlone() throws IOException {
        session = FakeSession.with().trusted();
        ask(BODY, signature, FROM);
        assertEquals(List.of(), tx.recorded());
        session = FakeSession.with().user("anna");
        ask(BODY, signature, FROM);
        assertEquals(List.of(), tx.recorded());
        assertEquals(List.of(), dns.questions());
        set("skipTrusted", false);
        set("skipAuthenticated", false);
        ask(BODY, signature, FROM);
        assertEquals("pass", only().value());
    }

    @Test
    void saysTemperrorWhenDnsIsDeadAndLetsTheMailPass() throws IOException {
        dns.servfail("*");
        assertEquals(Verdict.next(), ask(BODY, signature, FROM));
        assertEquals("temperror", only().value());
    }

    @Test
    void defersWhenDnsIsDeadWhereItIsTold() throws IOException {
        set("onTemporary", "defer");
        dns.servfail("*");
        Verdict.Defer verdict = assertInstanceOf(Verdict.Defer.class, ask(BODY, signature, FROM));
        assertEquals("4.4.3", verdict.reply().enhanced());
        dns.healed();
        assertEquals(Verdict.next(), ask(BODY, signature, FROM));
    }

    @Test
    void refusesOrHoldsWhatIsWrongWhereItIsTold() throws IOException {
        set("onFail", "reject");
        Verdict.Reject verdict = assertInstanceOf(Verdict.Reject.class, ask("Hullo\r\n", signature, FROM));
        assertEquals("5.7.20", verdict.reply().enhanced());
        assertEquals(Verdict.next(), ask(BODY, signature, FROM));
        assertEquals(Verdict.next(), ask(BODY, FROM));
        assertEquals(Verdict.next(), ask(BODY, signature, "DKIM-Signature: nonsense", FROM));
        settings.clear();
        isPatient();
        set("onFail", "hold");
        assertInstanceOf(Verdict.Hold.class, ask("Hullo\r\n", signature, FROM));
    }

    @Test
    void holdsNothingAgainstADomainThatIsTesting() throws IOException {
        FakeDns testing = new FakeDns().txt("s._domainkey.a.test", record("t=y; "));
        set("onFail", "reject");
        set("failPoints", 3.0);
        set("unusablePoints", 1.5);
        set("nonePoints", 0.5);
        DkimVerify hook =
                new DkimVerify(Settings.of(DkimVerify.Config.class, settings.toArray()), testing, meters, clock);
        tx = FakeTransaction.at(Stage.DATA)
                .needs(Need.BODY)
                .headers(signature, FROM)
                .body("Hullo\r\n")
                .build();
        assertEquals(Verdict.next(), hook.onMessage(tx, tx.message()));
        assertEquals("the body hash did not verify; its domain is testing", only().reason());
        assertEquals(Map.of("DKIM_NONE", 0.5), tx.scores());
    }

    @Test
    void scoresWhereItIsTold() throws IOException {
        set("passPoints", -1.0);
        set("failPoints", 3.0);
        set("unusablePoints", 1.5);
        set("nonePoints", 0.5);
        ask(BODY, signature, FROM);
        assertEquals(Map.of("DKIM_PASS", -1.0), tx.scores());
        ask("Hullo\r\n", signature, FROM);
        assertEquals(Map.of("DKIM_FAIL", 3.0), tx.scores());
        ask(BODY, "DKIM-Signature: nonsense", FROM);
        assertEquals(Map.of("DKIM_UNUSABLE", 1.5), tx.scores());
        ask(BODY, FROM);
        assertEquals(Map.of("DKIM_NONE", 0.5), tx.scores());
        dns.servfail("*");
        ask(BODY, signature, FROM);
        assertEquals(Map.of(), tx.scores());
    }

    @Test
    void refusesAPatienceThatOutlastsItsBudget() {
        set("patience", 15_001L);
        assertThrows(IllegalArgumentException.class, () -> ask(BODY, FROM));
    }
}
