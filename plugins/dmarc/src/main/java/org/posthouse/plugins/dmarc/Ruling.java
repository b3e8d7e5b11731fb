// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.dmarc;

import java.util.List;
import org.posthouse.api.Verdict;

/**
 * What becomes of a message for the sake of one author domain.
 *
 * @param verdict the answer of the hook
 * @param evaluated the policy after the tags {@code t} and {@code pct}, as it stands in Authentication-Results
 * @param disposition what is done, as it stands in reports
 * @param reasons why that is not what the record asks for
 */
record Ruling(Verdict verdict, Policy evaluated, Policy disposition, List<Reason> reasons) {
    /**
     * A reason of a report (RFC 9990 3.1.6).
     *
     * @param type one of the types that are defined there
     * @param comment for people
     */
    record Reason(String type, String comment) {}

    Ruling {
        reasons = List.copyOf(reasons);
    }

    /** Whether this one weighs more than the other: of several authors the strictest wish counts (RFC 9989 11.5). */
    boolean outweighs(Ruling other) {
        return weight() > other.weight();
    }

    private int weight() {
        return switch (verdict) {
            case Verdict.Reject reject -> 3;
            case Verdict.Defer defer -> 2;
            case Verdict.Hold hold -> 1;
            default -> 0;
        };
    }
}
