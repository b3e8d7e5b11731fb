// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.authfile;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * SCRAM keys for names that nobody can log in by: the same for a name every time, from a secret of this server, so that they
 * can not be told from real ones (RFC 5802 9).
 */
record FalseKeys(byte[] secret, int iterations) {
    private static final int SECRET_OCTETS = 32;

    /** Reads the secret, or makes it when there is none. */
    static FalseKeys beside(Path users, int iterations) throws IOException {
        Path file = users.resolveSibling(users.getFileName() + ".secret");
        if (!Files.exists(file)) {
            byte[] secret = new byte[SECRET_OCTETS];
            new SecureRandom().nextBytes(secret);
            UserFile.write(file, HexFormat.of().formatHex(secret) + "\n");
        }
        String text = Files.readString(file, StandardCharsets.US_ASCII).strip();
        try {
            byte[] secret = HexFormat.of().parseHex(text);
            if (secret.length >= SECRET_OCTETS) {
                return new FalseKeys(secret, iterations);
            }
        } catch (IllegalArgumentException e) {
            throw new IOException(file + " holds no secret; remove it and a new one is made", e);
        }
        throw new IOException(file + " holds no whole secret; remove it and a new one is made");
    }

    ScramRecord of(String name) {
        byte[] salt = Arrays.copyOf(derived("salt", name), ScramRecord.SALT_OCTETS);
        return with(name, salt, iterations);
    }

    /** Keys that nobody can prove, behind a salt that is known. */
    ScramRecord with(String name, byte[] salt, int count) {
        return new ScramRecord(count, salt, derived("stored", name), derived("server", name));
    }

    private byte[] derived(String what, String name) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(secret, "HmacSHA256"));
            return mac.doFinal((what + " " + name).getBytes(StandardCharsets.UTF_8));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Every Java has HmacSHA256", e);
        }
    }

    @Override
    public String toString() {
        return "FalseKeys[hidden]";
    }
}
