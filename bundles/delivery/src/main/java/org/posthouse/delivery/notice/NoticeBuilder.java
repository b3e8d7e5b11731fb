// SPDX-License-Identifier: Apache-2.0
package org.posthouse.delivery.notice;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.posthouse.api.Address;
import org.posthouse.api.BodyType;
import org.posthouse.api.Recipient;
import org.posthouse.api.Sender;
import org.posthouse.delivery.client.Text;
import org.posthouse.pipeline.spi.Sealed;
import org.posthouse.queue.spi.Ledger;
import org.posthouse.queue.spi.NoticeWriter;
import org.posthouse.spool.spi.Draft;
import org.posthouse.spool.spi.Envelope;
import org.posthouse.spool.spi.MessageId;
import org.posthouse.spool.spi.Spool;
import org.posthouse.spool.spi.State;

/** Writes notices as multipart/report (RFC 6522), streamed into the spool. */
final class NoticeBuilder implements NoticeWriter {
    private static final int BLOCK = 16 * 1024;

    private final Spool spool;
    private final String hostname;
    private final long contentLimit;

    /** @param contentLimit up to this many octets the message is returned whole */
    NoticeBuilder(Spool spool, String hostname, long contentLimit) {
        this.spool = spool;
        this.hostname = hostname;
        this.contentLimit = contentLimit;
    }

    @Override
    public Optional<Ledger.Notice> write(Spool.Stored message, List<Line> lines) throws IOException {
        Envelope envelope = message.envelope();
        if (envelope.sender().address().isNull()) {
            // RFC 5321 4.5.5, 6.1: no notice about a notice.
            return Optional.empty();
        }
        List<Line> wanted =
                lines.stream().filter(line -> wanted(envelope, line)).toList();
        return wanted.isEmpty() ? Optional.empty() : Optional.of(build(envelope, wanted));
    }

    /** RFC 3461 4.1; without NOTIFY failures and delays are told. */
    private static boolean wanted(Envelope envelope, Line line) {
        String notify = envelope.recipients().get(line.recipient()).notifyOn().toUpperCase(Locale.ROOT);
        List<String> words = List.of(notify.split(","));
        return switch (line.action()) {
            case FAILED -> notify.isEmpty() || words.contains("FAILURE");
            case DELAYED -> notify.isEmpty() || words.contains("DELAY");
            case DELIVERED, RELAYED, EXPANDED -> words.contains("SUCCESS");
        };
    }

    private Ledger.Notice build(Envelope about, List<Line> lines) throws IOException {
        MessageId id = MessageId.next();
        Instant now = Instant.now();
        Draft draft = spool.draft(id);
        try {
            Parts parts = new Parts(about, lines, id, now);
            parts.write(draft);
            Envelope.BodyRef body = draft.finish();
            Address to = about.sender().address();
            BodyType type = body.eightBit() ? BodyType.EIGHT_BIT : BodyType.SEVEN_BIT;
            Envelope envelope = new Envelope(
                    id,
                    now,
                    Envelope.Origin.INTERNAL,
                    new Sender(Address.NULL, -1, type, parts.utf8, "", ""),
                    List.of(Recipient.of(to)),
                    new Envelope.Routing(about.routing().tenant(), "", 0, List.of(), ""),
                    "",
                    "",
                    false,
                    body,
                    Map.of(),
                    about.stamp());
            return new Ledger.Notice(new Sealed.Admission(envelope, State.UNJUDGED, now), draft);
        } catch (IOException | RuntimeException e) {
            draft.close();
            throw e;
        }
    }

    /** One notice while it is written. */
    private final class Parts {
        private final Envelope about;
        private final NoticeText text;
        private final MessageId id;
        private final Instant now;
        private final String boundary;
        private final boolean utf8;
        private final boolean whole;
        private final boolean returnedUtf8;

        Parts(Envelope about, List<Line> lines, MessageId id, Instant now) {
            this.about = about;
            this.text = new NoticeText(about, lines, hostname);
            this.id = id;
            this.now = now;
            this.boundary = "=_" + id + "/" + hostname;
            // RFC 6533: whoever wrote an international address can read one.
            this.returnedUtf8 = about.sender().smtpUtf8();
            this.utf8 = returnedUtf8
                    || about.sender().address().international()
                    || lines.stream()
                            .anyMatch(l -> about.recipients()
                                    .get(l.recipient())
                                    .address()
                                    .international());
            boolean failed = lines.stream().anyMatch(l -> l.action() == Action.FAILED);
            // RFC 3461 6.2: only a failure returns content, and only where it was not declined.
            this.whole = failed
                    && !about.sender().ret().equalsIgnoreCase("HDRS")
                    && spool.content(about).size() <= contentLimit;
        }

        void write(Draft draft) throws IOException {
            put(draft, header());
            put(draft, part("text/plain; charset=utf-8", "Notification", "8bit"));
            put(draft, text.forPeople());
            put(
                    draft,
                    "\r\n"
                            + part(
                                    utf8 ? "message/global-delivery-status" : "message/delivery-status",
                                    "Delivery report",
                                    "8bit"));
            put(draft, text.forPrograms(now, utf8));
            put(draft, "\r\n" + part(returnedType(), whole ? "Undelivered message" : "Header of the message", "8bit"));
            copy(draft);
            put(draft, "\r\n--" + boundary + "--\r\n");
        }

        private String header() {
            Fields header = new Fields();
            header.add("Date", NoticeText.date(now));
            header.add("From", "Mail Delivery System <MAILER-DAEMON@" + hostname + ">");
            header.add("To", "<" + Text.line(about.sender().address().toString()) + ">");
            header.add("Subject", text.subject());
            header.add("Message-ID", "<" + id + "@" + hostname + ">");
            header.add("Auto-Submitted", "auto-replied");
            header.add("MIME-Version", "1.0");
            header.line("Content-Type: multipart/report; report-type=delivery-status;");
            header.line("\tboundary=\"" + boundary + "\"");
            header.add("Content-Transfer-Encoding", "8bit");
            return header.line()
                    .line("This is a MIME-encapsulated message.")
                    .line()
                    .toString();
        }

        private String part(String type, String description, String encoding) {
            return new Fields()
                    .line("--" + boundary)
                    .add("Content-Description", description)
                    .add("Content-Type", type)
                    .add("Content-Transfer-Encoding", encoding)
                    .line()
                    .toString();
        }

        private String returnedType() {
            if (whole) {
                return returnedUtf8 ? "message/global" : "message/rfc822";
            }
            return returnedUtf8 ? "message/global-headers" : "text/rfc822-headers";
        }

        private void copy(Draft draft) throws IOException {
            byte[] block = new byte[BLOCK];
            HeaderEnd end = new HeaderEnd();
            try (InputStream in = spool.content(about).open()) {
                int n = in.read(block);
                while (n > 0) {
                    int take = whole ? n : end.take(block, n);
                    draft.write(block, 0, take);
                    n = whole || take == n ? in.read(block) : -1;
                }
            }
        }

        private void put(Draft draft, String words) throws IOException {
            byte[] octets = words.getBytes(StandardCharsets.UTF_8);
            draft.write(octets, 0, octets.length);
        }
    }
}
