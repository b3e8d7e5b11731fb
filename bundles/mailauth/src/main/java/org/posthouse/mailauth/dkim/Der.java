// SPDX-License-Identifier: Apache-2.0
package org.posthouse.mailauth.dkim;

import java.io.ByteArrayOutputStream;

/** Writes the one or two elements that stand around a bare RSA key (X.690). */
public final class Der {
    public static final int SEQUENCE = 0x30;
    public static final int BIT_STRING = 0x03;
    public static final int OCTET_STRING = 0x04;

    private Der() {}

    /** An element of this tag. */
    public static byte[] element(int tag, byte[] content) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(content.length + 6);
        out.write(tag);
        if (content.length < 128) {
            out.write(content.length);
        } else {
            int octets = (32 - Integer.numberOfLeadingZeros(content.length) + 7) / 8;
            out.write(0x80 | octets);
            for (int shift = 8 * (octets - 1); shift >= 0; shift -= 8) {
                out.write(content.length >> shift);
            }
        }
        out.writeBytes(content);
        return out.toByteArray();
    }
}
