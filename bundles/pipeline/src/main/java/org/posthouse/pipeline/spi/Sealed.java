// SPDX-License-Identifier: Apache-2.0
package org.posthouse.pipeline.spi;

import java.time.Instant;
import java.util.List;
import org.posthouse.spool.spi.Envelope;
import org.posthouse.spool.spi.State;

/**
 * What the queue stage leaves: the decision and the envelopes to commit.
 *
 * @param decision PROCEED, HOLD, DISCARD or (defer) REFUSE
 * @param admissions one envelope, or more when hooks split it; empty when discarded or refused
 */
public record Sealed(Decision decision, List<Admission> admissions) {
    public Sealed {
        admissions = List.copyOf(admissions);
    }

    /** An envelope that enters the queue: in which state, and not tried before when. */
    public record Admission(Envelope envelope, State state, Instant due) {}
}
