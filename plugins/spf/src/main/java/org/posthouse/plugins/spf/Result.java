// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.spf;

import java.util.Locale;

/** What a check says (RFC 7208 2.6). */
enum Result {
    NONE,
    NEUTRAL,
    PASS,
    FAIL,
    SOFTFAIL,
    TEMPERROR,
    PERMERROR;

    /** As in Authentication-Results and Received-SPF. */
    String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
