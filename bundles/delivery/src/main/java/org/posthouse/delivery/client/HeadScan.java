// SPDX-License-Identifier: Apache-2.0
package org.posthouse.delivery.client;

/** Looks through a header block, block by block, for octets above 127. */
final class HeadScan {
    private boolean international;
    private boolean done;
    private int ends;

    void take(byte[] octets, int length) {
        for (int i = 0; i < length && !done; i++) {
            byte b = octets[i];
            if (b < 0) {
                international = true;
                done = true;
            } else if (b == '\n') {
                done = ++ends == 2;
            } else if (b != '\r') {
                ends = 0;
            }
        }
    }

    /** Whether the end of the header block was seen, or what was looked for. */
    boolean done() {
        return done;
    }

    boolean international() {
        return international;
    }
}
