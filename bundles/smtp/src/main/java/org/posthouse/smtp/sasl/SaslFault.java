// SPDX-License-Identifier: Apache-2.0
package org.posthouse.smtp.sasl;

/** A response that is not what the mechanism asks for. The message holds nothing of what the client sent. */
final class SaslFault extends Exception {
    private static final long serialVersionUID = 1L;

    SaslFault(String message) {
        super(message, null, false, false);
    }
}
