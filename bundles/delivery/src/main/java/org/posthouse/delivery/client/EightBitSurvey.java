// SPDX-License-Identifier: Apache-2.0
package org.posthouse.delivery.client;

import java.util.BitSet;

/** Finds out which parts hold octets above 127, and whether they can be encoded at all. */
final class EightBitSurvey implements PartVisitor {
    private final BitSet eightBit = new BitSet();
    private int part = -1;
    private boolean encoded;
    private boolean signed;
    private boolean composite;
    private boolean possible = true;

    /** Whether every such part may be encoded: no header, no signed part, no part that claims to be encoded. */
    boolean possible() {
        return possible;
    }

    /** Whether the part, counted in order of its header, holds such octets. */
    boolean eightBit(int index) {
        return eightBit.get(index);
    }

    @Override
    public void header(byte[] block, int length, PartHeader header, boolean inSigned) {
        part++;
        signed = inSigned;
        encoded = header.encoding().equals("base64") || header.encoding().equals("quoted-printable");
        // RFC 2046 5: composite types must not be encoded themselves.
        composite = header.type().startsWith("multipart/") || header.type().startsWith("message/");
        possible &= !high(block, length) && !header.type().equals("message/global");
        possible &= !(header.type().equals("message/rfc822") && encoded);
    }

    @Override
    public void leaf(byte[] octets, int length) {
        if (high(octets, length)) {
            eightBit.set(part);
            possible &= !encoded && !signed && !composite;
        }
    }

    @Override
    public void leafEnd() {}

    @Override
    public void between(byte[] octets, int length) {
        possible &= !high(octets, length);
    }

    @Override
    public void lost() {
        possible = false;
    }

    private static boolean high(byte[] octets, int length) {
        int all = 0;
        for (int i = 0; i < length; i++) {
            all |= octets[i];
        }
        return all < 0;
    }
}
