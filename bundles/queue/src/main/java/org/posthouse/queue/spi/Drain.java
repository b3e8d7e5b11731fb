// SPDX-License-Identifier: Apache-2.0
package org.posthouse.queue.spi;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Brings this server to rest before it stops: no more mail comes in and no more deliveries begin, what is open ends, and in
 * a cluster others own what this node owned.
 */
public interface Drain {
    /** Begins, unless it has begun; returns at once. */
    Progress begin(String who);

    /** Takes it back: mail comes in and goes out again. */
    Progress end(String who);

    /** How far it is. */
    Progress progress();

    /** How far the server is. */
    enum Phase {
        /** It works. */
        OPEN,
        /** Something is still open. */
        DRAINING,
        /** Nothing is open: it can be stopped, and nobody notices. */
        DRAINED
    }

    /**
     * How far it is.
     *
     * @param since since when it drains; null when it does not
     * @param left what is still open, one sentence for each kind; empty unless it is draining
     */
    record Progress(Phase phase, @Nullable Instant since, List<String> left) {
        public Progress(Phase phase, @Nullable Instant since, List<String> left) {
            this.phase = phase;
            this.since = since;
            this.left = List.copyOf(left);
        }
    }
}
