// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.dmarc;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Base64;
import java.util.Locale;
import java.util.regex.Pattern;
import org.posthouse.api.Address;
import org.posthouse.api.Header;
import org.posthouse.api.Headers;

/**
 * The mail that carries an aggregate report (RFC 9990 3.5.2).
 *
 * @param report the report
 * @param encoded its compressed form in base64
 * @param now when it is sent
 */
record Letter(Report report, String encoded, Instant now) {
    private static final DateTimeFormatter DATE = DateTimeFormatter.ofPattern("EEE, d MMM yyyy HH:mm:ss Z", Locale.ROOT)
            .withZone(ZoneOffset.UTC);
    private static final Pattern SUBJECT =
            Pattern.compile("Report\\s+Domain:\\s+\\S+\\s+Submitter:\\s+\\S+.*", Pattern.CASE_INSENSITIVE);

    /** RFC 2047 2: an encoded word has 75 characters at most, of which base64 leaves room for so many octets. */
    private static final int WORD = 45;

    /** The letter with this report. */
    static Letter with(Report report, Instant now) {
        return new Letter(report, Base64.getMimeEncoder().encodeToString(report.gzip()), now);
    }

    /** Whether a message looks like one, by the subject that all of them must have. */
    static boolean isOne(Headers headers) {
        return headers.first("Subject")
                .map(Header::value)
                .filter(subject -> SUBJECT.matcher(subject).matches())
                .isPresent();
    }

    /** How many octets the report has on its way, which is what sizes in URIs mean (RFC 7489 6.2). */
    long size() {
        return encoded.length();
    }

    /** The octets for one recipient: each gets a letter of its own. */
    byte[] to(Address recipient, String messageId) {
        String domain = report.data().domain();
        String submitter = report.origin().domain();
        String boundary = "report-" + report.id();
        StringBuilder text = new StringBuilder();
        line(text, "From: " + phrase(report.origin().organisation()));
        line(text, " <" + report.origin().from() + ">");
        line(text, "To: " + recipient);
        line(text, "Subject: Report Domain: " + domain);
        line(text, " Submitter: " + submitter);
        line(text, " Report-ID: " + report.id());
        line(text, "Date: " + DATE.format(now));
        line(text, "Message-ID: <" + messageId + "@" + submitter + ">");
        line(text, "Auto-Submitted: auto-generated");
        line(text, "MIME-Version: 1.0");
        line(text, "Content-Type: multipart/mixed; boundary=\"" + boundary + "\"");
        line(text, "");
        line(text, "--" + boundary);
        line(text, "Content-Type: text/plain; charset=us-ascii");
        line(text, "");
        line(text, "This is an aggregate report about mail that claims to be from");
        line(text, domain);
        line(text, "and was received on " + report.data().day() + " (UTC) by");
        line(text, submitter);
        line(text, "The DMARC record of that domain asks for it (RFC 9990).");
        line(text, "");
        line(text, "--" + boundary);
        line(text, "Content-Type: application/gzip");
        line(text, "Content-Transfer-Encoding: base64");
        line(text, "Content-Disposition: attachment;");
        line(text, " filename=\"" + report.file() + "\"");
        line(text, "");
        line(text, encoded);
        line(text, "--" + boundary + "--");
        return text.toString().getBytes(StandardCharsets.US_ASCII);
    }

    private static void line(StringBuilder text, String line) {
        text.append(line).append("\r\n");
    }

    /** The name of the organisation as a quoted string, or as one encoded word when it is not ASCII. */
    private static String phrase(String name) {
        String clean = name.replaceAll("\\p{Cntrl}", " ");
        if (clean.chars().allMatch(c -> c < 127)) {
            return "\"" + clean.replace("\\", "\\\\").replace("\"", "\\\"") + "\"";
        }
        StringBuilder word = new StringBuilder();
        clean.codePoints()
                .takeWhile(c -> (word + Character.toString(c)).getBytes(StandardCharsets.UTF_8).length <= WORD)
                .forEach(word::appendCodePoint);
        return "=?UTF-8?B?" + Base64.getEncoder().encodeToString(word.toString().getBytes(StandardCharsets.UTF_8))
                + "?=";
    }
}
