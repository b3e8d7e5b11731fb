// SPDX-License-Identifier: Apache-2.0
package org.posthouse.api;

/**
 * What MAIL FROM said (RFC 5321 4.1.1.2, RFC 1870, RFC 6152, RFC 6531, RFC 3461).
 *
 * @param address the reverse-path; {@link Address#NULL} for {@code <>}
 * @param declaredSize octets announced by SIZE, -1 when not announced
 * @param body 7BIT, 8BITMIME or BINARYMIME
 * @param smtpUtf8 whether SMTPUTF8 was given
 * @param ret which part a failure notice returns: FULL, HDRS, or empty when not given
 * @param envelopeId the decoded ENVID, or empty
 */
public record Sender(
        Address address, long declaredSize, BodyType body, boolean smtpUtf8, String ret, String envelopeId) {
    /** A plain reverse-path without parameters. */
    public static Sender of(Address address) {
        return new Sender(address, -1, BodyType.SEVEN_BIT, false, "", "");
    }

    /** The domain of the reverse-path in lower case; empty for {@code <>}. */
    public String domain() {
        return address.domain();
    }
}
