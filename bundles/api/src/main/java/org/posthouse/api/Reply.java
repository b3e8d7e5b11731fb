// SPDX-License-Identifier: Apache-2.0
package org.posthouse.api;

import java.util.Objects;

/**
 * An SMTP reply: basic code, enhanced code and text (RFC 5321 4.2, RFC 2034, RFC 3463).
 *
 * @param code the basic code, 200 to 599
 * @param enhanced the enhanced status code such as {@code 5.7.1}, or empty when there is none
 * @param text printable text without line ends; what the client sees, so it says little
 */
public record Reply(int code, String enhanced, String text) {
    public Reply {
        if (code < 200 || code > 599) {
            throw new IllegalArgumentException("SMTP reply code out of range: " + code);
        }
        Objects.requireNonNull(enhanced, "enhanced");
        Objects.requireNonNull(text, "text");
        if (!enhanced.isEmpty() && enhanced.charAt(0) != (char) ('0' + code / 100)) {
            throw new IllegalArgumentException("Enhanced code " + enhanced + " does not fit reply code " + code);
        }
    }

    /** Whether the client may try again later (4yz). */
    public boolean temporary() {
        return code / 100 == 4;
    }

    /** Whether the client must not try again (5yz). */
    public boolean permanent() {
        return code / 100 == 5;
    }

    /** Whether the command was accepted (2yz). */
    public boolean positive() {
        return code / 100 == 2;
    }

    /** The reply as one line without the line end. */
    @Override
    public String toString() {
        return enhanced.isEmpty() ? code + " " + text : code + " " + enhanced + " " + text;
    }
}
