// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.milter;

import java.time.Duration;

/** When the answer to one question of the server must be there, however many milters and packets it takes. */
record Deadline(long end) {
    static Deadline in(Duration time) {
        return new Deadline(System.nanoTime() + time.toNanos());
    }

    /** This time, or what is left when it is less. */
    long atMost(Duration time) {
        return Math.min(time.toNanos(), end - System.nanoTime());
    }
}
