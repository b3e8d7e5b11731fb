// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.dkimsign;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.posthouse.api.Edit;
import org.posthouse.api.Need;
import org.posthouse.api.Stage;
import org.posthouse.api.Verdict;
import org.posthouse.mailauth.dkim.Algorithm;
import org.posthouse.mailauth.dkim.Check;
import org.posthouse.mailauth.dkim.Result;
import org.posthouse.mailauth.dkim.SigningKey;
import org.posthouse.mailauth.dkim.Verifier;
import org.posthouse.mailauth.keys.PrivateKeys;
import org.posthouse.mailauth.message.MessageReader;
import org.posthouse.testkit.FakeSession;
import org.posthouse.testkit.FakeTransaction;
import org.posthouse.testkit.Settings;
import org.posthouse.testkit.service.FakeDns;
import org.posthouse.testkit.service.SettableClock;

final class DkimSignTest {
    private static final String FROM = "From: Anna <anna@a.test>";

    @TempDir
    Path root;

    private final FakeDns dns = new FakeDns();
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final SettableClock clock = SettableClock.at(Instant.now());
    private final List<Object> settings = new ArrayList<>();
    private FakeSession.Builder session = FakeSession.with().user("anna");
    private String path = "bounce@mail.test";
    private FakeTransaction tx = FakeTransaction.at(Stage.QUEUE).build();

    @BeforeEach
    void namesTheFolder() {
        set("keys", root.resolve("dkim").toString());
        set("takeOverAfter", 86_400_000L);
        set("expire", 0L);
    }

    private void set(String key, Object value) {
        settings.add(key);
        settings.add(value);
    }

    /** Puts a key into the folder and its record into DNS. */
    private Path key(String domain, String selector, Algorithm algorithm) throws IOException, GeneralSecurityException {
        var made = PrivateKeys.generate(algorithm, 2048);
        TextRecord record = TextRecord.of(new SigningKey(domain, selector, algorithm, made));
        dns.txt(record.name(), record.text());
        return file(domain + "." + selector + ".pem", PrivateKeys.pem(made));
    }

    private Path file(String name, String text) throws IOException {
        Path folder = Files.createDirectories(root.resolve("dkim"));
        return Files.writeString(folder.resolve(name), text);
    }

    private DkimSign hook() {
        return new DkimSign(Settings.of(DkimSign.Config.class, settings.toArray()), meters, clock);
    }

    private Verdict ask(DkimSign hook, String... headers) throws IOException {
        tx = FakeTransaction.at(Stage.QUEUE)
                .needs(Need.BODY, Need.EDIT_HEADERS)
                .in(session)
                .from(path)
                .headers(headers)
                .body("Hello\r\n")
                .build();
        return hook.onQueue(tx, tx.message());
    }

    /** Asks, and checks what the message would then be: {@code selector.domain result} for each signature from the top. */
    private List<String> signed(String... headers) throws IOException {
        assertEquals(Verdict.next(), ask(hook(), headers));
        StringBuilder letter = new StringBuilder();
        for (Edit edit : tx.edits().reversed()) {
            Edit.InsertHeader insert = assertInstanceOf(Edit.InsertHeader.class, edit);
            assertEquals(0, insert.index());
            letter.append(insert.name()).append(": ").append(insert.value()).append("\r\n");
        }
        letter.append(String.join("\r\n", headers)).append("\r\n\r\nHello\r\n");
        Verifier.Rules rules = new Verifier.Rules(10, 1024, true, Duration.ofSeconds(8));
        try (MessageReader reader =
                new MessageReader(new ByteArrayInputStream(letter.toString().getBytes(StandardCharsets.UTF_8)))) {
            List<Check> checks = new Verifier(dns, clock, rules).verify(reader);
            checks.forEach(check -> assertEquals(Result.PASS, check.result(), check.toString()));
            return checks.stream()
                    .map(check ->
                            check.claims().selector() + " " + check.claims().domain())
                    .toList();
        }
    }

    private double unsigned(String why) {
        return meters.get("posthouse.dkim.unsigned")
                .tag("reason", why)
                .counter()
                .count();
    }

    @Test
    void signsWithEveryAlgorithmOfTheAuthorsDomain() throws Exception {
        key("a.test", "r", Algorithm.RSA_SHA256);
        key("a.test", "e", Algorithm.ED25519_SHA256);
        key("mail.test", "m", Algorithm.ED25519_SHA256);
        assertEquals(List.of("e a.test", "r a.test"), signed(FROM, "Subject: x"));
        assertEquals(
                1,
                meters.get("posthouse.dkim.signed")
                        .tag("algorithm", "rsa-sha256")
                        .counter()
                        .count());
    }

    @Test
    void signsWithTheDomainOfTheReversePathElse() throws Exception {
        key("mail.test", "m", Algorithm.ED25519_SHA256);
        assertEquals(List.of("m mail.test"), signed(FROM));
        assertEquals(List.of("m mail.test"), signed("From: a@a.test, b@b.test"));
    }

    @Test
    void leavesUnsignedWhatNoKeyIsFor() throws Exception {
        assertEquals(List.of(), signed(FROM));
        key("test", "x", Algorithm.ED25519_SHA256);
        key("sub.a.test", "x", Algorithm.ED25519_SHA256);
        assertEquals(List.of(), signed(FROM));
        path = "";
        assertEquals(List.of(), signed(FROM));
        assertEquals(3, unsigned("no-key"));
    }

    @Test
    void neverSignsTheMailOfStrangers() throws Exception {
        key("a.test", "e", Algorithm.ED25519_SHA256);
        session = FakeSession.with();
        assertEquals(List.of(), signed(FROM));
        session = FakeSession.with().listener("smtp", "relay");
        assertEquals(List.of(), signed(FROM));
        set("listeners", new String[] {"smtp"});
        assertEquals(List.of("e a.test"), signed(FROM));
    }

    @Test
    void signsTheMailOfTrustedClientsAndOfTheServerItself() throws Exception {
        key("a.test", "e", Algorithm.ED25519_SHA256);
        path = "";
        session = FakeSession.with().trusted();
        assertEquals(List.of("e a.test"), signed(FROM));
        session = FakeSession.with().listener("internal", "internal").trusted();
        assertEquals(List.of("e a.test"), signed("From: MAILER-DAEMON@a.test"));
        set("clients", new String[] {"authenticated", "trusted"});
        assertEquals(List.of(), signed("From: MAILER-DAEMON@a.test"));
    }

    @Test
    void doesNotVouchForAFromFieldThatCanBeReadInTwoWays() throws Exception {
        key("a.test", "e", Algorithm.ED25519_SHA256);
        key("mail.test", "m", Algorithm.ED25519_SHA256);
        assertEquals(List.of(), signed(FROM, "From: boss@b.test"));
        assertEquals(List.of(), signed("From: boss@b.test <anna@a.test>"));
        assertEquals(List.of(), signed("Subject: no author"));
        assertEquals(3, unsigned("unreadable"));
    }

    @Test
    void signsForASecondDomainToo() throws Exception {
        key("a.test", "e", Algorithm.ED25519_SHA256);
        key("host.test", "h", Algorithm.ED25519_SHA256);
        set("alsoSignAs", "host.test");
        assertEquals(List.of("h host.test", "e a.test"), signed(FROM));
        assertEquals(List.of("h host.test"), signed("From: x@nokey.test"));
        assertEquals(List.of("h host.test"), signed("From: x@host.test"));
    }

    @Test
    void findsTheKeysOfInternationalDomains() throws Exception {
        key("xn--bcher-kva.test", "e", Algorithm.ED25519_SHA256);
        assertEquals(List.of("e xn--bcher-kva.test"), signed("From: x@xn--bcher-kva.test"));
        path = "x@B\u00dcCHER.test";
        assertEquals(List.of("e xn--bcher-kva.test"), signed(FROM));
    }

    private void age(Path file, Duration age) throws IOException {
        Files.setLastModifiedTime(file, FileTime.from(clock.instant().minus(age)));
    }

    @Test
    void takesTheNewestKeyThatIsOldEnough() throws Exception {
        age(key("a.test", "k1", Algorithm.ED25519_SHA256), Duration.ofDays(400));
        Path second = key("a.test", "k2", Algorithm.ED25519_SHA256);
        age(second, Duration.ofDays(30));
        age(key("a.test", "k3", Algorithm.ED25519_SHA256), Duration.ofHours(23));
        assertEquals(List.of("k2 a.test"), signed(FROM));
        clock.pass(Duration.ofHours(1));
        assertEquals(List.of("k3 a.test"), signed(FROM));
        Files.delete(root.resolve("dkim/a.test.k3.pem"));
        clock.pass(Duration.ofSeconds(1));
        assertEquals(List.of("k2 a.test"), signed(FROM));
    }

    @Test
    void takesTheOldestKeyWhenNoneIsOldEnough() throws Exception {
        age(key("a.test", "k1", Algorithm.ED25519_SHA256), Duration.ofHours(2));
        age(key("a.test", "k2", Algorithm.ED25519_SHA256), Duration.ofHours(1));
        assertEquals(List.of("k1 a.test"), signed(FROM));
        set("takeOverAfter", 0L);
        assertEquals(List.of("k2 a.test"), signed(FROM));
    }

    @Test
    void prefersTheSelectorsOfTheOperator() throws Exception {
        age(key("a.test", "k1", Algorithm.ED25519_SHA256), Duration.ofDays(400));
        age(key("a.test", "k2", Algorithm.ED25519_SHA256), Duration.ofDays(30));
        age(key("a.test", "r1", Algorithm.RSA_SHA256), Duration.ofDays(30));
        set("selectors", new String[] {"none", "k1", "k2"});
        assertEquals(List.of("k1 a.test", "r1 a.test"), signed(FROM));
        set("algorithms", new String[] {"ed25519"});
        assertEquals(List.of("k1 a.test"), signed(FROM));
    }

    @Test
    void seesANewKeyWhileItRuns() throws Exception {
        DkimSign hook = hook();
        ask(hook, FROM);
        assertEquals(List.of(), tx.edits());
        key("a.test", "e", Algorithm.ED25519_SHA256);
        clock.pass(Duration.ofSeconds(1));
        ask(hook, FROM);
        assertEquals(1, tx.edits().size());
    }

    @Test
    void defersWhatItCanNotSignUnlessToldOtherwise() throws Exception {
        file("a.test.e.pem", "damaged");
        Verdict.Defer verdict = assertInstanceOf(Verdict.Defer.class, ask(hook(), FROM));
        assertEquals("4.3.5", verdict.reply().enhanced());
        assertTrue(verdict.reason().contains("a.test.e.pem signs nothing"), verdict.reason());
        set("onDamage", "unsigned");
        assertEquals(List.of(), signed(FROM));
        assertEquals(2, unsigned("damaged"));
        key("a.test", "r", Algorithm.RSA_SHA256);
        settings.subList(settings.size() - 2, settings.size()).clear();
        assertEquals(List.of("r a.test"), signed(FROM));
    }

    @Test
    void defersWhenTheFolderVanishes() throws Exception {
        Path key = key("a.test", "e", Algorithm.ED25519_SHA256);
        DkimSign hook = hook();
        assertEquals(Verdict.next(), ask(hook, FROM));
        Files.delete(key);
        Files.delete(root.resolve("dkim"));
        clock.pass(Duration.ofSeconds(1));
        assertInstanceOf(Verdict.Defer.class, ask(hook, FROM));
    }

    @Test
    void oversignsSoThatNothingCanBeAdded() throws Exception {
        key("a.test", "e", Algorithm.ED25519_SHA256);
        signed(FROM, "To: b@b.test", "X-Other: x");
        String value = ((Edit.InsertHeader) tx.edits().getFirst()).value().replaceAll("\\s", "");
        assertTrue(value.contains(";h=From:From:Reply-To:To:To:Cc:Subject:Date;"), value);
    }

    @Test
    void refusesAConfigurationThatSignsNonsense() {
        set("fields", new String[] {"From", "Received"});
        assertThrows(IllegalArgumentException.class, this::hook);
    }
}
