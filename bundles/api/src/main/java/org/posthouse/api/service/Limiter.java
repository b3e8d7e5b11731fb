// SPDX-License-Identifier: Apache-2.0
package org.posthouse.api.service;

import java.time.Duration;
import org.osgi.annotation.versioning.ProviderType;

/** Rates that hold in sum over all nodes (GCRA with burst). */
@ProviderType
public interface Limiter {
    /**
     * Takes from a limit; more than its burst is never granted. Over any span of time at most the rate times the span plus
     * the burst is granted, also over restarts and whatever the clock is set to.
     *
     * @param key what is limited, such as {@code sender:a@example.org}
     * @param rate the limit
     * @param amount how much is taken, 1 or more
     */
    Grant take(String key, Rate rate, long amount);

    /** So many per span of time, and so many at once. */
    record Rate(long events, Duration per, long burst) {}

    /**
     * The answer.
     *
     * @param granted whether it was taken
     * @param retryAfter when it could be granted, zero when it was
     */
    record Grant(boolean granted, Duration retryAfter) {}
}
