// SPDX-License-Identifier: Apache-2.0
package org.posthouse.mailauth.keys;

import java.util.Arrays;
import java.util.HexFormat;
import org.posthouse.mailauth.dkim.Der;

/** Private RSA keys without a word of what they are (RFC 8017 A.1.2). */
final class Pkcs1 {
    /** Version 0 and the AlgorithmIdentifier of rsaEncryption: what stands in front of a key in PKCS #8. */
    private static final byte[] HEAD = HexFormat.of().parseHex("020100300d06092a864886f70d0101010500");

    private Pkcs1() {}

    /** The key in PKCS #8. */
    static byte[] wrapped(byte[] key) {
        byte[] octets = Der.element(Der.OCTET_STRING, key);
        byte[] all = Arrays.copyOf(HEAD, HEAD.length + octets.length);
        System.arraycopy(octets, 0, all, HEAD.length, octets.length);
        return Der.element(Der.SEQUENCE, all);
    }
}
