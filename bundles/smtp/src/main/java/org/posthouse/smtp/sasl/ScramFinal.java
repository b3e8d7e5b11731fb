// SPDX-License-Identifier: Apache-2.0
package org.posthouse.smtp.sasl;

import java.nio.charset.StandardCharsets;
import java.util.Base64;

/**
 * The last message of a SCRAM client (RFC 5802 7).
 *
 * @param binding the GS2 header again
 * @param nonce the nonces of both sides
 * @param proof the proof, 32 octets
 * @param withoutProof the message up to the proof, as it was sent
 */
record ScramFinal(String binding, String nonce, byte[] proof, String withoutProof) {
    private static final int PROOF_OCTETS = 32;

    static ScramFinal parse(byte[] octets) throws SaslFault {
        String text = Prepared.utf8(octets);
        int last = text.lastIndexOf(",p=");
        String[] parts = text.split(",", -1);
        if (last < 0 || parts.length < 3 || !parts[0].startsWith("c=") || !parts[1].startsWith("r=")) {
            throw new SaslFault("Not a last message of SCRAM");
        }
        byte[] proof = decode(text.substring(last + 3));
        if (proof.length != PROOF_OCTETS) {
            throw new SaslFault("Not a proof of SCRAM-SHA-256");
        }
        String binding = new String(decode(parts[0].substring(2)), StandardCharsets.UTF_8);
        return new ScramFinal(binding, parts[1].substring(2), proof, text.substring(0, last));
    }

    private static byte[] decode(String text) throws SaslFault {
        try {
            return Base64.getDecoder().decode(text);
        } catch (IllegalArgumentException e) {
            throw new SaslFault("Not base64");
        }
    }

    @Override
    public String toString() {
        return "ScramFinal[hidden]";
    }
}
