// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.arc;

import java.util.List;

/**
 * How the validation of a chain ended (RFC 8617 5.2).
 *
 * @param status none, pass or fail
 * @param reason why it failed, or what else is to be said of it; or empty
 * @param oldestPass the lowest instance from which on every signature over the message is still right, 0 for all
 * @param sealers the domains of the seals, that of instance 1 first; none unless it passed
 * @param temporary whether it failed because a key could not be fetched
 */
record ChainResult(Status status, String reason, int oldestPass, List<String> sealers, boolean temporary) {
    /** No chain. */
    static final ChainResult NONE = new ChainResult(Status.NONE, "", 0, List.of(), false);

    ChainResult {
        sealers = List.copyOf(sealers);
    }

    /** The chain validation status (RFC 8617 4.4). */
    enum Status {
        NONE,
        PASS,
        FAIL;

        String word() {
            return name().toLowerCase(java.util.Locale.ROOT);
        }
    }

    static ChainResult fail(BrokenChain why) {
        return new ChainResult(Status.FAIL, why.reason(), 0, List.of(), why.temporary());
    }
}
