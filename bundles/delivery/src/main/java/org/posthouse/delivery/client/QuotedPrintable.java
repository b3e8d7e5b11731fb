// SPDX-License-Identifier: Apache-2.0
package org.posthouse.delivery.client;

import java.io.IOException;

/** Encodes text by RFC 2045 6.7; line ends stay line ends. */
final class QuotedPrintable implements OctetSink {
    private static final byte[] HEX = {'0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'A', 'B', 'C', 'D', 'E', 'F'};
    /** A line has at most 76 characters, the soft line break included. */
    private static final int WIDEST = 75;

    private final OctetSink out;
    private final byte[] line = new byte[WIDEST + 3];
    private int length;
    /** A space or tab, or a CR, that waits to be known as the last of its line; -1 for none. */
    private int waiting = -1;

    private boolean cr;

    QuotedPrintable(OctetSink out) {
        this.out = out;
    }

    @Override
    public void put(byte[] octets, int offset, int count) throws IOException {
        for (int i = offset; i < offset + count; i++) {
            one(octets[i]);
        }
    }

    private void one(byte b) throws IOException {
        if (b == '\n') {
            lineEnd();
            return;
        }
        if (cr) {
            cr = false;
            settle(false);
            escaped('\r');
        }
        if (b == '\r') {
            cr = true;
            return;
        }
        settle(false);
        if (b == ' ' || b == '\t') {
            waiting = b;
        } else if (b > ' ' && b <= '~' && b != '=') {
            plain(b);
        } else {
            escaped(b);
        }
    }

    private void lineEnd() throws IOException {
        settle(true);
        cr = false;
        line[length++] = '\r';
        line[length++] = '\n';
        out.put(line, 0, length);
        length = 0;
    }

    /** White space at the end of a line would be lost on the way. */
    private void settle(boolean last) throws IOException {
        if (waiting >= 0) {
            byte b = (byte) waiting;
            waiting = -1;
            if (last) {
                escaped(b);
            } else {
                plain(b);
            }
        }
    }

    private void plain(byte b) throws IOException {
        room(1);
        line[length++] = b;
    }

    private void escaped(int b) throws IOException {
        room(3);
        line[length++] = '=';
        line[length++] = HEX[(b >> 4) & 15];
        line[length++] = HEX[b & 15];
    }

    private void room(int needed) throws IOException {
        if (length + needed > WIDEST) {
            line[length++] = '=';
            line[length++] = '\r';
            line[length++] = '\n';
            out.put(line, 0, length);
            length = 0;
        }
    }

    @Override
    public void end() throws IOException {
        settle(true);
        if (cr) {
            cr = false;
            escaped('\r');
        }
        out.put(line, 0, length);
        length = 0;
    }
}
