// SPDX-License-Identifier: Apache-2.0
package org.posthouse.delivery.notice;

/** Finds where a header block ends in octets that come block by block. */
final class HeaderEnd {
    private boolean lineStart = true;
    private boolean found;

    /** How many of these octets belong to the header block. */
    int take(byte[] octets, int length) {
        for (int i = 0; i < length; i++) {
            if (found) {
                return i;
            }
            byte b = octets[i];
            if (b == '\n') {
                found = lineStart;
                lineStart = true;
            } else if (b != '\r') {
                lineStart = false;
            }
        }
        return length;
    }
}
