// SPDX-License-Identifier: Apache-2.0
package org.posthouse.queue;

import java.time.Duration;
import java.time.Instant;
import org.posthouse.spool.spi.Progress;
import org.posthouse.spool.spi.State;

/** Due times as the index keeps them: whole milliseconds between 1970 and the year 9999. */
final class Times {
    private static final long LAST = 253_402_300_799_000L;

    private Times() {}

    static Instant whole(Instant time) {
        if (time.getEpochSecond() < 0) {
            return Instant.EPOCH;
        }
        return time.getEpochSecond() > LAST / 1000
                ? Instant.ofEpochMilli(LAST)
                : Instant.ofEpochMilli(time.toEpochMilli());
    }

    /** This time plus up to a tenth of the span. */
    static Instant jittered(Instant time, Duration span, double random) {
        return whole(time.plusMillis(Math.round(span.toMillis() * 0.1 * random)));
    }

    /**
     * The same record in another state, due at another time; nothing was tried. It bears the time of the last attempt, by
     * which it is told whether the sender has heard of a delay, or else the present.
     */
    static Progress untried(Progress before, State state, Instant due, Instant now) {
        return new Progress(
                before.recipient(),
                state,
                before.epoch(),
                before.sequence() + 1,
                before.attempts(),
                whole(due),
                before.reply(),
                before.host(),
                before.attempts() == 0 ? now : before.changed());
    }
}
