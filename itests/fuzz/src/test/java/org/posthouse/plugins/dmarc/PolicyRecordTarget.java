// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.dmarc;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.posthouse.api.Address;
import org.posthouse.itests.fuzz.Claim;

/** DMARC records: a policy within its bounds and mailboxes that can stand in a command, or none. */
public final class PolicyRecordTarget {
    private PolicyRecordTarget() {}

    /** Called by the fuzzer. */
    public static void fuzzerTestOneInput(byte[] data) {
        String text = new String(data, StandardCharsets.UTF_8);
        Optional<PolicyRecord> read = PolicyRecord.parse(text);
        Claim.that(read.isEmpty() || text.regionMatches(true, 0, "v", 0, 1), () -> "begins with something else");
        read.ifPresent(PolicyRecordTarget::check);
    }

    private static void check(PolicyRecord record) {
        Claim.that(record.percent() >= 0 && record.percent() <= 100, () -> "pct " + record.percent());
        Claim.that(record.rua().size() <= 20, () -> record.rua().size() + " addresses");
        record.faults().forEach(PolicyRecordTarget::line);
        record.rua().stream().map(ReportUri::mailbox).flatMap(Optional::stream).forEach(PolicyRecordTarget::mailbox);
        boolean quiet = record.applies() || record.of(false, true) == Policy.NONE;
        Claim.that(quiet, () -> "a policy that does not apply");
    }

    private static void line(String text) {
        Claim.that(text.chars().allMatch(c -> c >= 32 && c != 127) && text.length() < 120, () -> "not a line: " + text);
    }

    private static void mailbox(Address address) {
        Claim.that(address.toString().matches("[!-;=?-~]+@[a-z0-9_.-]+"), () -> "not a mailbox: " + address);
    }
}
