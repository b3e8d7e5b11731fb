// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.authfile;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import javax.crypto.spec.SecretKeySpec;
import org.posthouse.api.hook.Authenticator.ScramKeys.Keys;

/** What SCRAM-SHA-256 needs to know of a password (RFC 5802 3, RFC 7677), as it stands in the file. */
record ScramRecord(int iterations, byte[] salt, byte[] storedKey, byte[] serverKey) {
    static final int SALT_OCTETS = 16;

    /** RFC 7677 4: at least 4096; beyond the other bound a client would compute for minutes. */
    static final int LEAST_ITERATIONS = 4096;

    static final int MOST_ITERATIONS = 1_000_000;
    private static final int KEY_OCTETS = 32;
    private static final SecureRandom RANDOM = new SecureRandom();

    /** Derives the keys of a password, with a new salt. */
    static ScramRecord of(String password, int iterations) {
        byte[] salt = new byte[SALT_OCTETS];
        RANDOM.nextBytes(salt);
        return of(password, salt, iterations);
    }

    static ScramRecord of(String password, byte[] salt, int iterations) {
        try {
            PBEKeySpec spec = new PBEKeySpec(password.toCharArray(), salt, iterations, KEY_OCTETS * 8);
            byte[] salted = SecretKeyFactory.getInstance("PBKDF2WithHmacSHA256")
                    .generateSecret(spec)
                    .getEncoded();
            byte[] stored = MessageDigest.getInstance("SHA-256").digest(hmac(salted, "Client Key"));
            return new ScramRecord(iterations, salt, stored, hmac(salted, "Server Key"));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Every Java has PBKDF2WithHmacSHA256 and SHA-256", e);
        }
    }

    private static byte[] hmac(byte[] key, String text) throws GeneralSecurityException {
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(key, "HmacSHA256"));
        return mac.doFinal(text.getBytes(StandardCharsets.US_ASCII));
    }

    /** Reads {@code iterations:salt:storedKey:serverKey}. */
    static ScramRecord parse(String text) throws DamagedLine {
        String[] parts = text.split(":", -1);
        if (parts.length != 4) {
            throw new DamagedLine("scram is iterations:salt:storedKey:serverKey");
        }
        try {
            Base64.Decoder base64 = Base64.getDecoder();
            ScramRecord read = new ScramRecord(
                    Integer.parseInt(parts[0]),
                    base64.decode(parts[1]),
                    base64.decode(parts[2]),
                    base64.decode(parts[3]));
            if (read.iterations < LEAST_ITERATIONS
                    || read.iterations > MOST_ITERATIONS
                    || read.salt.length == 0
                    || read.storedKey.length != KEY_OCTETS
                    || read.serverKey.length != KEY_OCTETS) {
                throw new DamagedLine("scram keys have the wrong size");
            }
            return read;
        } catch (IllegalArgumentException e) {
            throw new DamagedLine("scram keys are no numbers and base64");
        }
    }

    /** As {@link #parse} reads it. */
    String text() {
        Base64.Encoder base64 = Base64.getEncoder();
        return iterations + ":" + base64.encodeToString(salt) + ":" + base64.encodeToString(storedKey) + ":"
                + base64.encodeToString(serverKey);
    }

    Keys keys(String principal) {
        return new Keys(principal, salt, iterations, storedKey, serverKey);
    }

    @Override
    public String toString() {
        return "ScramRecord[hidden]";
    }
}
