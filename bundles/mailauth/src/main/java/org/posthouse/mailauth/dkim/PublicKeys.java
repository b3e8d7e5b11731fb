// SPDX-License-Identifier: Apache-2.0
package org.posthouse.mailauth.dkim;

import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.interfaces.EdECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;

/** Public keys as the tag p has them, in base64. */
public final class PublicKeys {
    private static final int LONGEST_RSA_BITS = 8192;
    private static final int LONGEST_EXPONENT_BITS = 64;
    private static final int LONGEST_TEXT = 4096;
    private static final int ED25519_OCTETS = 32;

    /** What stands in front of the key in a SubjectPublicKeyInfo of Ed25519 (RFC 8410 4). */
    private static final byte[] ED25519_INFO = HexFormat.of().parseHex("302a300506032b6570032100");

    /** AlgorithmIdentifier of rsaEncryption (RFC 3279 2.3.1). */
    private static final byte[] RSA_IDENTIFIER = HexFormat.of().parseHex("300d06092a864886f70d0101010500");

    private PublicKeys() {}

    /**
     * Reads a key.
     *
     * @throws UnusableException when it is none, or one that costs too much to use
     */
    static PublicKey read(Algorithm algorithm, String base64) throws UnusableException {
        if (base64.length() > LONGEST_TEXT) {
            throw KeyRecord.unusable("the key is too long");
        }
        byte[] octets;
        try {
            octets = Base64.getDecoder().decode(base64);
        } catch (IllegalArgumentException e) {
            throw KeyRecord.unusable("the key is not base64");
        }
        return algorithm == Algorithm.ED25519_SHA256 ? ed25519(octets) : rsa(octets);
    }

    /** RFC 8463 4.2: the 32 octets alone. */
    private static PublicKey ed25519(byte[] octets) throws UnusableException {
        if (octets.length != ED25519_OCTETS) {
            throw KeyRecord.unusable("the key has not the length of an Ed25519 key");
        }
        try {
            return KeyFactory.getInstance("Ed25519")
                    .generatePublic(new X509EncodedKeySpec(joined(ED25519_INFO, octets)));
        } catch (GeneralSecurityException e) {
            throw KeyRecord.unusable("the key is no Ed25519 key");
        }
    }

    /** A SubjectPublicKeyInfo, which everybody writes, or an RSAPublicKey, which RFC 6376 3.6.1 names. */
    private static PublicKey rsa(byte[] octets) throws UnusableException {
        RSAPublicKey key;
        try {
            key = (RSAPublicKey) rsaOf(octets);
        } catch (GeneralSecurityException e) {
            try {
                key = (RSAPublicKey) rsaOf(wrapped(octets));
            } catch (GeneralSecurityException f) {
                throw KeyRecord.unusable("the key is no RSA key");
            }
        }
        // Whoever publishes a key chooses what a check costs us.
        if (key.getModulus().bitLength() > LONGEST_RSA_BITS
                || key.getPublicExponent().bitLength() > LONGEST_EXPONENT_BITS) {
            throw KeyRecord.unusable("the key is too long");
        }
        return key;
    }

    private static PublicKey rsaOf(byte[] info) throws GeneralSecurityException {
        return KeyFactory.getInstance("RSA").generatePublic(new X509EncodedKeySpec(info));
    }

    /** A SubjectPublicKeyInfo around an RSAPublicKey. */
    private static byte[] wrapped(byte[] key) {
        byte[] bits = Der.element(Der.BIT_STRING, joined(new byte[] {0}, key));
        return Der.element(Der.SEQUENCE, joined(RSA_IDENTIFIER, bits));
    }

    /** The length of the modulus, or 256 for Ed25519. */
    static int bits(PublicKey key) {
        return key instanceof RSAPublicKey rsa ? rsa.getModulus().bitLength() : 8 * ED25519_OCTETS;
    }

    /** The value of the tag p for a key. */
    public static String text(PublicKey key) {
        byte[] info = key.getEncoded();
        byte[] octets = key instanceof EdECPublicKey
                ? Arrays.copyOfRange(info, info.length - ED25519_OCTETS, info.length)
                : info;
        return Base64.getEncoder().encodeToString(octets);
    }

    private static byte[] joined(byte[] first, byte[] second) {
        byte[] all = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, all, first.length, second.length);
        return all;
    }
}
