// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.arc;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.posthouse.api.service.Dns;
import org.posthouse.mailauth.dkim.Algorithm;
import org.posthouse.mailauth.dkim.BodyHashes;
import org.posthouse.mailauth.dkim.PublicKeys;
import org.posthouse.mailauth.dkim.SignedFields;
import org.posthouse.mailauth.dkim.SigningKey;
import org.posthouse.mailauth.keys.PrivateKeys;
import org.posthouse.mailauth.message.MessageReader;
import org.posthouse.testkit.service.FakeDns;

/** A message on its way from hop to hop. */
record Mail(String text) {
    private static final List<String> SIGNED = List.of("from", "from", "to", "subject");

    static MessageReader reader(String text) {
        return new MessageReader(new ByteArrayInputStream(text.getBytes(StandardCharsets.ISO_8859_1)));
    }

    /** A new key of a domain, published. */
    static SigningKey key(FakeDns dns, String domain, Algorithm algorithm) {
        try {
            PrivateKey key = PrivateKeys.generate(algorithm, 2048);
            dns.txt(
                    "s1._domainkey." + domain,
                    "v=DKIM1; k=" + algorithm.keyType() + "; p=" + PublicKeys.text(PrivateKeys.publicOf(key)));
            return new SigningKey(domain, "s1", algorithm, key);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    ChainResult validated(Dns dns) {
        try (MessageReader reader = reader(text)) {
            return new Validator(dns, Clock.systemUTC(), Duration.ofSeconds(8)).validate(reader);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The next hop seals it with this status. */
    Mail sealed(SigningKey key, String status) {
        return sealed(key, status, SIGNED);
    }

    Mail sealed(SigningKey key, String status, List<String> names) {
        BodyHashes bodies = new BodyHashes(List.of(Sealer.BODY));
        try (MessageReader reader = reader(text)) {
            List<ArcSet> before =
                    status.equals("pass") ? Chain.of(reader.fields()).sets() : List.of();
            reader.body(bodies);
            bodies.end();
            ArcSet set = new Sealer(key, Sealer.WIDTH)
                    .seal(
                            before,
                            Chain.highest(reader.fields()) + 1,
                            status,
                            "mx." + key.domain() + "; spf=pass smtp.mailfrom=example.org",
                            names,
                            new SignedFields(reader.fields()),
                            bodies.hash(Sealer.BODY).orElseThrow(),
                            Instant.ofEpochSecond(1_764_000_000));
            return new Mail(
                    set.seal().raw() + set.signature().raw() + set.results().raw() + text);
        } catch (IOException | BrokenChain | GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    Mail with(String old, String by) {
        if (!text.contains(old)) {
            throw new IllegalArgumentException(old + " is not in it");
        }
        return new Mail(text.replace(old, by));
    }
}
