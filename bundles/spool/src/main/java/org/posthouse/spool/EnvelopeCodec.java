// SPDX-License-Identifier: Apache-2.0
package org.posthouse.spool;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.time.DateTimeException;
import java.util.ArrayList;
import java.util.List;
import org.posthouse.api.Address;
import org.posthouse.api.BodyType;
import org.posthouse.api.Recipient;
import org.posthouse.api.Sender;
import org.posthouse.spool.spi.Envelope;
import org.posthouse.spool.spi.MessageId;
import org.posthouse.spool.spi.Progress;
import org.posthouse.spool.spi.Spool;
import org.posthouse.spool.spi.SpoolException;

/**
 * How an envelope is written: the records its recipients start with, then the envelope, in one record, so that a new
 * message costs one write.
 */
final class EnvelopeCodec {
    private EnvelopeCodec() {}

    /** The envelope without key, seal and start records. */
    static byte[] content(Envelope e) {
        Wire out = new Wire(1024);
        out.time(e.received());
        origin(out, e.origin());
        sender(out, e.sender());
        out.number(e.recipients().size());
        for (Recipient r : e.recipients()) {
            address(out, r.address());
            out.text(r.notifyOn()).text(r.original());
        }
        routing(out, e.routing());
        out.latin(e.trace()).latin(e.head()).flag(e.headEdited());
        body(out, e.body());
        NotesCodec.write(out, e.notes());
        return out.text(e.stamp()).array();
    }

    /** The whole record. */
    static byte[] seal(byte[] key, byte[] start, byte[] content) {
        Wire out = new Wire(start.length + content.length + 4);
        return Seal.seal(key, out.bytes(start).raw(content, 0, content.length).array());
    }

    /** The start records of a record, as they were written. */
    static byte[] start(byte[] key, byte[] record) throws SpoolException {
        ByteBuffer in = Seal.open(key, record);
        try {
            return Wire.bytes(in);
        } catch (BufferUnderflowException | IllegalArgumentException e) {
            throw Seal.damaged(key, "unreadable", e);
        }
    }

    /** The envelope with the records its recipients started with. */
    static Spool.Stored decode(byte[] key, byte[] record) throws SpoolException {
        ByteBuffer in = Seal.open(key, record);
        try {
            List<Progress> start = ProgressCodec.decodeAll(ByteBuffer.wrap(Wire.bytes(in)));
            return new Spool.Stored(envelope(Keys.id(key), in), start);
        } catch (BufferUnderflowException | IllegalArgumentException | ArithmeticException | DateTimeException e) {
            throw Seal.damaged(key, "unreadable", e);
        }
    }

    /** The envelope that {@link #content} wrote. */
    static Envelope envelope(MessageId id, ByteBuffer in) {
        return new Envelope(
                id,
                Wire.time(in),
                origin(in),
                sender(in),
                recipients(in),
                routing(in),
                Wire.latin(in),
                Wire.latin(in),
                Wire.flag(in),
                body(in),
                NotesCodec.read(in),
                Wire.text(in));
    }

    private static void origin(Wire out, Envelope.Origin o) {
        out.text(o.session()).text(o.listener()).text(o.peer());
        out.text(o.helo()).text(o.tls()).text(o.user());
    }

    private static Envelope.Origin origin(ByteBuffer in) {
        return new Envelope.Origin(
                Wire.text(in), Wire.text(in), Wire.text(in), Wire.text(in), Wire.text(in), Wire.text(in));
    }

    private static void sender(Wire out, Sender s) {
        address(out, s.address());
        out.signed(s.declaredSize()).text(s.body().name()).flag(s.smtpUtf8());
        out.text(s.ret()).text(s.envelopeId());
    }

    private static Sender sender(ByteBuffer in) {
        return new Sender(
                address(in),
                Wire.signed(in),
                BodyType.valueOf(Wire.text(in)),
                Wire.flag(in),
                Wire.text(in),
                Wire.text(in));
    }

    private static List<Recipient> recipients(ByteBuffer in) {
        int count = Wire.count(in);
        List<Recipient> recipients = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            recipients.add(new Recipient(address(in), Wire.text(in), Wire.text(in)));
        }
        return recipients;
    }

    private static void address(Wire out, Address address) {
        out.text(address.local()).text(address.domain());
    }

    private static Address address(ByteBuffer in) {
        return new Address(Wire.text(in), Wire.text(in));
    }

    private static void routing(Wire out, Envelope.Routing r) {
        out.text(r.tenant()).text(r.zone()).signed(r.priority()).number(r.tags().size());
        r.tags().forEach(out::text);
        out.text(r.holdReason());
    }

    private static Envelope.Routing routing(ByteBuffer in) {
        String tenant = Wire.text(in);
        String zone = Wire.text(in);
        int priority = Math.toIntExact(Wire.signed(in));
        int count = Wire.count(in);
        List<String> tags = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            tags.add(Wire.text(in));
        }
        return new Envelope.Routing(tenant, zone, priority, tags, Wire.text(in));
    }

    private static void body(Wire out, Envelope.BodyRef b) {
        out.raw(b.owner().bytes(), 0, 16).flag(b.file()).number(b.size());
        out.number(b.headLength()).number(b.bodyOffset()).flag(b.eightBit());
        out.number(Integer.toUnsignedLong(b.checksum())).text(b.replacement());
    }

    private static Envelope.BodyRef body(ByteBuffer in) {
        return new Envelope.BodyRef(
                MessageId.read(in),
                Wire.flag(in),
                Wire.number(in),
                Wire.small(in),
                Wire.small(in),
                Wire.flag(in),
                (int) Wire.number(in),
                Wire.text(in));
    }
}
