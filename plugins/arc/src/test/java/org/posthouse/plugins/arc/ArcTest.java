// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.arc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.posthouse.api.AuthResults;
import org.posthouse.api.Edit;
import org.posthouse.api.Need;
import org.posthouse.api.Stage;
import org.posthouse.api.Verdict;
import org.posthouse.mailauth.dkim.Algorithm;
import org.posthouse.mailauth.dkim.SigningKey;
import org.posthouse.mailauth.keys.PrivateKeys;
import org.posthouse.testkit.FakeSession;
import org.posthouse.testkit.FakeTransaction;
import org.posthouse.testkit.Settings;
import org.posthouse.testkit.service.FakeDns;

final class ArcTest {
    private static final Mail PLAIN =
            new Mail("From: Anna <anna@example.org>\r\nTo: list@local.test\r\nSubject: hello\r\n\r\nHello\r\n");
    private static final AuthResults RESULTS =
            new AuthResults(List.of(new AuthResults.Result("arc", "none", "", List.of())));

    @TempDir
    Path folder;

    private final FakeDns dns = new FakeDns();
    private final SigningKey hop = Mail.key(dns, "hop.test", Algorithm.RSA_SHA256);
    private final SigningKey own = Mail.key(dns, "own.test", Algorithm.ED25519_SHA256);
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();

    private Arc.Config config(Object... pairs) {
        List<Object> settings = new ArrayList<>(List.of("patience", 8000L, "domain", "", "keys", folder.toString()));
        settings.addAll(List.of(pairs));
        return Settings.of(Arc.Config.class, settings.toArray());
    }

    private Arc arc(Object... pairs) {
        return new Arc(config(pairs), dns, meters, Clock.systemUTC());
    }

    private ArcSeal arcSeal(Object... pairs) throws IOException {
        Files.writeString(folder.resolve("own.test.s1.pem"), PrivateKeys.pem(own.key()));
        List<Object> settings = new ArrayList<>(List.of("domain", "own.test", "selector", "s1"));
        settings.addAll(List.of(pairs));
        return new ArcSeal(config(settings.toArray()), meters, Clock.systemUTC());
    }

    private static FakeTransaction.Builder at(Stage stage, Mail mail) {
        String[] parts = mail.text().split("\r\n\r\n", 2);
        return FakeTransaction.at(stage)
                .needs(Need.BODY, Need.PEER, Need.EDIT_HEADERS)
                .in(FakeSession.with().peer("192.0.2.7"))
                .to("list@local.test")
                .headers(parts[0].split("\r\n(?![ \t])"))
                .body(parts[1]);
    }

    private FakeTransaction verified(Mail mail) throws IOException {
        FakeTransaction tx = at(Stage.DATA, mail).build();
        assertEquals(Verdict.next(), arc().onMessage(tx, tx.message()));
        return tx;
    }

    private static Mail judged(Mail mail, String status) {
        return new Mail("Authentication-Results: mx.own.test;\r\n\tarc=" + status + "\r\n" + mail.text());
    }

    /** Forwards the mail to this recipient and gives back what leaves. */
    private Mail forwarded(Mail mail, String to) throws IOException {
        Arrived arrived = verified(mail).get(Arrived.NOTE).orElseThrow();
        Mail marked = judged(mail, arrived.chain().status().word());
        FakeTransaction tx = at(Stage.QUEUE, marked)
                .to(to)
                .note(Arrived.NOTE, arrived)
                .results(RESULTS)
                .build();
        arcSeal().onQueue(tx, tx.message());
        StringBuilder added = new StringBuilder();
        tx.edits().reversed().forEach(edit -> {
            Edit.InsertHeader field = (Edit.InsertHeader) edit;
            added.append(field.name()).append(": ").append(field.value()).append("\r\n");
        });
        return new Mail(added + marked.text());
    }

    private static String result(FakeTransaction tx) {
        AuthResults.Result result = tx.recorded().getFirst();
        return result.method() + "=" + result.value() + " " + result.reason() + " " + result.properties();
    }

    @Test
    void saysHowTheChainIs() throws IOException {
        assertEquals("arc=none  []", result(verified(PLAIN)));
        assertEquals(
                "arc=pass  [header.oldest-pass=0, smtp.remote-ip=192.0.2.7]",
                result(verified(PLAIN.sealed(hop, "none"))));
        assertEquals(
                "arc=fail message signature 1: the body is not what was signed [smtp.remote-ip=192.0.2.7]",
                result(verified(PLAIN.sealed(hop, "none").with("Hello", "Hullo"))));
        assertEquals(1, meters.counter("posthouse.arc.chains", "result", "pass").count());
    }

    @Test
    void quotesAnAddressWithColons() throws IOException {
        FakeTransaction tx = at(Stage.DATA, PLAIN.sealed(hop, "none"))
                .in(FakeSession.with().peer("2001:db8::1"))
                .build();
        arc().onMessage(tx, tx.message());
        assertTrue(result(tx).endsWith("smtp.remote-ip=\"2001:db8:0:0:0:0:0:1\"]"), result(tx));
    }

    @Test
    void tellsLaterHooksWhoSealed() throws IOException {
        FakeTransaction tx = verified(PLAIN.sealed(hop, "none").sealed(own, "pass"));
        assertTrue(tx.notes().containsValue("hop.test own.test"), tx.notes().toString());
    }

    @Test
    void leavesMailOfOursAloneUnlessTold() throws IOException {
        for (FakeSession.Builder session :
                List.of(FakeSession.with().trusted(), FakeSession.with().user("anna"))) {
            FakeTransaction tx = at(Stage.DATA, PLAIN).in(session).build();
            arc().onMessage(tx, tx.message());
            assertEquals(List.of(), tx.recorded());
            FakeTransaction told = at(Stage.DATA, PLAIN).in(session).build();
            arc("skipTrusted", false, "skipAuthenticated", false).onMessage(told, told.message());
            assertEquals(1, told.recorded().size());
        }
    }

    @Test
    void refusesABrokenChainWhenTold() throws IOException {
        Mail broken = PLAIN.sealed(hop, "none").with("Hello", "Hullo");
        FakeTransaction tx = at(Stage.DATA, broken).build();
        assertEquals(
                Verdict.reject("5.7.29", "ARC validation failure")
                        .because("arc: message signature 1: the body is not what was signed"),
                arc("onFail", "reject").onMessage(tx, tx.message()));
    }

    @Test
    void hasTheClientTryAgainWhenToldAndAKeyCanNotBeFetched() throws IOException {
        FakeTransaction tx = at(Stage.DATA, PLAIN.sealed(hop, "none")).build();
        dns.servfail("*");
        assertEquals(
                Verdict.defer("4.4.3", "The chain of this message can not be checked now")
                        .because("arc: message signature 1: the key can not be fetched now"),
                arc("onTemporary", "defer", "onFail", "reject").onMessage(tx, tx.message()));
    }

    @Test
    void sealsWhatIsForwarded() throws IOException {
        Mail first = forwarded(PLAIN, "anna@away.test");
        assertEquals(new ChainResult(ChainResult.Status.PASS, "", 0, List.of("own.test"), false), first.validated(dns));
        assertTrue(
                first.text().contains("ARC-Authentication-Results: i=1; mx.own.test;\r\n\tarc=none\r\n"), first.text());
        Mail third = forwarded(PLAIN.sealed(hop, "none").sealed(hop, "pass"), "anna@away.test");
        assertEquals(
                new ChainResult(ChainResult.Status.PASS, "", 0, List.of("hop.test", "hop.test", "own.test"), false),
                third.validated(dns));
    }

    @Test
    void sealsABrokenChainAsBrokenAndNobodyAddsToThat() throws IOException {
        Mail mail = forwarded(PLAIN.sealed(hop, "none").with("Hello", "Hullo"), "anna@away.test");
        assertTrue(mail.text().startsWith("ARC-Seal: "), mail.text());
        assertTrue(mail.text().contains("cv=fail; d=own.test; i=2;"), mail.text());
        assertEquals(
                "the last seal says that the chain is broken",
                mail.validated(dns).reason());
        assertTrue(forwarded(mail, "anna@away.test").text().startsWith("Authentication-Results"));
    }

    @Test
    void sealsNothingAfterTheFiftiethHop() throws IOException {
        Mail mail = PLAIN.sealed(hop, "none");
        for (int i = 2; i <= 50; i++) {
            mail = mail.sealed(hop, "pass");
        }
        assertTrue(forwarded(mail, "anna@away.test").text().startsWith("Authentication-Results"));
        assertEquals(1, meters.counter("posthouse.arc.seals", "outcome", "over").count());
    }

    @Test
    void sealsNothingThatStaysOrThatIsOurs() throws IOException {
        assertTrue(forwarded(PLAIN, "bert@local.test").text().startsWith("Authentication-Results"));
        FakeTransaction ours = at(Stage.QUEUE, judged(PLAIN, "none"))
                .to("anna@away.test")
                .results(RESULTS)
                .build();
        assertEquals(Verdict.next(), arcSeal().onQueue(ours, ours.message()));
        assertEquals(List.of(), ours.edits());
    }

    @Test
    void sealsAllOfStrangersWhenTold() throws IOException {
        FakeTransaction tx = at(Stage.QUEUE, judged(PLAIN, "none"))
                .note(Arrived.NOTE, verified(PLAIN).get(Arrived.NOTE).orElseThrow())
                .results(RESULTS)
                .build();
        arcSeal("seals", "all").onQueue(tx, tx.message());
        assertEquals(
                List.of("ARC-Authentication-Results", "ARC-Message-Signature", "ARC-Seal"),
                tx.edits().stream()
                        .map(edit -> ((Edit.InsertHeader) edit).name())
                        .toList());
    }

    @Test
    void letsMailGoOnWithoutAKey() throws IOException {
        ArcSeal sealing = arcSeal();
        Files.delete(folder.resolve("own.test.s1.pem"));
        FakeTransaction tx = at(Stage.QUEUE, judged(PLAIN, "none"))
                .to("anna@away.test")
                .note(Arrived.NOTE, verified(PLAIN).get(Arrived.NOTE).orElseThrow())
                .results(RESULTS)
                .build();
        assertEquals(Verdict.next().because("no key to seal with"), sealing.onQueue(tx, tx.message()));
        assertEquals(
                1, meters.counter("posthouse.arc.seals", "outcome", "no-key").count());
    }

    @Test
    void refusesHalfOfAKeyName() {
        assertThrows(
                IllegalArgumentException.class,
                () -> new ArcSeal(config("domain", "own.test"), meters, Clock.systemUTC()));
        assertThrows(IllegalArgumentException.class, () -> arc("patience", 16_000L));
    }

    @Test
    void foldsItsFields() throws IOException {
        Mail mail = forwarded(PLAIN, "anna@away.test");
        assertTrue(Arrays.stream(mail.text().split("\r\n")).allMatch(line -> line.length() <= 78), mail.text());
    }
}
