// SPDX-License-Identifier: Apache-2.0
package org.posthouse.mailauth.dkim;

import org.posthouse.mailauth.message.Octets;

/**
 * RFC 6376 3.4.4: runs of WSP are one space, none at the end of a line, no empty lines at the end of the body, and a line end
 * where there is none; an empty body stays empty.
 */
final class RelaxedBody implements CanonicalBody {
    private static final byte[] SPACE = {' '};

    private final LineEnds out;
    private boolean afterCr;
    private boolean space;

    RelaxedBody(Octets sink) {
        this.out = new LineEnds(sink);
    }

    @Override
    public void take(byte[] octets, int offset, int length) {
        int limit = offset + length;
        int run = offset;
        for (int i = offset; i < limit; i++) {
            byte b = octets[i];
            if (afterCr) {
                afterCr = false;
                if (b == '\n') {
                    out.lineEnd();
                    space = false;
                    run = i + 1;
                    continue;
                }
                text(LineEnds.CR, 0, 1);
            }
            if (b == '\r' || b == ' ' || b == '\t') {
                text(octets, run, i - run);
                run = i + 1;
                afterCr = b == '\r';
                space |= b != '\r';
            }
        }
        text(octets, run, limit - run);
    }

    private void text(byte[] octets, int offset, int length) {
        if (length > 0) {
            if (space) {
                out.text(SPACE, 0, 1);
                space = false;
            }
            out.text(octets, offset, length);
        }
    }

    @Override
    public void end() {
        if (afterCr) {
            text(LineEnds.CR, 0, 1);
        }
        if (out.any()) {
            out.last();
        }
    }
}
