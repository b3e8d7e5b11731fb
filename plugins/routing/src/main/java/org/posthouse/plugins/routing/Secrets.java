// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.routing;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** The secrets that sign rewritten addresses: the first signs, all verify, so that one can be replaced in peace. */
final class Secrets {
    static final int LEAST_LENGTH = 16;

    /** 30 bits: a local part has 64 octets, and each guess is a command that is refused. */
    private static final int LETTERS = 6;

    private static final String ALGORITHM = "HmacSHA256";

    private final List<SecretKeySpec> keys = new ArrayList<>();

    /**
     * Keys of the texts.
     *
     * @throws IllegalArgumentException when one is too short to be a secret
     */
    Secrets(String... texts) {
        for (String text : texts) {
            if (text.length() < LEAST_LENGTH) {
                throw new IllegalArgumentException("srsSecrets: a secret has at least " + LEAST_LENGTH
                        + " characters; make one with: openssl rand -hex 16");
            }
            keys.add(new SecretKeySpec(text.getBytes(StandardCharsets.UTF_8), ALGORITHM));
        }
    }

    boolean none() {
        return keys.isEmpty();
    }

    String sign(String text) {
        return hash(keys.getFirst(), text);
    }

    boolean verify(String text, String hash) {
        byte[] given = hash.toUpperCase(Locale.ROOT).getBytes(StandardCharsets.UTF_8);
        boolean right = false;
        for (SecretKeySpec key : keys) {
            right |= MessageDigest.isEqual(hash(key, text).getBytes(StandardCharsets.UTF_8), given);
        }
        return right;
    }

    /** Of the text in lower case, in letters that survive a host that changes case. */
    private static String hash(SecretKeySpec key, String text) {
        byte[] octets;
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(key);
            octets = mac.doFinal(text.toLowerCase(Locale.ROOT).getBytes(StandardCharsets.UTF_8));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java platform has " + ALGORITHM, e);
        }
        StringBuilder hash = new StringBuilder(LETTERS);
        for (int i = 0; i < LETTERS; i++) {
            hash.append(Stamp.LETTERS.charAt(octets[i] & 31));
        }
        return hash.toString();
    }
}
