// SPDX-License-Identifier: Apache-2.0
package org.posthouse.cluster.limits;

import java.util.HashMap;
import java.util.Map;
import org.posthouse.api.service.Limiter;
import org.posthouse.cluster.protocol.Term;

/** What of one limit is lent, to whom and by whom. Guarded by the lock of the limit. */
final class Loans {
    /**
     * Units that this node was lent.
     *
     * @param term until when it may use them
     */
    record Taken(long serial, long units, Term term) {}

    /**
     * Units that this node lends.
     *
     * @param until when they are its own again at the latest, by the monotonic clock
     */
    record Given(long serial, long units, long until) {}

    private static final long LONG_AGO = Long.MIN_VALUE / 4;

    final Limiter.Rate rate;
    final Map<String, Taken> taken = new HashMap<>();
    final Map<String, Given> given = new HashMap<>();
    /** When somebody last took from the limit here, and when that was in vain. */
    long usedAt = LONG_AGO;

    long shortAt = LONG_AGO;
    long askedAt = LONG_AGO;
    /** How much is asked for the next time. */
    long want;

    Loans(Limiter.Rate rate) {
        this.rate = rate;
    }

    long given() {
        return given.values().stream().mapToLong(Given::units).sum();
    }

    long taken() {
        return taken.values().stream().mapToLong(Taken::units).sum();
    }
}
