// SPDX-License-Identifier: Apache-2.0
package org.posthouse.pipeline;

import java.util.Set;

/**
 * What the operator says of a hook in its place.
 *
 * @param shadow whether it is asked for the report alone
 * @param listeners the listeners it applies to; empty for all
 * @param tenants the tenants it applies to; empty for all
 * @param from of the hundred buckets of sessions the first that this generation judges
 * @param to the bucket behind the last one
 * @param maxConcurrent how often it may be asked at once; 0 for any number
 * @param breaker when it is not asked any more for a while
 */
public record Terms(
        boolean shadow,
        Set<String> listeners,
        Set<String> tenants,
        int from,
        int to,
        int maxConcurrent,
        Breaking breaker) {
    /** Asked of everything, in earnest. */
    public static final Terms PLAIN = new Terms(false, Set.of(), Set.of(), 0, 100, 0, Breaking.NEVER);

    public Terms {
        listeners = Set.copyOf(listeners);
        tenants = Set.copyOf(tenants);
    }

    /** Whether it judges every session. */
    boolean whole() {
        return from == 0 && to == 100;
    }

    /** The bucket of a session, 0 to 99: the same at every question, on every node and after every restart. */
    static int bucket(String session) {
        int mixed = session.hashCode();
        mixed = (mixed ^ mixed >>> 16) * 0x85ebca6b;
        mixed = (mixed ^ mixed >>> 13) * 0xc2b2ae35;
        return Integer.remainderUnsigned(mixed ^ mixed >>> 16, 100);
    }

    /**
     * When the breaker of a hook opens.
     *
     * @param failures percent of the last calls; 0 for no breaker
     * @param calls how many calls it looks back on
     * @param pauseMillis how long it stays open
     */
    public record Breaking(int failures, int calls, long pauseMillis) {
        /** No breaker. */
        public static final Breaking NEVER = new Breaking(0, 100, 10_000);
    }
}
