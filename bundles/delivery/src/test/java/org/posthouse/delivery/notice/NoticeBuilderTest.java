// SPDX-License-Identifier: Apache-2.0
package org.posthouse.delivery.notice;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.posthouse.api.Address;
import org.posthouse.api.BodyType;
import org.posthouse.api.Outcome;
import org.posthouse.api.Recipient;
import org.posthouse.api.Reply;
import org.posthouse.api.Sender;
import org.posthouse.delivery.Fakes;
import org.posthouse.queue.spi.Ledger;
import org.posthouse.queue.spi.NoticeWriter.Action;
import org.posthouse.queue.spi.NoticeWriter.Line;
import org.posthouse.spool.spi.Spool;
import org.posthouse.spool.spi.State;

final class NoticeBuilderTest {
    private static final Outcome REFUSED =
            new Outcome(new Reply(550, "5.1.1", "no such user here"), "mx.x.test[192.0.2.1]:25", "", false);

    private final Fakes.MemorySpool spool = new Fakes.MemorySpool();
    private final NoticeBuilder builder = new NoticeBuilder(spool, "us.test", 1000);

    private static Sender sender(String address, String ret, String id) {
        return new Sender(Address.of(address), -1, BodyType.SEVEN_BIT, false, ret, id);
    }

    private static Recipient recipient(String notify, String original) {
        return new Recipient(Address.of("b@x.test"), notify, original);
    }

    private Optional<Ledger.Notice> write(Sender sender, Recipient recipient, Action action, Outcome outcome)
            throws IOException {
        Spool.Stored message = Fakes.stored(sender, 20, false, recipient);
        return builder.write(message, List.of(new Line(0, action, outcome)));
    }

    /** The header block and the parts of a multipart, split as a reader would. */
    private List<String> parts(Ledger.Notice notice) {
        byte[] octets = spool.octets.get(notice.admission().envelope().id());
        String text = new String(octets, StandardCharsets.UTF_8);
        assertFalse(text.replace("\r\n", "").contains("\n"), "a lone LF");
        int at = text.indexOf("boundary=\"") + 10;
        String boundary = text.substring(at, text.indexOf('"', at));
        String[] pieces = text.split("\r\n--" + java.util.regex.Pattern.quote(boundary) + "(--)?\r\n");
        return List.of(pieces);
    }

    @Test
    void isAReportOfThreeParts() throws IOException {
        Ledger.Notice notice = write(
                        sender("a@y.test", "", "Env1"), recipient("", "rfc822;o@z.test"), Action.FAILED, REFUSED)
                .orElseThrow();
        List<String> parts = parts(notice);
        assertEquals(4, parts.size());
        String header = parts.get(0);
        assertTrue(header.contains("Content-Type: multipart/report; report-type=delivery-status;\r\n"));
        for (String field : List.of("Date: ", "Subject: ", "Message-ID: <", "MIME-Version: 1.0")) {
            assertTrue(header.contains("\r\n" + field) || header.startsWith(field), field);
        }
        assertTrue(header.contains("\r\nFrom: Mail Delivery System <MAILER-DAEMON@us.test>\r\n"));
        assertTrue(header.contains("\r\nTo: <a@y.test>\r\n"));
        assertTrue(header.contains("\r\nAuto-Submitted: auto-replied\r\n"));
        assertTrue(parts.get(1).contains("<b@x.test>") && parts.get(1).contains("550 5.1.1 no such user here"));
        String status = parts.get(2);
        assertTrue(status.contains("\r\nContent-Type: message/delivery-status\r\n"));
        assertTrue(status.contains("Reporting-MTA: dns; us.test\r\nOriginal-Envelope-Id: Env1\r\nArrival-Date: "));
        assertTrue(status.contains(
                "\r\n\r\nOriginal-Recipient: rfc822; o@z.test\r\nFinal-Recipient: rfc822; b@x.test\r\nAction: failed\r\n"
                        + "Status: 5.1.1\r\nRemote-MTA: dns; mx.x.test\r\n"
                        + "Diagnostic-Code: smtp; 550 5.1.1 no such user here\r\nLast-Attempt-Date: "));
        assertTrue(parts.get(3).contains("Content-Type: message/rfc822\r\n"));
        assertTrue(parts.get(3).endsWith("\r\n\r\nSubject: x\r\n\r\nhello\r\n"));
        assertEquals(State.UNJUDGED, notice.admission().state());
        assertTrue(notice.admission().envelope().sender().address().isNull());
        assertEquals(
                Address.of("a@y.test"),
                notice.admission().envelope().recipients().get(0).address());
    }

    @Test
    void returnsTheHeaderAloneWhenAskedOrTooLarge() throws IOException {
        Ledger.Notice asked = write(sender("a@y.test", "HDRS", ""), recipient("", ""), Action.FAILED, REFUSED)
                .orElseThrow();
        assertTrue(parts(asked).get(3).contains("text/rfc822-headers"));
        assertTrue(parts(asked).get(3).endsWith("\r\n\r\nSubject: x\r\n\r\n"));
        spool.standard = ("Subject: x\r\n\r\n" + "y".repeat(2000)).getBytes(StandardCharsets.US_ASCII);
        Ledger.Notice large = write(sender("a@y.test", "FULL", ""), recipient("", ""), Action.FAILED, REFUSED)
                .orElseThrow();
        assertFalse(parts(large).get(3).contains("yyy"));
    }

    @Test
    void honoursNotify() throws IOException {
        Sender sender = sender("a@y.test", "", "");
        Outcome taken = new Outcome(new Reply(250, "", "ok"), "h[1]:25", "", false);
        assertTrue(write(sender, recipient("NEVER", ""), Action.FAILED, REFUSED).isEmpty());
        assertTrue(
                write(sender, recipient("SUCCESS", ""), Action.FAILED, REFUSED).isEmpty());
        assertTrue(write(sender, recipient("", ""), Action.RELAYED, taken).isEmpty());
        assertTrue(
                write(sender, recipient("FAILURE", ""), Action.DELAYED, taken).isEmpty());
        Ledger.Notice relayed = write(sender, recipient("SUCCESS,DELAY", ""), Action.RELAYED, taken)
                .orElseThrow();
        assertTrue(parts(relayed).get(2).contains("Action: relayed\r\nStatus: 2.0.0\r\n"));
        assertTrue(parts(relayed).get(3).contains("text/rfc822-headers"));
    }

    @Test
    void neverAnswersANotice() throws IOException {
        assertTrue(write(Sender.of(Address.NULL), recipient("FAILURE", ""), Action.FAILED, REFUSED)
                .isEmpty());
    }

    @Test
    void usesTheInternationalFormWhereItMust() throws IOException {
        Sender sender = new Sender(Address.of("\u00fc@y.test"), -1, BodyType.EIGHT_BIT, true, "", "");
        Recipient to = new Recipient(Address.of("\u00e4@x.test"), "", "");
        Ledger.Notice notice = write(sender, to, Action.FAILED, REFUSED).orElseThrow();
        assertTrue(notice.admission().envelope().sender().smtpUtf8());
        assertEquals(BodyType.EIGHT_BIT, notice.admission().envelope().sender().body());
        List<String> parts = parts(notice);
        assertTrue(parts.get(2).contains("message/global-delivery-status"));
        assertTrue(parts.get(2).contains("Final-Recipient: utf-8; \u00e4@x.test"));
        assertTrue(parts.get(3).contains("message/global\r\n"));
    }

    @Test
    void staysWellFormedWhateverTheHostSaid() throws IOException {
        Reply nasty = new Reply(554, "", "a\r\nInjected: x\u001b[31m " + "x".repeat(3000) + " " + "word ".repeat(300));
        Ledger.Notice notice = write(
                        sender("a@y.test", "", ""),
                        recipient("", ""),
                        Action.FAILED,
                        new Outcome(nasty, "h[1]:25", "", false))
                .orElseThrow();
        String status = parts(notice).get(2);
        assertFalse(status.contains("\r\nInjected"));
        assertTrue(status.contains("\r\nStatus: 5.0.0\r\n"));
        for (String part : parts(notice)) {
            for (String line : part.split("\r\n")) {
                assertTrue(line.length() <= 998, "a line of " + line.length());
            }
        }
    }

    @Test
    void saysThatAMessageGrewTooOld() throws IOException {
        Outcome later = new Outcome(new Reply(451, "", "busy"), "", "", false);
        Ledger.Notice notice = write(sender("a@y.test", "", ""), recipient("", ""), Action.FAILED, later)
                .orElseThrow();
        assertTrue(parts(notice).get(1).contains("was not reached in time"));
        assertTrue(parts(notice)
                .get(2)
                .contains("Action: failed\r\nStatus: 4.4.7\r\nDiagnostic-Code: x-posthouse; 451 busy"));
    }

    @Test
    void throwsTheDraftAwayWhenItCanNotBeWritten() {
        spool.full = true;
        assertThrows(
                IOException.class, () -> write(sender("a@y.test", "", ""), recipient("", ""), Action.FAILED, REFUSED));
        assertEquals(1, spool.closed);
    }
}
