// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.greylisting;

import java.time.Instant;

/**
 * What is remembered of a client.
 *
 * @param passes how many of its messages were tried again and passed
 * @param used when that was, or when it was last spared the wait
 * @param forgotten what is older than this does not count any more
 */
record Client(long passes, Instant used, Instant forgotten) {
    static final Client UNKNOWN = new Client(0, Instant.EPOCH, Instant.EPOCH);

    /** Reads what {@link #text()} wrote. */
    static Client of(String text) {
        String[] parts = text.split(" ", -1);
        return new Client(Long.parseLong(parts[0]), millis(parts[1]), millis(parts[2]));
    }

    private static Instant millis(String text) {
        return Instant.ofEpochMilli(Long.parseLong(text));
    }

    String text() {
        return passes + " " + used.toEpochMilli() + " " + forgotten.toEpochMilli();
    }

    Client passed(Instant now) {
        return new Client(passes + 1, now, forgotten);
    }

    Client used(Instant now) {
        return new Client(passes, now, forgotten);
    }
}
