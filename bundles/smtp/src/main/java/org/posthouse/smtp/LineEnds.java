// SPDX-License-Identifier: Apache-2.0
package org.posthouse.smtp;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * Watches text for line ends that are not CRLF. RFC 5321 2.3.8: CR and LF must only appear together; whoever takes one of
 * them for a line end can be made to see a message inside another (SMTP smuggling).
 */
final class LineEnds {
    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final long ONES = 0x0101010101010101L;
    private static final long HIGHS = 0x8080808080808080L;
    private static final long LFS = ONES * '\n';
    private static final long CRS = ONES * '\r';

    private boolean clean = true;
    private boolean afterCr;
    private boolean atLineStart = true;

    /** Looks at the next octets of the text. */
    void watch(byte[] octets, int from, int to) {
        int at = from;
        while (at < to) {
            if (afterCr) {
                afterCr = false;
                if (octets[at] == '\n') {
                    atLineStart = true;
                    at++;
                    continue;
                }
                clean = false;
            }
            int hit = next(octets, at, to);
            if (hit < 0) {
                atLineStart = false;
                return;
            }
            atLineStart = false;
            afterCr = octets[hit] == '\r';
            clean &= afterCr;
            at = hit + 1;
        }
    }

    /** Whether every CR and LF so far stood in a CRLF; a CR at the very end counts as alone. */
    boolean clean() {
        return clean && !afterCr;
    }

    /** Whether the text so far is empty or ends with CRLF. */
    boolean atLineStart() {
        return atLineStart;
    }

    /** The index of the first CR or LF; -1 when there is none. Looks at eight octets at a time. */
    static int next(byte[] octets, int from, int to) {
        int at = from;
        for (; at + 8 <= to; at += 8) {
            long word = (long) LONGS.get(octets, at);
            long hits = zeros(word ^ LFS) | zeros(word ^ CRS);
            if (hits != 0) {
                return at + (Long.numberOfTrailingZeros(hits) >>> 3);
            }
        }
        for (; at < to; at++) {
            if (octets[at] == '\n' || octets[at] == '\r') {
                return at;
            }
        }
        return -1;
    }

    /** The highest bit of each octet that is zero; exact up to the first. */
    private static long zeros(long word) {
        return (word - ONES) & ~word & HIGHS;
    }
}
