// SPDX-License-Identifier: Apache-2.0
package org.posthouse.api;

/**
 * What one RCPT TO said (RFC 5321 4.1.1.3, RFC 3461 4.1 and 4.2).
 *
 * @param address the forward-path
 * @param notifyOn the NOTIFY keywords joined by commas in the order given, or empty when not given
 * @param original the ORCPT as {@code type;decoded address}, or empty when not given
 */
public record Recipient(Address address, String notifyOn, String original) {
    /** A plain recipient without parameters. */
    public static Recipient of(Address address) {
        return new Recipient(address, "", "");
    }

    /** The domain of the forward-path in lower case. */
    public String domain() {
        return address.domain();
    }
}
