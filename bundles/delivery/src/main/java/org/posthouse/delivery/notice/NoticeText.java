// SPDX-License-Identifier: Apache-2.0
package org.posthouse.delivery.notice;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import org.posthouse.api.Outcome;
import org.posthouse.api.Recipient;
import org.posthouse.delivery.client.Text;
import org.posthouse.queue.spi.NoticeWriter.Action;
import org.posthouse.queue.spi.NoticeWriter.Line;
import org.posthouse.spool.spi.Envelope;

/** The words of a notice: for people, and for programs. */
final class NoticeText {
    private static final DateTimeFormatter DATE = DateTimeFormatter.ofPattern("EEE, d MMM yyyy HH:mm:ss Z", Locale.ROOT)
            .withZone(ZoneOffset.UTC);

    private static final int LONGEST_ROW = 900;

    private final Envelope envelope;
    private final List<Line> lines;
    private final String hostname;

    NoticeText(Envelope envelope, List<Line> lines, String hostname) {
        this.envelope = envelope;
        this.lines = List.copyOf(lines);
        this.hostname = hostname;
    }

    static String date(Instant time) {
        return DATE.format(time);
    }

    String subject() {
        if (any(Action.FAILED)) {
            return "Undelivered Mail Returned to Sender";
        }
        return any(Action.DELAYED) ? "Delayed Mail (still being retried)" : "Successful Mail Delivery Report";
    }

    private boolean any(Action action) {
        return lines.stream().anyMatch(l -> l.action() == action);
    }

    /** What a person reads. */
    String forPeople() {
        Fields text = new Fields();
        text.line("This is the mail system at host " + hostname + ".").line();
        text.line("It reports on your message of " + date(envelope.received()) + ",");
        text.line("which it knows as " + envelope.id() + ".").line();
        for (Line line : lines) {
            Recipient recipient = envelope.recipients().get(line.recipient());
            text.line("<" + Text.line(recipient.address().toString()) + ">").line("    " + happened(line));
            wrapped(text, said(line));
            text.line();
        }
        if (any(Action.FAILED)) {
            text.line("The message is not tried again for recipients it could not be delivered to.");
        }
        if (any(Action.DELAYED)) {
            text.line("You need not send the message again: further attempts are made.");
        }
        return text.toString();
    }

    private static String happened(Line line) {
        boolean expired =
                line.action() == Action.FAILED && !line.outcome().reply().permanent();
        return switch (line.action()) {
            case FAILED -> expired ? "was not reached in time; the last answer was:" : "could not be delivered to:";
            case DELAYED -> "has not been reached yet; the last answer was:";
            case DELIVERED -> "the message was delivered:";
            case RELAYED -> "the message was handed to a host that sends no further reports:";
            case EXPANDED -> "the message was handed on to other addresses:";
        };
    }

    private static String said(Line line) {
        Outcome outcome = line.outcome();
        String reply = Text.line(outcome.reply().toString());
        return outcome.host().isEmpty() ? reply : "host " + Text.line(outcome.host()) + " said: " + reply;
    }

    private static void wrapped(Fields out, String text) {
        StringBuilder row = new StringBuilder();
        for (String word : text.split(" ")) {
            if (row.length() > 0 && row.length() + word.length() > 70) {
                out.line("    " + row);
                row.setLength(0);
            }
            row.append(row.isEmpty() ? "" : " ").append(word);
            while (row.length() > LONGEST_ROW) {
                out.line("    " + row.substring(0, LONGEST_ROW));
                row.delete(0, LONGEST_ROW);
            }
        }
        out.line("    " + row);
    }

    /** What a program reads (RFC 3464 2). */
    String forPrograms(Instant now, boolean utf8) {
        Fields fields = new Fields();
        fields.add("Reporting-MTA", "dns; " + hostname);
        fields.add("Original-Envelope-Id", Text.line(envelope.sender().envelopeId()));
        fields.add("Arrival-Date", date(envelope.received()));
        for (Line line : lines) {
            Recipient recipient = envelope.recipients().get(line.recipient());
            Outcome outcome = line.outcome();
            fields.line();
            fields.add("Original-Recipient", Text.line(spaced(recipient.original())));
            String address = Text.line(recipient.address().toString());
            boolean international = utf8 && recipient.address().international();
            fields.add("Final-Recipient", (international ? "utf-8; " : "rfc822; ") + address);
            fields.add("Action", Status.word(line.action()));
            fields.add("Status", Status.code(outcome.reply(), line.action()));
            if (!outcome.host().isEmpty()) {
                fields.add("Remote-MTA", "dns; " + Text.line(Status.hostName(outcome.host())));
            }
            String type = outcome.host().isEmpty() ? "x-posthouse; " : "smtp; ";
            fields.add("Diagnostic-Code", type + Text.line(outcome.reply().toString()));
            fields.add("Last-Attempt-Date", date(now));
        }
        return fields.toString();
    }

    private static String spaced(String typed) {
        int semicolon = typed.indexOf(';');
        return semicolon < 0 ? typed : typed.substring(0, semicolon) + "; " + typed.substring(semicolon + 1);
    }
}
