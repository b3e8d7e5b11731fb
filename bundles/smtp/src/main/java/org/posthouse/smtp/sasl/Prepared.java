// SPDX-License-Identifier: Apache-2.0
package org.posthouse.smtp.sasl;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.text.Normalizer;

/**
 * Makes user names and passwords comparable, in the way of SASLprep (RFC 4013 2) as far as the JDK goes: well-formed UTF-8,
 * NFKC, every kind of space the same, no control characters. Nothing is unassigned here, so that new characters work.
 */
final class Prepared {
    /** RFC 4616 2: 1 to 255 octets. */
    private static final int USER_LIMIT = 255;

    /** RFC 4616 2 says 255 here too; generated secrets are longer. */
    private static final int PASSWORD_LIMIT = 1024;

    private Prepared() {}

    static String user(byte[] octets) throws SaslFault {
        return text(octets, USER_LIMIT, "user name");
    }

    static String password(byte[] octets) throws SaslFault {
        return text(octets, PASSWORD_LIMIT, "password");
    }

    private static String text(byte[] octets, int limit, String what) throws SaslFault {
        if (octets.length > limit) {
            throw new SaslFault("The " + what + " is too long");
        }
        String text = Normalizer.normalize(utf8(octets), Normalizer.Form.NFKC);
        StringBuilder out = new StringBuilder(text.length());
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (Character.isISOControl(c)) {
                throw new SaslFault("The " + what + " holds a control character");
            }
            out.append(Character.isSpaceChar(c) ? ' ' : c);
        }
        return out.toString();
    }

    /** Decodes octets; unlike Java's constructor it lets nothing pass that is not UTF-8. */
    static String utf8(byte[] octets) throws SaslFault {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(octets))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new SaslFault("Not UTF-8");
        }
    }
}
