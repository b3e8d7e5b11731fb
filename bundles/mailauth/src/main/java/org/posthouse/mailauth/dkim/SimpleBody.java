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
        int limit = offset + length;
        int run = offset;
        for (int i = offset; i < limit; i++) {
            byte b = octets[i];
            if (afterCr) {
                afterCr = false;
                if (b == '\n') {
                    out.lineEnd();
                    run = i + 1;
                    continue;
                }
                out.text(LineEnds.CR, 0, 1);
            }
            if (b == '\r') {
                out.text(octets, run, i - run);
                run = i + 1;
                afterCr = true;
            }
        }
        out.text(octets, run, limit - run);
    }

    @Override
    public void end() {
        if (afterCr) {
            out.text(LineEnds.CR, 0, 1);
        }
        out.last();
    }
}
