// SPDX-License-Identifier: Apache-2.0
package org.posthouse.mailauth.keys;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** A second in which the disk is not looked at again. */
final class Pause {
    private static final Duration LENGTH = Duration.ofSeconds(1);

    private @Nullable Instant begun;

    /** Whether it has passed, or the clock was set back behind its beginning. */
    boolean isOver(Instant now) {
        return begun == null || now.isBefore(begun) || !now.isBefore(begun.plus(LENGTH));
    }

    void begin(Instant now) {
        begun = now;
    }
}
