// SPDX-License-Identifier: Apache-2.0
package org.posthouse.smtp.sasl;

import java.nio.charset.StandardCharsets;

/**
 * The first message of a SCRAM client (RFC 5802 7).
 *
 * @param header the GS2 header with its last comma, as it was sent
 * @param identity the authorization identity, or empty
 * @param user the user name
 * @param nonce the nonce of the client
 * @param bare the message behind the header, as it was sent
 */
record ScramFirst(String header, String identity, String user, String nonce, String bare) {
    private static final int NONCE_LIMIT = 512;

    static ScramFirst parse(byte[] octets) throws SaslFault {
        String text = Prepared.utf8(octets);
        int first = text.indexOf(',');
        int second = text.indexOf(',', first + 1);
        if (first < 0 || second < 0) {
            throw new SaslFault("No GS2 header");
        }
        String flag = text.substring(0, first);
        if (flag.startsWith("p=")) {
            throw new SaslFault("Channel binding is not offered");
        }
        // y: the client could bind and believes that we can not, which is right.
        if (!flag.equals("n") && !flag.equals("y")) {
            throw new SaslFault("No GS2 header");
        }
        String identity = text.substring(first + 1, second);
        String bare = text.substring(second + 1);
        String[] parts = bare.split(",", -1);
        if (parts.length < 2 || !parts[0].startsWith("n=") || !parts[1].startsWith("r=")) {
            // Also m=, a mandatory extension: there is none that we know.
            throw new SaslFault("Not a first message of SCRAM");
        }
        return new ScramFirst(
                text.substring(0, second + 1),
                identity.isEmpty() ? "" : name(value(identity, "a=")),
                name(value(parts[0], "n=")),
                nonce(value(parts[1], "r=")),
                bare);
    }

    private static String value(String part, String key) throws SaslFault {
        if (!part.startsWith(key)) {
            throw new SaslFault("Not a first message of SCRAM");
        }
        return part.substring(key.length());
    }

    private static String nonce(String text) throws SaslFault {
        if (text.isEmpty() || text.length() > NONCE_LIMIT || !text.chars().allMatch(c -> c > ' ' && c < 127)) {
            throw new SaslFault("Not a nonce");
        }
        return text;
    }

    /** RFC 5802 5.1: {@code =2C} is a comma, {@code =3D} is {@code =}, and nothing else may follow {@code =}. */
    private static String name(String text) throws SaslFault {
        if (text.replace("=2C", "").replace("=3D", "").indexOf('=') >= 0) {
            throw new SaslFault("Not a user name of SCRAM");
        }
        return Prepared.user(text.replace("=2C", ",").replace("=3D", "=").getBytes(StandardCharsets.UTF_8));
    }
}
