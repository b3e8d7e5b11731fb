// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.senderchecks;

import java.util.Locale;

/** What is done about a finding. */
enum Action {
    /** The check is not made. */
    OFF,
    /** Points are added to the scores of the message. */
    SCORE,
    /** Refused for now. */
    DEFER,
    /** Refused for good. */
    REJECT;

    static Action of(String word) {
        return valueOf(word.toUpperCase(Locale.ROOT));
    }

    boolean refuses() {
        return this == DEFER || this == REJECT;
    }
}
