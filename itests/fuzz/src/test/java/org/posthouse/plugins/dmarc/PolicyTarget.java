// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.dmarc;

import java.nio.charset.StandardCharsets;
import org.posthouse.itests.fuzz.Claim;

/** DMARC records and the addresses in them: a policy or none, and what is wrong is told in words that a log can hold. */
public final class PolicyTarget {
    private PolicyTarget() {}

    /** Called by the fuzzer. */
    public static void fuzzerTestOneInput(byte[] data) {
        String text = new String(data, StandardCharsets.ISO_8859_1);
        record(text);
        record("v=DMARC1;" + text);
        uri(text);
        uri("mailto:" + text);
    }

    private static void record(String text) {
        PolicyRecord.parse(text).ifPresent(record -> {
            Claim.that(record.percent() >= 0 && record.percent() <= 100, () -> record.percent() + " percent");
            Claim.that(record.rua().size() <= 20, () -> "too many addresses");
            Claim.that(
                    record.faults().stream().allMatch(fault -> fault.chars().noneMatch(Character::isISOControl)),
                    () -> "a fault that no log can hold");
            for (boolean subdomain : new boolean[] {true, false}) {
                for (boolean exists : new boolean[] {true, false}) {
                    Claim.that(record.of(subdomain, exists) != null, () -> "no policy");
                }
            }
        });
    }

    private static void uri(String text) {
        ReportUri.parse(text)
                .flatMap(ReportUri::mailbox)
                .ifPresent(address -> Claim.that(
                        address.toString().chars().noneMatch(c -> c <= 32 || c == 127 || c == '<' || c == '>'),
                        () -> "no mailbox: " + address));
    }
}
