// SPDX-License-Identifier: Apache-2.0
package org.posthouse.cluster.transport;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.HexFormat;
import javax.crypto.spec.SecretKeySpec;

/** A key that members share: 256 random bits in a file, as base64 or as hexadecimal digits. */
final class ClusterKey {
    private static final int OCTETS = 32;
    private static final String EXPECTED = "expected 32 octets as base64, such as 'openssl rand -base64 32' prints";

    private final SecretKeySpec key;
    private final int hint;

    ClusterKey(byte[] octets) {
        if (octets.length != OCTETS) {
            throw new IllegalArgumentException(EXPECTED + ", found " + octets.length);
        }
        this.key = new SecretKeySpec(octets, "AES");
        this.hint = hint(octets);
    }

    /**
     * Reads a file.
     *
     * @throws IOException when it can not be read or holds no key; the message names the file and nothing of its content
     */
    static ClusterKey read(Path file) throws IOException {
        try {
            return new ClusterKey(
                    octets(Files.readString(file, StandardCharsets.US_ASCII).strip()));
        } catch (NoSuchFileException e) {
            throw new IOException("there is no file " + file + "; make one with 'openssl rand -base64 32'", e);
        } catch (IllegalArgumentException e) {
            // Without the cause, which might quote the key.
            throw new IOException(file + ": " + EXPECTED);
        } catch (IOException e) {
            throw new IOException(file + " can not be read: " + e.getMessage(), e);
        }
    }

    private static byte[] octets(String text) {
        return text.length() == OCTETS * 2
                ? HexFormat.of().parseHex(text)
                : Base64.getDecoder().decode(text);
    }

    /** Tells keys apart without telling anything of them. */
    private static int hint(byte[] octets) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update("posthouse cluster key".getBytes(StandardCharsets.US_ASCII));
            byte[] hash = digest.digest(octets);
            return (hash[0] & 0xff) << 24 | (hash[1] & 0xff) << 16 | (hash[2] & 0xff) << 8 | hash[3] & 0xff;
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java platform has SHA-256", e);
        }
    }

    SecretKeySpec key() {
        return key;
    }

    int hint() {
        return hint;
    }

    /** The hint as the operator reads it. */
    static String name(int hint) {
        return HexFormat.of().toHexDigits(hint);
    }

    @Override
    public String toString() {
        return "key " + name(hint);
    }
}
