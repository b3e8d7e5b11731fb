// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.iprev;

import java.util.Locale;

/**
 * What was found of a client.
 *
 * @param name the first of its names that leads back to its address; empty when none does
 */
record Finding(Result result, String name) {
    /** The results of RFC 8601 2.7.3. */
    enum Result {
        /** A name leads back. */
        PASS,
        /** There are names, and none leads back. */
        FAIL,
        /** DNS does not tell now. */
        TEMPERROR,
        /** There are no names. */
        PERMERROR;

        String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    static Finding of(Result result) {
        return new Finding(result, "");
    }
}
