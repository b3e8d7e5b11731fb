// SPDX-License-Identifier: Apache-2.0
package org.posthouse.delivery.client;

import java.io.IOException;
import java.util.Base64;

/** Encodes octets by RFC 2045 6.8 in lines of 76 characters; the line end before a boundary is not part of the body. */
final class Base64Lines implements OctetSink {
    private static final int OCTETS_PER_LINE = 57;
    private static final byte[] LINE_END = {'\r', '\n'};

    private final OctetSink out;
    private final byte[] line = new byte[OCTETS_PER_LINE];
    private final byte[] held = new byte[2];
    private int length;
    private int heldLength;

    Base64Lines(OctetSink out) {
        this.out = out;
    }

    @Override
    public void put(byte[] octets, int offset, int count) throws IOException {
        for (int i = offset; i < offset + count; i++) {
            byte b = octets[i];
            boolean completes = b == '\n' && heldLength == 1 && held[0] == '\r';
            if (!completes) {
                release();
            }
            if (completes || b == '\r') {
                held[heldLength++] = b;
            } else {
                add(b);
            }
        }
    }

    private void release() throws IOException {
        for (int i = 0; i < heldLength; i++) {
            add(held[i]);
        }
        heldLength = 0;
    }

    private void add(byte b) throws IOException {
        line[length++] = b;
        if (length == OCTETS_PER_LINE) {
            flush();
        }
    }

    private void flush() throws IOException {
        byte[] raw = length == OCTETS_PER_LINE ? line : java.util.Arrays.copyOf(line, length);
        byte[] text = Base64.getEncoder().encode(raw);
        out.put(text, 0, text.length);
        out.put(LINE_END, 0, 2);
        length = 0;
    }

    @Override
    public void end() throws IOException {
        if (heldLength != 2) {
            release();
        }
        if (length > 0) {
            flush();
        }
        heldLength = 0;
    }
}
