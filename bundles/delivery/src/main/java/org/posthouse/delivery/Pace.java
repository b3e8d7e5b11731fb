// SPDX-License-Identifier: Apache-2.0
package org.posthouse.delivery;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/**
 * How fast parcels follow each other at each site. Only where they follow fast is it worth, and polite, to keep a connection
 * open that has nothing to do.
 */
final class Pace {
    private static final long FAST = TimeUnit.MILLISECONDS.toNanos(50);
    private static final long LONGEST = TimeUnit.SECONDS.toNanos(1);
    private static final int MOST_SITES = 10_000;

    /** The mean gap of a site, moved by a sixteenth at each parcel; races lose a sample, no more. */
    private static final class Gap {
        private volatile long mean = LONGEST;
        private volatile long last;

        void parcel(long now) {
            long gap = Math.clamp(now - last, 0, LONGEST);
            last = now;
            mean = mean + (gap - mean) / 16;
        }
    }

    private final Map<String, Gap> sites = new ConcurrentHashMap<>();

    /** A parcel goes to this site now. */
    void parcel(String site, long now) {
        if (sites.size() > MOST_SITES) {
            sites.values().removeIf(gap -> now - gap.last > LONGEST);
        }
        sites.computeIfAbsent(site, s -> new Gap()).parcel(now);
    }

    /** Whether the next parcel for this site can be expected at once. */
    boolean fast(String site) {
        Gap gap = sites.get(site);
        return gap != null && gap.mean < FAST;
    }
}
