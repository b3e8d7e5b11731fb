// SPDX-License-Identifier: Apache-2.0
package org.posthouse.delivery.client;

import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * Makes octets fit for DATA: dots at the start of lines doubled (RFC 5321 4.5.2), lone CR or LF turned into line ends
 * (RFC 5321 2.3.8: they must not be sent), the last line ended.
 *
 * <p>Looks for the few octets that matter eight at a time and passes on everything between them in one piece.
 */
final class Stuffer implements OctetSink {
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final long ONES = 0x0101010101010101L;
    private static final long HIGH = 0x8080808080808080L;
    private static final byte[] LINE_END = {'\r', '\n'};

    private final Outlet wire;
    private final boolean dots;
    private boolean lineStart = true;
    private boolean afterCr;

    /** @param dots whether dots are doubled: for DATA, not for BDAT */
    Stuffer(Outlet wire, boolean dots) {
        this.wire = wire;
        this.dots = dots;
    }

    @Override
    public void put(byte[] octets, int offset, int length) throws IOException {
        int end = offset + length;
        int start = offset;
        int at = offset;
        while (at < end) {
            if (afterCr) {
                at = endLine(octets, at);
                start = at;
                continue;
            }
            if (lineStart && dots && octets[at] == '.') {
                wire.write(octets, start, at - start);
                wire.write((byte) '.');
                start = at;
            }
            lineStart = false;
            at = find(octets, at, end);
            if (at == end) {
                break;
            }
            if (octets[at] == '\r' && at + 1 < end && octets[at + 1] == '\n') {
                at += 2;
                lineStart = true;
            } else {
                wire.write(octets, start, at - start);
                at = oddLineEnd(octets[at], at);
                start = at;
            }
        }
        wire.write(octets, start, end - start);
    }

    /** A CR that ends the block, or is alone, waits for what follows it; a lone LF is a line end. */
    private int oddLineEnd(byte octet, int at) throws IOException {
        if (octet == '\r') {
            afterCr = true;
        } else {
            wire.write(LINE_END, 0, 2);
            lineStart = true;
        }
        return at + 1;
    }

    private int endLine(byte[] octets, int at) throws IOException {
        afterCr = false;
        lineStart = true;
        wire.write(LINE_END, 0, 2);
        return octets[at] == '\n' ? at + 1 : at;
    }

    @Override
    public void end() throws IOException {
        if (afterCr || (!lineStart && dots)) {
            afterCr = false;
            lineStart = true;
            wire.write(LINE_END, 0, 2);
        }
    }

    /** The position of the next CR or LF, or {@code end}. */
    private static int find(byte[] octets, int from, int end) {
        int at = from;
        while (at + 8 <= end) {
            long word = (long) LONG.get(octets, at);
            // The high bit of every octet that is less than 14: exact enough, the loop below looks closer.
            if (((word - ONES * 14) & ~word & HIGH) != 0) {
                int hit = findBytewise(octets, at, at + 8);
                if (hit < at + 8) {
                    return hit;
                }
            }
            at += 8;
        }
        return findBytewise(octets, at, end);
    }

    private static int findBytewise(byte[] octets, int from, int end) {
        int at = from;
        while (at < end && octets[at] != '\r' && octets[at] != '\n') {
            at++;
        }
        return at;
    }
}
