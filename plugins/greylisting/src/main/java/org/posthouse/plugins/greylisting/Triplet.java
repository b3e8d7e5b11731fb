// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.greylisting;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;

/**
 * Who sends what to whom, as the greylist tells them apart: without regard to case, and without control characters, which
 * separate the parts of a key.
 *
 * @param client the network of the client, or the domain that its mail passed SPF for
 * @param sender the reverse-path; empty for {@code <>}
 * @param recipient the forward-path
 */
record Triplet(String client, String sender, String recipient) {
    /** Keys of the shared state hold 1024 octets. */
    private static final int MOST = 1000;

    Triplet {
        client = plain(client);
        sender = plain(sender);
        recipient = plain(recipient);
    }

    private static String plain(String text) {
        return text.toLowerCase(Locale.ROOT).replaceAll("\\p{Cntrl}", "?");
    }

    /** The key under which it is kept; no two have the same. */
    String key() {
        String key = client + "\t" + sender + "\t" + recipient;
        byte[] octets = key.getBytes(StandardCharsets.UTF_8);
        return octets.length <= MOST ? key : "\t" + HexFormat.of().formatHex(sha256(octets));
    }

    private static byte[] sha256(byte[] octets) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(octets);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java has SHA-256", e);
        }
    }
}
