// SPDX-License-Identifier: Apache-2.0
package org.posthouse.pipeline.spi;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.posthouse.spool.spi.Draft;
import org.posthouse.spool.spi.Envelope;
import org.posthouse.spool.spi.State;

/**
 * What the queue stage leaves: the decision and the envelopes to commit.
 *
 * @param decision PROCEED, HOLD, DISCARD or (defer) REFUSE
 * @param admissions one envelope, or more when hooks split it; empty when discarded or refused
 * @param replacement the draft to commit in place of the received one because a hook replaced the body, else null. It is
 *     the caller's from now on: commit it, or close it; the received draft is then closed, not committed
 */
public record Sealed(
        Decision decision,
        List<Admission> admissions,
        @Nullable Draft replacement) {
    public Sealed {
        admissions = List.copyOf(admissions);
    }

    /** Nothing was replaced: the received draft is committed. */
    public Sealed(Decision decision, List<Admission> admissions) {
        this(decision, admissions, null);
    }

    /** An envelope that enters the queue: in which state, and not tried before when. */
    public record Admission(Envelope envelope, State state, Instant due) {}
}
