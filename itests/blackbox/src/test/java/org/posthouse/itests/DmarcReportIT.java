// SPDX-License-Identifier: Apache-2.0
package org.posthouse.itests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.GZIPInputStream;
import javax.xml.XMLConstants;
import javax.xml.transform.stream.StreamSource;
import javax.xml.validation.SchemaFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.posthouse.testkit.server.Await;
import org.posthouse.testkit.server.Ports;
import org.posthouse.testkit.server.SinkServer;
import org.posthouse.testkit.server.SmtpClient;
import org.xml.sax.SAXException;

/** Reports about mail that came in, on their way to the owner of its domain; skipped where there is no DNS server at hand. */
class DmarcReportIT {
    private static final Duration SOON = Duration.ofSeconds(30);
    private static final Path SUITES = Path.of(System.getProperty("posthouse.suites", "../../../shared/suites"))
            .toAbsolutePath()
            .normalize();
    private static final Path DNSD = SUITES.resolve("run/dnsd.py");
    private static final Path SCHEMA = SUITES.resolve("open/dmarc-rua-schema.xsd");
    private static final Pattern ATTACHMENT =
            Pattern.compile("Content-Type: application/gzip\r\n.*?\r\n\r\n(.*?)\r\n--report-", Pattern.DOTALL);

    @TempDir
    Path folder;

    private final int port = Ports.free();
    private Process dns;
    private Daemon daemon;

    @BeforeEach
    void start() throws IOException {
        assumeTrue(Files.exists(DNSD), "no " + DNSD);
        Path zone = Files.writeString(folder.resolve("zone.json"), """
                {"_dmarc.owner.test": [["TXT", "v=DMARC1; p=none; rua=mailto:rua@reports.test,mailto:x@victim.test"]],
                 "owner.test._report._dmarc.reports.test": [["TXT", "v=DMARC1"]],
                 "bulk.test": [["TXT", "v=spf1 +all"]]}
                """);
        dns = new ProcessBuilder("python3", "-B", DNSD.toString(), "--port", "" + port, zone.toString())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("dnsd.log").toFile())
                .start();
        Await.until(
                "a DNS server on " + port,
                SOON,
                () -> Files.readString(folder.resolve("dnsd.log")).startsWith("dnsd on"));
        daemon = Daemon.in(folder)
                .dns("dns: { servers: [\"127.0.0.1:" + port + "\"], timeout: 2s }")
                .plugin("spf", "profiles: [mx]\ncheckTrusted: true\n")
                .plugin(
                        "dmarc",
                        "profiles: [mx]\nexemptTrusted: false\nreports: send\nreportFrom: dmarc@house.test\n"
                                + "reportOrganisation: The House\n");
        daemon.start();
    }

    @AfterEach
    void stop() {
        if (daemon != null) {
            daemon.close();
        }
        if (dns != null) {
            dns.destroy();
        }
    }

    private void deliver(String author) throws IOException {
        try (SmtpClient client = SmtpClient.greeted(daemon.mx)) {
            String reply = client.deliver(
                    "a@bulk.test", "user@local.test", "From: Anna <anna@" + author + ">\r\nSubject: x\r\n\r\nx\r\n");
            assertTrue(reply.startsWith("250"), reply);
        }
    }

    @Test
    void tellTheOwnerOfTheDomainWhatCameIn() throws Exception {
        try (SinkServer sink = new SinkServer(daemon.next)) {
            deliver("owner.test");
            deliver("owner.test");
            deliver("sub.owner.test");
            deliver("nobody.test");
            Await.until(() -> daemon.log(), SOON, () -> sink.messages() == 4);
            String said =
                    daemon.cli("dmarc", "send", "owner.test").mustSucceed().output();
            assertTrue(said.contains("sent to 1; mailto:x@victim.test: victim.test does not agree"), said);
            Await.until(() -> daemon.log(), SOON, () -> sink.messages() == 5);
            SinkServer.Arrival letter = sink.arrivals().getLast();
            assertTrue(letter.from().startsWith("MAIL FROM:<dmarc@house.test>"), letter.from());
            assertEquals(1, letter.recipients().size());
            assertTrue(letter.recipients().getFirst().startsWith("RCPT TO:<rua@reports.test>"), letter::toString);
            assertTrue(
                    letter.header("Subject").startsWith("Report Domain: owner.test Submitter: house.test Report-ID: "),
                    letter.head());
            String xml = report(letter.body());
            for (String part : new String[] {
                "<org_name>The House</org_name>",
                "<domain>owner.test</domain>",
                "<source_ip>127.0.0.1</source_ip>",
                "<count>2</count>",
                "<count>1</count>",
                "<header_from>sub.owner.test</header_from>",
                "<domain>bulk.test</domain>"
            }) {
                assertTrue(xml.contains(part), xml);
            }
            validate(xml);
        }
    }

    private static String report(String body) throws IOException {
        Matcher attachment = ATTACHMENT.matcher(body);
        assertTrue(attachment.find(), body);
        byte[] octets = Base64.getMimeDecoder().decode(attachment.group(1));
        try (GZIPInputStream unzipped = new GZIPInputStream(new ByteArrayInputStream(octets))) {
            return new String(unzipped.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    /** The schema at hand names its own types as if they had no namespace, which no validator takes. */
    private static void validate(String xml) throws IOException, SAXException {
        assumeTrue(Files.exists(SCHEMA), "not validated: no " + SCHEMA);
        String namespace = "\"urn:ietf:params:xml:ns:dmarc-2.0\"";
        String schema = Files.readString(SCHEMA)
                .replace(
                        "targetNamespace=" + namespace,
                        "targetNamespace=" + namespace + " xmlns=" + namespace + " elementFormDefault=\"qualified\"");
        SchemaFactory.newInstance(XMLConstants.W3C_XML_SCHEMA_NS_URI)
                .newSchema(new StreamSource(new StringReader(schema)))
                .newValidator()
                .validate(new StreamSource(new StringReader(xml)));
    }
}
