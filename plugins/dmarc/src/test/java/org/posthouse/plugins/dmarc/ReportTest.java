// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.dmarc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDate;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.posthouse.api.Address;
import org.posthouse.testkit.FakeHeaders;

final class ReportTest {
    private static final Origin ORIGIN =
            Origin.of("Receiver & Sons", "dmarc@mx.receiver.example", "").orElseThrow();

    @TempDir
    private Path folder;

    private static Report report(Origin origin, String tags) {
        return new Report(
                origin,
                new Ledger.Collected(
                        LocalDate.parse("2027-01-31"),
                        "example.org",
                        "treewalk",
                        Rows.published("example.org", tags).record(),
                        List.of(
                                new Ledger.Counted(Rows.from("192.0.2.1"), 3),
                                new Ledger.Counted(Rows.from("2001:db8:0:0:0:0:0:1"), 1))));
    }

    private static Report report() {
        return report(ORIGIN, "p=reject; sp=quarantine; np=none; adkim=s; pct=<1>; rua=mailto:d@example.org");
    }

    @Test
    void tellsWhatWasPublishedAndWhatWasFound() {
        String xml = report().xml();
        assertTrue(xml.startsWith("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                + "<feedback xmlns=\"urn:ietf:params:xml:ns:dmarc-2.0\">\n  <report_metadata>\n"
                + "    <org_name>Receiver &amp; Sons</org_name>\n    <email>dmarc@mx.receiver.example</email>\n"));
        assertTrue(xml.contains("<begin>1801353600</begin>\n      <end>1801439999</end>"), xml);
        assertTrue(xml.contains("<error>pct is not valid: &lt;1&gt;</error>"), xml);
        assertTrue(xml.contains("<sp>quarantine</sp>\n    <np>none</np>\n"), xml);
        assertTrue(xml.contains("<count>3</count>"), xml);
        assertTrue(xml.contains("<reason>\n          <type>local_policy</type>\n"), xml);
        assertTrue(xml.contains("<discovery_method>treewalk</discovery_method>"), xml);
        assertFalse(xml.contains("<testing>"), xml);
        assertTrue(report(ORIGIN, "p=none; t=y").xml().contains("<testing>y</testing>"));
    }

    /**
     * The schema at hand names its own types as if they had no namespace, which no validator takes; it is read as the one of
     * RFC 9990, whose elements are of its namespace.
     */
    @Test
    void isValid() throws IOException, InterruptedException {
        Path schema = Suite.file("dmarc-rua-schema.xsd");
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/xmllint")), "no xmllint");
        String namespace = "\"urn:ietf:params:xml:ns:dmarc-2.0\"";
        Path repaired = Files.writeString(
                folder.resolve("schema.xsd"),
                Files.readString(schema)
                        .replace(
                                "targetNamespace=" + namespace,
                                "targetNamespace=" + namespace + " xmlns=" + namespace
                                        + " elementFormDefault=\"qualified\""));
        Path xml = Files.writeString(folder.resolve("report.xml"), report().xml());
        Process process = new ProcessBuilder(
                        "/usr/bin/xmllint", "--noout", "--schema", repaired.toString(), xml.toString())
                .redirectErrorStream(true)
                .start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertTrue(process.waitFor(20, TimeUnit.SECONDS));
        assertEquals(0, process.exitValue(), said);
    }

    @Test
    void hasTheSameIdWheneverItIsMade() {
        assertEquals(report().id(), report(ORIGIN, "p=none").id());
        assertTrue(report().id().matches("[0-9a-f]{24}"));
        assertEquals(
                "mx.receiver.example!example.org!1801353600!1801439999!" + report().id() + ".xml.gz", report().file());
    }

    @Test
    void travelsAsMail() throws IOException {
        Letter letter = Letter.with(report(), Instant.parse("2027-02-01T00:10:00Z"));
        String text = new String(letter.to(Address.of("d@example.org"), "1"), StandardCharsets.US_ASCII);
        String[] parts = text.split("\r\n\r\n", 2);
        assertEquals(
                "From: \"Receiver & Sons\"\r\n <dmarc@mx.receiver.example>\r\nTo: d@example.org\r\n"
                        + "Subject: Report Domain: example.org\r\n Submitter: mx.receiver.example\r\n Report-ID: "
                        + report().id() + "\r\nDate: Mon, 1 Feb 2027 00:10:00 +0000\r\n"
                        + "Message-ID: <1@mx.receiver.example>\r\nAuto-Submitted: auto-generated\r\n"
                        + "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=\"report-"
                        + report().id() + "\"",
                parts[0]);
        assertTrue(parts[1].contains("Content-Type: application/gzip\r\n"), text);
        assertTrue(parts[1].contains("\r\n filename=\"" + report().file() + "\"\r\n\r\n"), text);
        String encoded = text.substring(text.lastIndexOf("\r\n\r\n") + 4, text.lastIndexOf("--report-"));
        byte[] gzip = Base64.getMimeDecoder().decode(encoded);
        byte[] xml = new GZIPInputStream(new ByteArrayInputStream(gzip)).readAllBytes();
        assertEquals(report().xml(), new String(xml, StandardCharsets.UTF_8));
        assertEquals(encoded.strip().length(), letter.size());
        assertTrue(text.lines().allMatch(line -> line.length() <= 78 || line.contains("filename=")), text);
        assertFalse(text.replace("\r\n", "").matches("(?s).*[\r\n].*"));
    }

    @Test
    void isKnownAsOne() {
        assertTrue(Letter.isOne(FakeHeaders.of(
                "Subject: Report domain: example.org\r\n Submitter: google.com\r\n Report-ID: 949348866075514174")));
        assertFalse(Letter.isOne(FakeHeaders.of("Subject: Re: Report Domain: example.org Submitter: google.com")));
        assertFalse(Letter.isOne(FakeHeaders.of("Subject: Report")));
        assertFalse(Letter.isOne(FakeHeaders.of()));
    }

    @Test
    void writesNamesOfAnyScript() {
        Origin origin = Origin.of("Post\u00e4mter \"x\"", "dmarc@mx.example", "https://mx.example")
                .orElseThrow();
        String text = new String(
                Letter.with(report(origin, "p=none"), Instant.EPOCH).to(Address.of("d@example.org"), "1"),
                StandardCharsets.US_ASCII);
        assertTrue(text.startsWith("From: =?UTF-8?B?UG9zdMOkbXRlciAieCI=?=\r\n <dmarc@mx.example>\r\n"), text);
        Origin quoted = Origin.of("a\"\r\nBcc: x\\", "dmarc@mx.example", "").orElseThrow();
        text = new String(
                Letter.with(report(quoted, "p=none"), Instant.EPOCH).to(Address.of("d@example.org"), "1"),
                StandardCharsets.US_ASCII);
        assertTrue(text.startsWith("From: \"a\\\"  Bcc: x\\\\\"\r\n"), text);
    }

    @Test
    void comesFromAMailbox() {
        for (String none :
                List.of("", "dmarc", "@example.org", "a b@example.org", "a@[192.0.2.1]", "<a@example.org>")) {
            assertTrue(Origin.of("", none, "").isEmpty(), none);
        }
        Origin origin = Origin.of("", "dmarc@MX.example", "").orElseThrow();
        assertEquals(new Origin("mx.example", Address.of("dmarc@mx.example"), "dmarc@mx.example"), origin);
    }
}
