// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.dmarc;

import java.util.Optional;
import org.posthouse.plugins.dmarc.Discovery.Applicable.Published;

/**
 * How a message stands to DMARC (RFC 9989 5.3).
 *
 * @param author the domain that it claims to be from
 * @param result the keyword of RFC 8601 2.7 for {@code dmarc}
 * @param published the record that applies, if any
 * @param policy what the owner wants done with failing mail of this domain
 * @param spf whether SPF passed for an aligned domain
 * @param dkim whether a signature of an aligned domain passed
 * @param reason why, when there is no pass or fail
 */
record Judgement(
        String author,
        Result result,
        Optional<Published> published,
        Policy policy,
        boolean spf,
        boolean dkim,
        String reason) {
    /** The keywords. */
    enum Result {
        PASS("pass"),
        FAIL("fail"),
        NONE("none"),
        TEMPERROR("temperror");

        private final String word;

        Result(String word) {
            this.word = word;
        }

        String word() {
            return word;
        }
    }

    /** Without a record that could be applied. */
    static Judgement without(String author, Result result, String reason) {
        return new Judgement(author, result, Optional.empty(), Policy.NONE, false, false, reason);
    }
}
