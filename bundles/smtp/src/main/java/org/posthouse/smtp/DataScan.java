// SPDX-License-Identifier: Apache-2.0
package org.posthouse.smtp;

/** Finds the end of message data and takes out stuffed dots, over pieces cut anywhere. */
final class DataScan {
    /** Where in the text the scan stands. */
    private enum At {
        LINE_START,
        TEXT,
        CR,
        DOT,
        DOT_CR,
        END
    }

    private final Framer.Sink sink;
    private At at = At.LINE_START;
    private boolean clean = true;

    /** First octet of this piece that is content and not handed on yet. */
    private int start;

    DataScan(Framer.Sink sink) {
        this.sink = sink;
    }

    boolean ended() {
        return at == At.END;
    }

    /** Whether every CR and LF so far stood in a CRLF. */
    boolean clean() {
        return clean;
    }

    /** Scans a piece; returns the index behind the last octet that belongs to the data. */
    int scan(byte[] octets, int from, int to) {
        start = from;
        int i = from;
        while (i < to && at != At.END) {
            i = switch (at) {
                case LINE_START -> lineStart(octets, i);
                case TEXT -> text(octets, i, to);
                case CR -> cr(octets, i);
                case DOT -> dot(octets, i);
                default -> dotCr(octets, i);
            };
        }
        hand(octets, i);
        return i;
    }

    private int lineStart(byte[] octets, int i) {
        if (octets[i] != '.') {
            at = At.TEXT;
            return i;
        }
        hand(octets, i);
        at = At.DOT;
        start = i + 1;
        return i + 1;
    }

    private int text(byte[] octets, int i, int to) {
        int hit = LineEnds.next(octets, i, to);
        if (hit < 0) {
            return to;
        }
        if (octets[hit] == '\r') {
            at = At.CR;
        } else {
            clean = false;
        }
        return hit + 1;
    }

    private int cr(byte[] octets, int i) {
        if (octets[i] == '\n') {
            at = At.LINE_START;
            return i + 1;
        }
        clean = false;
        at = At.TEXT;
        return i;
    }

    private int dot(byte[] octets, int i) {
        if (octets[i] == '\r') {
            at = At.DOT_CR;
            start = i + 1;
            return i + 1;
        }
        at = At.TEXT;
        return i;
    }

    private int dotCr(byte[] octets, int i) {
        if (octets[i] == '\n') {
            at = At.END;
            start = i + 1;
            return i + 1;
        }
        clean = false;
        at = At.TEXT;
        return i;
    }

    /** Hands on the content up to here; a message with a lone CR or LF is refused, so the rest of it is not kept. */
    private void hand(byte[] octets, int end) {
        if (clean && end > start) {
            sink.write(octets, start, end - start);
        }
        start = end;
    }
}
