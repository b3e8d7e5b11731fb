// SPDX-License-Identifier: Apache-2.0
package org.posthouse.itests.cluster;

import java.util.Collection;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** One fault with the time before and after it, in figures. */
final class Round {
    static final long NEVER = -1;

    final int fault;
    String kind = "none";
    Set<String> victims = Set.of();
    long struckAt = Long.MAX_VALUE;
    boolean healed;
    boolean over;
    long acknowledged;
    long recipients;
    long refused;
    long unanswered;
    long doubled;
    long said;
    long doubts;
    /** Lost with a disk that alone had it, as the reply had said. */
    long alone;
    /** From the blow until another node delivered mail of a victim. */
    long takeover = NEVER;

    long healedAt;
    long drain = NEVER;
    final Map<Finding.Flaw, Integer> flaws = new EnumMap<>(Finding.Flaw.class);

    Round(int fault) {
        this.fault = fault;
    }

    void struck(String by, Collection<String> nodes, long since) {
        kind = by;
        victims = new HashSet<>(nodes);
        struckAt = since;
        healed = false;
    }

    boolean struck() {
        return struckAt != Long.MAX_VALUE;
    }

    int flaws(Finding.Flaw flaw) {
        return flaws.getOrDefault(flaw, 0);
    }
}
