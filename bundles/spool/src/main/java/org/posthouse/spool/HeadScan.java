// SPDX-License-Identifier: Apache-2.0
package org.posthouse.spool;

import java.util.zip.CRC32C;

/** Watches octets pass: finds the end of the header block (RFC 5322 2.1), octets above 127, the checksum. */
final class HeadScan {
    private final CRC32C checksum = new CRC32C();
    private long position;
    private long lineStart;
    private boolean afterCr;
    private boolean found;
    private boolean eightBit;
    private int headLength;
    private int bodyOffset;

    void feed(byte[] octets, int offset, int length) {
        checksum.update(octets, offset, length);
        if (!eightBit) {
            int all = 0;
            for (int i = offset; i < offset + length; i++) {
                all |= octets[i];
            }
            eightBit = (all & 0x80) != 0;
        }
        for (int i = offset; !found && i < offset + length; i++) {
            octet(octets[i], position + i - offset);
        }
        position += length;
    }

    private void octet(byte octet, long at) {
        if (octet == '\n' && afterCr) {
            if (at == lineStart + 1) {
                found = true;
                headLength = Math.toIntExact(lineStart);
                bodyOffset = Math.toIntExact(at + 1);
            }
            lineStart = at + 1;
        }
        afterCr = octet == '\r';
        // A header block this long is no header block; the numbers of the envelope end here.
        if (at >= Integer.MAX_VALUE - 8) {
            found = true;
            headLength = Math.toIntExact(at);
            bodyOffset = headLength;
        }
    }

    long size() {
        return position;
    }

    int headLength() {
        return found ? headLength : Math.toIntExact(position);
    }

    int bodyOffset() {
        return found ? bodyOffset : Math.toIntExact(position);
    }

    boolean eightBit() {
        return eightBit;
    }

    int checksum() {
        return (int) checksum.getValue();
    }
}
