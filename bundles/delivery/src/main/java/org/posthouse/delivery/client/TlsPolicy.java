// SPDX-License-Identifier: Apache-2.0
package org.posthouse.delivery.client;

/** Whether connections to a next hop are encrypted (RFC 3207, RFC 7435). */
public enum TlsPolicy {
    /** Encrypted where it is offered and works; the certificate is not looked at. */
    OPPORTUNISTIC,
    /** Never encrypted. */
    NONE,
    /** Only encrypted; the certificate is not looked at. */
    REQUIRE,
    /** Only encrypted, with a certificate for the name of the host that the system trusts. */
    VERIFY;

    boolean mandatory() {
        return this == REQUIRE || this == VERIFY;
    }
}
