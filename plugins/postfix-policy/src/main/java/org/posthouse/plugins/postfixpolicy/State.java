// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.postfixpolicy;

import java.util.Locale;

/** When the policy server is asked, by the words of the protocol's {@code protocol_state}. */
enum State {
    CONNECT,
    HELO,
    MAIL,
    RCPT,
    DATA,
    END_OF_MESSAGE;

    /** Reads the word of the configuration. */
    static State parse(String word) {
        return valueOf(word.toUpperCase(Locale.ROOT).replace('-', '_'));
    }

    /** The word on the wire. */
    String word(boolean extended) {
        return this == HELO && extended ? "EHLO" : name().replace('_', '-');
    }
}
