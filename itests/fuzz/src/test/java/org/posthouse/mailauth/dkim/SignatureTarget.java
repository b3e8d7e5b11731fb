// SPDX-License-Identifier: Apache-2.0
package org.posthouse.mailauth.dkim;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import org.posthouse.api.service.Dns;
import org.posthouse.itests.fuzz.Claim;
import org.posthouse.mailauth.message.MessageReader;

/** A key record, a NUL, and a message whose signatures name it: checked without a crash, and what is shown of them is tame. */
public final class SignatureTarget {
    private static final Verifier.Rules RULES = new Verifier.Rules(5, 1024, true, Duration.ofSeconds(8));
    private static final Clock CLOCK = Clock.fixed(Instant.parse("2026-11-25T12:00:00Z"), ZoneOffset.UTC);

    private SignatureTarget() {}

    /** Called by the fuzzer. */
    public static void fuzzerTestOneInput(byte[] data) throws IOException {
        String text = new String(data, StandardCharsets.ISO_8859_1);
        int nul = Math.max(0, text.indexOf(0));
        byte[] message = text.substring(nul).replaceFirst("^\0", "").getBytes(StandardCharsets.ISO_8859_1);
        List<Check> checks;
        try (MessageReader reader = new MessageReader(new ByteArrayInputStream(message))) {
            checks = new Verifier(dns(text.substring(0, nul)), CLOCK, RULES).verify(reader);
        }
        Claim.that(checks.size() <= 5, () -> "too many checks");
        for (Check check : checks) {
            tame(check.claims().domain(), "a-z0-9._-");
            tame(check.claims().selector(), "a-z0-9._-");
            tame(check.claims().algorithm(), "a-z0-9-");
            tame(check.claims().signature(), "A-Za-z0-9+/=");
            tame(check.reason(), "A-Za-z0-9 =:,;'-");
        }
    }

    private static void tame(String shown, String letters) {
        Claim.that(shown.matches("[" + letters + "]*"), () -> "shown: " + shown);
    }

    private static Dns dns(String record) {
        Dns.Answer<String> found = new Dns.Answer<>(Dns.Status.FOUND, List.of(record), false, Duration.ZERO);
        return (Dns) Proxy.newProxyInstance(
                Dns.class.getClassLoader(), new Class<?>[] {Dns.class}, (proxy, method, arguments) -> found);
    }
}
