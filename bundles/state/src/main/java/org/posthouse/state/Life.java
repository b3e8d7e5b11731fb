// SPDX-License-Identifier: Apache-2.0
package org.posthouse.state;

import java.time.Duration;

/** How long a value lives. */
final class Life {
    /** The year 9999: further ahead is for ever. */
    private static final long LATEST = 253_402_300_799_000L;

    private Life() {}

    /** When a life that begins now ends; both in milliseconds since 1970. */
    static long end(long now, Duration life) {
        if (life.isNegative() || life.isZero()) {
            throw new IllegalArgumentException("A life must be positive: " + life);
        }
        long most = Math.max(0, LATEST - now);
        return now + (life.getSeconds() >= most / 1000 ? most : Math.max(1, life.toMillis()));
    }
}
