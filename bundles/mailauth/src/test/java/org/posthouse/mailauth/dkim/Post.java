// SPDX-License-Identifier: Apache-2.0
package org.posthouse.mailauth.dkim;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import org.posthouse.mailauth.message.MessageReader;
import org.posthouse.testkit.service.FakeDns;
import org.posthouse.testkit.service.SettableClock;

/** Signs and checks messages of a test, with keys of its own. */
final class Post {
    static final Instant NOW = Instant.parse("2026-11-25T12:00:00Z");
    static final String LETTER =
            "Received: from x\r\nFrom: Anna <anna@a.test>\r\nTo: b@b.test\r\nSubject: one\r\n  two\r\n"
                    + "Date: now\r\n\r\nHello  there \r\n\r\n.\r\n\r\n";
    static final List<String> FIELDS = List.of("From", "To", "Subject", "Date", "Cc");
    static final KeyPair RSA = pair("RSA", 2048);
    static final KeyPair ED25519 = pair("Ed25519", 0);

    final FakeDns dns = new FakeDns();
    final SettableClock clock = SettableClock.at(NOW);
    Verifier.Rules rules = new Verifier.Rules(5, 1024, true, Duration.ofSeconds(8));

    Post() {
        dns.txt("r._domainkey.a.test", record(RSA, ""));
        dns.txt("e._domainkey.a.test", record(ED25519, ""));
    }

    static KeyPair pair(String type, int bits) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance(type);
            if (bits > 0) {
                generator.initialize(bits);
            }
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    static String record(KeyPair pair, String more) {
        String type = pair.getPublic().getAlgorithm().equals("RSA") ? "rsa" : "ed25519";
        return "v=DKIM1; k=" + type + "; " + more + "p=" + PublicKeys.text(pair.getPublic());
    }

    static SigningKey key(KeyPair pair, String selector) {
        boolean rsa = pair.getPublic().getAlgorithm().equals("RSA");
        return new SigningKey(
                "a.test", selector, rsa ? Algorithm.RSA_SHA256 : Algorithm.ED25519_SHA256, pair.getPrivate());
    }

    static SignatureForm form(Canonicalization header, Canonicalization body) {
        return new SignatureForm(header, body, FIELDS, List.of("From", "Cc"), Duration.ZERO);
    }

    static SignatureForm relaxed() {
        return form(Canonicalization.RELAXED, Canonicalization.RELAXED);
    }

    static String signed(String letter, SignatureForm form, SigningKey key) {
        try (MessageReader reader = reader(letter)) {
            Signer signer = new Signer(form);
            SignedFields fields = new SignedFields(reader.fields());
            BodyHashes bodies = new BodyHashes(List.of(signer.body()));
            reader.body(bodies);
            bodies.end();
            String value = signer.sign(fields, bodies.hash(signer.body()).orElseThrow(), key, NOW);
            return "DKIM-Signature: " + value + "\r\n" + letter;
        } catch (IOException | GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    static String rsa(String letter) {
        return signed(letter, relaxed(), key(RSA, "r"));
    }

    /** Signs a letter whose first field is a signature with an empty tag b: whatever its tags say. */
    static String resigned(String letter, KeyPair pair) {
        try (MessageReader reader = reader(letter)) {
            String field = reader.fields().getFirst().raw();
            TagList tags = TagList.parse(field.substring(field.indexOf(':') + 1));
            Canonicalization form = Canonicalization.of(
                            tags.value("c").orElse("simple").split("/")[0])
                    .orElse(Canonicalization.SIMPLE);
            List<String> names = List.of(tags.compact("h").orElseThrow().split(":"));
            byte[] data = new SignedFields(reader.fields())
                    .data(names, form, reader.fields().getFirst())
                    .getBytes(StandardCharsets.ISO_8859_1);
            byte[] b = key(pair, "").algorithm().sign(pair.getPrivate(), data);
            int end = field.lastIndexOf("b=;") + 2;
            return field.substring(0, end) + Base64.getEncoder().encodeToString(b) + letter.substring(end);
        } catch (MalformedTagsException e) {
            return letter; // There is nothing to sign.
        } catch (IOException | GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    static MessageReader reader(String letter) {
        return new MessageReader(new ByteArrayInputStream(letter.getBytes(StandardCharsets.ISO_8859_1)));
    }

    List<Check> checks(String letter) {
        try (MessageReader reader = reader(letter)) {
            return new Verifier(dns, clock, rules).verify(reader);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** The only check, as {@code result: reason}. */
    String said(String letter) {
        List<Check> all = checks(letter);
        if (all.size() != 1) {
            throw new AssertionError(all.toString());
        }
        String reason = all.getFirst().reason();
        return all.getFirst().result().word() + (reason.isEmpty() ? "" : ": " + reason);
    }
}
