// SPDX-License-Identifier: Apache-2.0
package org.posthouse.mailauth.dkim;

import org.posthouse.mailauth.message.Octets;

/** RFC 6376 3.4.3: empty lines at the end are left out, and a line end is added where there is none; an empty body is one. */
final class SimpleBody implements CanonicalBody {
    private final LineEnds out;
    private boolean afterCr;

    SimpleBody(Octets sink) {
        this.out = new LineEnds(sink);
    }

    @Override
    public void take(byte[] octets, int offset, int length) {
        int from = offset;
        if (afterCr && length > 0) {
            afterCr = false;
            if (octets[from] == '\n') {
                out.lineEnd();
                from++;
            } else {
                out.text(LineEnds.CR, 0, 1);
            }
        }
        int to = offset + length;
        if (to > from && octets[to - 1] == '\r') {
            afterCr = true;
            to--;
        }
        int end = to;
        while (end - 2 >= from && octets[end - 2] == '\r' && octets[end - 1] == '\n') {
            end -= 2;
        }
        out.text(octets, from, end - from);
        for (int i = end; i < to; i += 2) {
            out.lineEnd();
        }
    }

    @Override
    public void end() {
        if (afterCr) {
            out.text(LineEnds.CR, 0, 1);
        }
        out.last();
    }
}
