// SPDX-License-Identifier: Apache-2.0
package org.posthouse.mailauth.dkim;

import org.posthouse.mailauth.message.Octets;

/** Holds line ends back until text follows, so that those at the end of a body are never handed on. */
final class LineEnds {
    static final byte[] CR = {'\r'};

    private static final byte[] CRLFS = "\r\n".repeat(512).getBytes(java.nio.charset.StandardCharsets.US_ASCII);

    private final Octets sink;
    private long held;
    private boolean any;

    LineEnds(Octets sink) {
        this.sink = sink;
    }

    void lineEnd() {
        held++;
    }

    void text(byte[] octets, int offset, int length) {
        if (length > 0) {
            release();
            any = true;
            sink.take(octets, offset, length);
        }
    }

    private void release() {
        while (held > 0) {
            int now = (int) Math.min(held, CRLFS.length / 2);
            sink.take(CRLFS, 0, 2 * now);
            held -= now;
        }
    }

    /** Whether there was text. */
    boolean any() {
        return any;
    }

    /** The line end of the last line that has text. */
    void last() {
        sink.take(CRLFS, 0, 2);
    }
}
