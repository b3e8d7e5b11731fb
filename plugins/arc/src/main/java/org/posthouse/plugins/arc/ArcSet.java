// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.arc;

import org.posthouse.api.Header;

/**
 * What one hop added to the chain (RFC 8617 4.2).
 *
 * @param results its ARC-Authentication-Results
 * @param signature its ARC-Message-Signature
 * @param seal its ARC-Seal
 */
record ArcSet(Header results, Header signature, Header seal) {
    static final String RESULTS = "ARC-Authentication-Results";
    static final String SIGNATURE = "ARC-Message-Signature";
    static final String SEAL = "ARC-Seal";

    /** The value of a field of tags, with its folding. */
    static String value(Header field) {
        return field.raw().substring(field.raw().indexOf(':') + 1);
    }

    static boolean isOne(Header field) {
        return field.is(RESULTS) || field.is(SIGNATURE) || field.is(SEAL);
    }
}
