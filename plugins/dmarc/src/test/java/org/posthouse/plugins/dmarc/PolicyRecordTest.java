// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.dmarc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.posthouse.api.Address;

final class PolicyRecordTest {
    private static PolicyRecord read(String text) {
        return PolicyRecord.parse(text).orElseThrow(() -> new AssertionError("not read: " + text));
    }

    @Test
    void readsAllTags() {
        PolicyRecord record = read("v=DMARC1; p=reject; sp=Quarantine; np=none; adkim=s; aspf=S; pct=25; t=y; psd=n;"
                + " fo=1:d:s; rua=mailto:a@example.org!10m,mailto:b@example.net; ruf=mailto:c@example.org");
        assertEquals(Policy.REJECT, record.p());
        assertEquals(Optional.of(Policy.QUARANTINE), record.sp());
        assertEquals(Optional.of(Policy.NONE), record.np());
        assertTrue(record.strictDkim() && record.strictSpf() && record.testing());
        assertEquals(25, record.percent());
        assertEquals(PolicyRecord.Psd.NO, record.psd());
        assertEquals("1:d:s", record.fo());
        assertEquals(
                List.of(Address.of("a@example.org"), Address.of("b@example.net")),
                record.rua().stream().map(uri -> uri.mailbox().orElseThrow()).toList());
        assertEquals(10L << 20, record.rua().getFirst().limit());
        assertEquals(List.of(), record.faults());
    }

    @Test
    void takesDefaultsForWhatIsNotThere() {
        PolicyRecord record = read("v=DMARC1;p=none");
        assertEquals(Policy.NONE, record.p());
        assertFalse(record.strictDkim() || record.strictSpf() || record.testing());
        assertEquals(100, record.percent());
        assertEquals(PolicyRecord.Psd.UNKNOWN, record.psd());
        assertEquals("0", record.fo());
        assertEquals(List.of(), record.rua());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "v=DMARC1; p=reject; aspf=bob; adkim=; t=maybe; psd=x; pct=500; fo=z; ri=bob; frob=1; p=none; ; =;;x",
                "v = DMARC1 ;\tp = reject ; pct = -1"
            })
    void takesDefaultsForWhatIsWrong(String text) {
        PolicyRecord record = read(text);
        assertEquals(Policy.REJECT, record.p());
        assertFalse(record.strictDkim() || record.strictSpf() || record.testing());
        assertEquals(100, record.percent());
        assertFalse(record.faults().isEmpty());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "v=DMARC",
                "v=DMARC1x; p=none",
                "v=DMARC2; p=none",
                "v=dmarc1; p=none",
                "v=DMARC1 p=none",
                "p=none; v=DMARC1",
                " v=DMARC1; p=none",
                "v=spf1 -all",
                "vv=DMARC1; p=none"
            })
    void readsNothingElse(String text) {
        assertEquals(Optional.empty(), PolicyRecord.parse(text));
    }

    @Test
    void appliesNoPolicyWhereTheOwnerSaidNoneThatIsValid() {
        for (String broken : List.of("", "p=bounce;", "p=reject; sp=x;", "p=reject; np=x;", "sp=reject; np=reject;")) {
            PolicyRecord silent = read("v=DMARC1; " + broken);
            assertFalse(silent.applies(), broken);
            PolicyRecord reported = read("v=DMARC1; " + broken + " rua=ftp://example.org/x");
            assertTrue(reported.applies(), broken);
            assertEquals(Policy.NONE, reported.of(true, true), broken);
            assertEquals(Policy.NONE, reported.of(true, false), broken);
            assertEquals(Policy.NONE, reported.of(false, true), broken);
        }
    }

    @Test
    void choosesTheTagForTheDomain() {
        PolicyRecord all = read("v=DMARC1; p=reject; sp=quarantine; np=none");
        assertEquals(Policy.REJECT, all.of(false, true));
        assertEquals(Policy.QUARANTINE, all.of(true, true));
        assertEquals(Policy.NONE, all.of(true, false));
        assertEquals(
                Policy.QUARANTINE, read("v=DMARC1; p=reject; sp=quarantine").of(true, false));
        assertEquals(Policy.REJECT, read("v=DMARC1; p=reject; np=none").of(true, true));
    }

    @Test
    void readsAddressesOfReports() {
        assertEquals(
                Address.of("a%b@example.org"),
                ReportUri.parse("mailto:a%25b@example.org?subject=x")
                        .orElseThrow()
                        .mailbox()
                        .orElseThrow());
        assertEquals(50, ReportUri.parse("mailto:a@b.example!50").orElseThrow().limit());
        assertEquals(
                2048, ReportUri.parse("MAILTO:a@b.example!2K").orElseThrow().limit());
        assertEquals(
                Long.MAX_VALUE,
                ReportUri.parse("mailto:a@b.example!999999999999t")
                        .orElseThrow()
                        .limit());
        for (String none : List.of(
                "mailto://abuse.example",
                "mailto:",
                "mailto:a",
                "mailto:a@b@c.example",
                "mailto:a%0d%0aBcc:x@b.example",
                "mailto:a@[192.0.2.1]",
                "mailto:a@b%20c.example",
                "https://example.org/dmarc")) {
            assertEquals(Optional.empty(), ReportUri.parse(none).flatMap(ReportUri::mailbox), none);
        }
        assertEquals(Optional.empty(), ReportUri.parse("a@example.org"));
        assertEquals(Optional.empty(), ReportUri.parse("mailto:a b@example.org"));
    }

    @Test
    void readsWhateverStandsThere() {
        String[] pieces = {
            "v=DMARC1",
            ";",
            " ",
            "=",
            "p",
            "reject",
            "rua=",
            "mailto:",
            "a@b.example",
            "!",
            "9",
            "k",
            ",",
            "%",
            "%4",
            "\u0000",
            "\r\n",
            "\u00e9",
            "\ud83d",
            "pct=",
            "100",
            "psd=y",
            "fo=",
            ":",
            "?",
            "/",
            "[",
            "\"",
            "x".repeat(300)
        };
        Random random = new Random(7489);
        for (int i = 0; i < 20_000; i++) {
            StringBuilder text = new StringBuilder("v=DMARC1;");
            for (int j = random.nextInt(20); j > 0; j--) {
                text.append(pieces[random.nextInt(pieces.length)]);
            }
            PolicyRecord record = read(text.toString());
            assertTrue(record.percent() >= 0 && record.percent() <= 100);
            record.faults().forEach(fault -> assertTrue(fault.length() < 120 && !fault.contains("\n"), fault));
            record.rua()
                    .forEach(uri -> uri.mailbox()
                            .ifPresent(box ->
                                    assertTrue(box.toString().matches("[\\x21-\\x7e]+@[a-z0-9_.-]+"), box.toString())));
        }
    }

    @Test
    void readsTheRecordsOfTheSuite() throws IOException {
        List<String> wrong = new ArrayList<>();
        int read = 0;
        for (JsonNode one : Suite.read("dmarc_record_unit").get("cases")) {
            JsonNode valid = one.get("valid_rfc7489");
            boolean found = PolicyRecord.parse(one.get("record").textValue()).isPresent();
            // Null is what OpenDMARC refuses, and of which RFC 7489 6.3 says that the bad tag is ignored.
            if (found != (valid.isNull() || valid.booleanValue())) {
                wrong.add(one.toString());
            }
            read++;
        }
        assertEquals(List.of(), wrong);
        assertTrue(read > 0);
    }
}
