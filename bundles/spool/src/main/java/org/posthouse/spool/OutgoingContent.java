// SPDX-License-Identifier: Apache-2.0
package org.posthouse.spool;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.util.Collections;
import java.util.List;
import org.posthouse.api.Content;
import org.posthouse.spool.spi.Envelope;
import org.posthouse.spool.spi.MessageId;

/**
 * A message as it goes out: trace lines, header block, empty line, body, put together while it is read. The body is never
 * whole in memory.
 */
final class OutgoingContent implements Content {
    private static final byte[] CRLF = {'\r', '\n'};

    private final Envelope envelope;
    private final Bodies bodies;

    OutgoingContent(Envelope envelope, Bodies bodies) {
        this.envelope = envelope;
        this.bodies = bodies;
    }

    private static byte[] octets(String header) {
        return header.getBytes(Wire.charset(header));
    }

    private boolean replaced() {
        return !envelope.body().replacement().isEmpty();
    }

    // RFC 5322 3.5: the empty line is there only if a body is.
    private byte[] separator() {
        Envelope.BodyRef ref = envelope.body();
        return replaced() || ref.bodyOffset() > ref.headLength() ? CRLF : new byte[0];
    }

    @Override
    public long size() {
        Envelope.BodyRef ref = envelope.body();
        long trace = octets(envelope.trace()).length;
        if (!envelope.headEdited() && !replaced()) {
            return trace + ref.size();
        }
        long head = envelope.headEdited() ? octets(envelope.head()).length : ref.headLength();
        long body = replaced() ? replacement().size() : ref.size() - ref.bodyOffset();
        return trace + head + separator().length + body;
    }

    private Content replacement() {
        return bodies.replacement(MessageId.parse(envelope.body().replacement()));
    }

    @Override
    public InputStream open() throws IOException {
        Content received = bodies.received(envelope.body());
        InputStream trace = new ByteArrayInputStream(octets(envelope.trace()));
        if (!envelope.headEdited() && !replaced()) {
            return join(List.of(trace, received.open()));
        }
        InputStream head = new ByteArrayInputStream(envelope.headEdited() ? octets(envelope.head()) : head(received));
        InputStream separator = new ByteArrayInputStream(separator());
        return join(List.of(trace, head, separator, replaced() ? replacement().open() : body(received)));
    }

    private byte[] head(Content received) throws IOException {
        try (InputStream in = received.open()) {
            return in.readNBytes(envelope.body().headLength());
        }
    }

    private InputStream body(Content received) throws IOException {
        InputStream in = received.open();
        try {
            // Read rather than skipped: the checksum is over all octets.
            in.skipNBytes(envelope.body().bodyOffset());
            return in;
        } catch (IOException e) {
            in.close();
            throw e;
        }
    }

    private static InputStream join(List<InputStream> parts) {
        return new SequenceInputStream(Collections.enumeration(parts));
    }
}
