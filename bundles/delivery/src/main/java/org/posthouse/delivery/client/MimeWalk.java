// SPDX-License-Identifier: Apache-2.0
package org.posthouse.delivery.client;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Walks through the entities of a MIME message while its octets pass by (RFC 2046); holds a line and a header block. */
final class MimeWalk implements OctetSink {
    private static final int LONGEST_SEGMENT = 1024;
    private static final int LONGEST_HEADER = 256 * 1024;
    private static final int DEEPEST = 50;

    private enum Where {
        HEADER,
        LEAF,
        BETWEEN
    }

    /** An open multipart: its delimiter, whether parts default to messages, whether it is signed. */
    private record Open(byte[] delimiter, boolean digest, boolean signed) {}

    private final PartVisitor visitor;
    private final List<Open> open = new ArrayList<>();
    private final byte[] segment = new byte[LONGEST_SEGMENT];
    private int segmentLength;
    private boolean lineStart = true;
    private byte[] header = new byte[2048];
    private int headerLength;
    private Where where = Where.HEADER;

    MimeWalk(PartVisitor visitor) {
        this.visitor = visitor;
    }

    @Override
    public void put(byte[] octets, int offset, int length) throws IOException {
        for (int i = offset; i < offset + length; i++) {
            byte b = octets[i];
            segment[segmentLength++] = b;
            if (b == '\n' || segmentLength == LONGEST_SEGMENT) {
                segmentDone(b == '\n');
            }
        }
    }

    @Override
    public void end() throws IOException {
        if (segmentLength > 0) {
            segmentDone(false);
        }
        if (where == Where.HEADER && headerLength > 0) {
            visitor.header(header, headerLength, PartHeader.parse(header, headerLength), signed());
        } else if (where == Where.LEAF) {
            visitor.leafEnd();
        }
    }

    private void segmentDone(boolean endsLine) throws IOException {
        int length = segmentLength;
        segmentLength = 0;
        boolean startsLine = lineStart;
        lineStart = endsLine;
        int depth = startsLine && length > 2 && segment[0] == '-' && segment[1] == '-' ? delimiter(length) : -1;
        if (depth >= 0) {
            boundary(depth, length);
            return;
        }
        switch (where) {
            case HEADER -> headerLine(length, startsLine);
            case LEAF -> visitor.leaf(segment, length);
            case BETWEEN -> visitor.between(segment, length);
        }
    }

    /** Which open multipart this line delimits, -1 for none; the innermost first. */
    private int delimiter(int length) {
        for (int depth = open.size() - 1; depth >= 0; depth--) {
            byte[] wanted = open.get(depth).delimiter();
            if (length >= wanted.length
                    && Arrays.equals(segment, 0, wanted.length, wanted, 0, wanted.length)
                    && delimiterEnds(wanted.length, length)) {
                return depth;
            }
        }
        return -1;
    }

    private boolean delimiterEnds(int from, int length) {
        int at = closes(from, length) ? from + 2 : from;
        while (at < length
                && (segment[at] == ' ' || segment[at] == '\t' || segment[at] == '\r' || segment[at] == '\n')) {
            at++;
        }
        return at == length;
    }

    private boolean closes(int from, int length) {
        return from + 1 < length && segment[from] == '-' && segment[from + 1] == '-';
    }

    private void boundary(int depth, int length) throws IOException {
        if (where == Where.LEAF) {
            visitor.leafEnd();
        } else if (where == Where.HEADER && headerLength > 0) {
            // A part that is all header: its fields are shown, its body is empty.
            visitor.header(header, headerLength, PartHeader.parse(header, headerLength), signed());
            headerLength = 0;
        }
        boolean last = closes(open.get(depth).delimiter().length, length);
        while (open.size() > (last ? depth : depth + 1)) {
            open.remove(open.size() - 1);
        }
        visitor.between(segment, length);
        where = last ? Where.BETWEEN : Where.HEADER;
    }

    private void headerLine(int length, boolean startsLine) throws IOException {
        if (headerLength + length > LONGEST_HEADER) {
            visitor.lost();
            headerLength = 0;
        }
        if (headerLength + length > header.length) {
            header = Arrays.copyOf(header, Math.max(header.length * 2, headerLength + length));
        }
        System.arraycopy(segment, 0, header, headerLength, length);
        headerLength += length;
        boolean empty = startsLine && (length == 1 || length == 2 && segment[0] == '\r') && segment[length - 1] == '\n';
        if (empty) {
            headerDone();
        }
    }

    private void headerDone() throws IOException {
        PartHeader found = PartHeader.parse(header, headerLength);
        boolean digest = !open.isEmpty()
                && open.get(open.size() - 1).digest()
                && found.type().isEmpty();
        PartHeader part = digest ? new PartHeader("message/rfc822", "", found.encoding()) : found;
        visitor.header(header, headerLength, part, signed());
        headerLength = 0;
        if (part.multipart() && open.size() == DEEPEST) {
            // Each delimiter that is looked for costs memory, and time at every line that could be one.
            visitor.lost();
            where = Where.LEAF;
        } else if (part.multipart()) {
            byte[] delimiter = ("--" + part.boundary()).getBytes(StandardCharsets.ISO_8859_1);
            open.add(new Open(
                    delimiter,
                    part.type().equals("multipart/digest"),
                    part.type().equals("multipart/signed")));
            where = Where.BETWEEN;
        } else {
            where = part.type().equals("message/rfc822") ? Where.HEADER : Where.LEAF;
        }
    }

    private boolean signed() {
        return open.stream().anyMatch(Open::signed);
    }
}
