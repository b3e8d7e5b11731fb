// SPDX-License-Identifier: Apache-2.0
package org.posthouse.mailauth.dkim;

import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.util.Optional;

/** The algorithms of the tag a that may count (RFC 8301 3.1, RFC 8463 3): rsa-sha1 is not among them. */
public enum Algorithm {
    /** RSASSA-PKCS1-v1_5 over SHA-256. */
    RSA_SHA256("rsa-sha256", "rsa", "SHA256withRSA"),
    /** PureEdDSA over the SHA-256 of the data (RFC 8463 3). */
    ED25519_SHA256("ed25519-sha256", "ed25519", "Ed25519");

    private final String word;
    private final String keyType;
    private final String jca;

    Algorithm(String word, String keyType, String jca) {
        this.word = word;
        this.keyType = keyType;
        this.jca = jca;
    }

    /** The word that stands in the tag a. */
    public String word() {
        return word;
    }

    /** The word that stands in the tag k of a key record. */
    public String keyType() {
        return keyType;
    }

    /** The algorithm of this name; empty when there is none, or none that may count. */
    public static Optional<Algorithm> of(String word) {
        for (Algorithm one : values()) {
            if (one.word.equalsIgnoreCase(word)) {
                return Optional.of(one);
            }
        }
        return Optional.empty();
    }

    /** The algorithm that keys of this type serve; empty when there is none. */
    static Optional<Algorithm> ofKeyType(String type) {
        for (Algorithm one : values()) {
            if (one.keyType.equalsIgnoreCase(type)) {
                return Optional.of(one);
            }
        }
        return Optional.empty();
    }

    /** Whether this is the signature of the data; false also for what is no signature at all. */
    public boolean verifies(PublicKey key, byte[] data, byte[] signature) {
        try {
            Signature check = Signature.getInstance(jca);
            check.initVerify(key);
            check.update(input(data));
            return check.verify(signature);
        } catch (GeneralSecurityException e) {
            return false; // A signature of the wrong length throws.
        }
    }

    /**
     * Signs the data.
     *
     * @throws GeneralSecurityException when the key is not of this algorithm
     */
    public byte[] sign(PrivateKey key, byte[] data) throws GeneralSecurityException {
        Signature make = Signature.getInstance(jca);
        make.initSign(key);
        make.update(input(data));
        return make.sign();
    }

    private byte[] input(byte[] data) {
        return this == ED25519_SHA256 ? sha256().digest(data) : data;
    }

    /** A digest of the only hash that is left. */
    public static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java has SHA-256", e);
        }
    }
}
