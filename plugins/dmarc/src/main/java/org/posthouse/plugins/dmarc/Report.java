// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.dmarc;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.HexFormat;
import java.util.zip.GZIPOutputStream;

/**
 * An aggregate report of one day about one policy domain (RFC 9990 3.1).
 *
 * @param origin who makes it
 * @param data what it tells
 * @param end the last second that it covers
 */
record Report(Origin origin, Ledger.Collected data, long end) {
    private static final String NAMESPACE = "urn:ietf:params:xml:ns:dmarc-2.0";

    /** The report of the whole day. */
    Report(Origin origin, Ledger.Collected data) {
        this(origin, data, endOf(data.day()));
    }

    long begin() {
        return data.day().atStartOfDay(ZoneOffset.UTC).toEpochSecond();
    }

    private static long endOf(LocalDate day) {
        return day.plusDays(1).atStartOfDay(ZoneOffset.UTC).toEpochSecond() - 1;
    }

    /**
     * The same whenever the report is made again, so that a doubled one is known as such (RFC 9990 3.5.1); that of a part of a
     * day is another one.
     */
    String id() {
        try {
            String part = end == endOf(data.day()) ? "" : "!" + end;
            String whole = origin.domain() + "!" + data.domain() + "!" + begin() + part;
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(whole.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest, 0, 12);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every JDK has SHA-256", e);
        }
    }

    /** RFC 9990 3.5.2. */
    String file() {
        return origin.domain() + "!" + data.domain() + "!" + begin() + "!" + end() + "!" + id() + ".xml.gz";
    }

    byte[] gzip() {
        ByteArrayOutputStream octets = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(octets)) {
            out.write(xml().getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return octets.toByteArray();
    }

    String xml() {
        Xml xml = new Xml();
        xml.open("feedback", "xmlns", NAMESPACE);
        metadata(xml);
        published(xml);
        data.rows().forEach(counted -> record(xml, counted));
        xml.close("feedback");
        return xml.text();
    }

    private void metadata(Xml xml) {
        xml.open("report_metadata");
        xml.leaf("org_name", origin.organisation());
        xml.leaf("email", origin.contact());
        xml.leaf("report_id", id());
        xml.open("date_range");
        xml.leaf("begin", String.valueOf(begin()));
        xml.leaf("end", String.valueOf(end()));
        xml.close("date_range");
        data.record().faults().forEach(fault -> xml.leaf("error", fault));
        xml.close("report_metadata");
    }

    private void published(Xml xml) {
        PolicyRecord record = data.record();
        xml.open("policy_published");
        xml.leaf("domain", data.domain());
        xml.leaf("adkim", record.strictDkim() ? "s" : "r");
        xml.leaf("aspf", record.strictSpf() ? "s" : "r");
        xml.leaf("p", record.p().word());
        xml.leaf("sp", record.sp().orElse(record.p()).word());
        record.np().ifPresent(np -> xml.leaf("np", np.word()));
        if (record.testing()) {
            xml.leaf("testing", "y");
        }
        xml.leaf("fo", record.fo());
        xml.leaf("discovery_method", data.method());
        xml.close("policy_published");
    }

    private static void record(Xml xml, Ledger.Counted counted) {
        Row row = counted.row();
        xml.open("record");
        xml.open("row");
        xml.leaf("source_ip", row.source());
        xml.leaf("count", String.valueOf(counted.count()));
        xml.open("policy_evaluated");
        xml.leaf("disposition", row.disposition().word());
        xml.leaf("dkim", row.dkimAligned() ? "pass" : "fail");
        xml.leaf("spf", row.spfAligned() ? "pass" : "fail");
        for (Ruling.Reason reason : row.reasons()) {
            xml.open("reason");
            xml.leaf("type", reason.type());
            xml.leaf("comment", reason.comment());
            xml.close("reason");
        }
        xml.close("policy_evaluated");
        xml.close("row");
        xml.open("identifiers");
        xml.leaf("envelope_from", row.envelopeFrom());
        xml.leaf("header_from", row.headerFrom());
        xml.close("identifiers");
        results(xml, row.identifiers());
        xml.close("record");
    }

    private static void results(Xml xml, Identifiers identifiers) {
        xml.open("auth_results");
        for (Identifiers.Dkim dkim : identifiers.dkim()) {
            xml.open("dkim");
            xml.leaf("domain", dkim.domain());
            xml.leaf("selector", dkim.selector());
            xml.leaf("result", dkim.result());
            xml.close("dkim");
        }
        xml.open("spf");
        xml.leaf("domain", identifiers.spf().domain());
        xml.leaf("scope", "mfrom");
        xml.leaf("result", identifiers.spf().result());
        xml.close("spf");
        xml.close("auth_results");
    }
}
