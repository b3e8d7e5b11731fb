// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.rspamd;

import java.util.Locale;

/** What is done with a message for which rspamd wants an action. */
enum Remedy {
    CONTINUE,
    /** It gets the spam field. */
    TAG,
    /** It gets the subject that rspamd wrote. */
    SUBJECT,
    REJECT,
    DEFER,
    /** It is deferred until it has waited long enough. */
    ONCE,
    HOLD,
    DISCARD;

    static Remedy of(String word) {
        return valueOf(word.toUpperCase(Locale.ROOT));
    }
}
