// SPDX-License-Identifier: Apache-2.0
package org.posthouse.pipeline;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import org.posthouse.api.Content;
import org.posthouse.spool.spi.Draft;
import org.posthouse.spool.spi.Envelope.BodyRef;

/**
 * Octets that stand for a message now: what came in, or what a hook put in its place.
 *
 * @param octets header block, empty line and body
 * @param ref where they are
 * @param head the header block in them
 * @param replacement the draft that a hook wrote; null for the received octets
 */
record Body(
        Content octets, BodyRef ref, Head head, @Nullable Draft replacement) {
    /** More than this much header is refused: the fields are held in memory. */
    static final int MOST_HEAD = 1 << 20;

    /** Reads the header block. */
    static Body received(Content octets, BodyRef ref) throws IOException {
        if (ref.headLength() > MOST_HEAD) {
            throw new IOException("header block of " + ref.headLength() + " octets");
        }
        try (InputStream in = octets.open()) {
            byte[] block = in.readNBytes(ref.headLength());
            return new Body(octets, ref, new Head(new String(block, StandardCharsets.ISO_8859_1)), null);
        }
    }

    /** Whether this header block is another one than stands in the octets. */
    boolean edited(Head now) {
        return now != head && !now.text().equals(head.text());
    }

    /** The octets under this header block, with these lines on top; streamed. */
    Content under(String trace, Head now) {
        return edited(now)
                ? new PrefixedContent(trace + now.text() + "\r\n", octets, ref.bodyOffset())
                : new PrefixedContent(trace, octets, 0);
    }
}
