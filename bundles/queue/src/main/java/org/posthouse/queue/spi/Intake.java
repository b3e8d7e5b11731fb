// SPDX-License-Identifier: Apache-2.0
package org.posthouse.queue.spi;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.posthouse.pipeline.spi.Sealed;
import org.posthouse.spool.spi.Draft;
import org.posthouse.spool.spi.MessageId;
import org.posthouse.spool.spi.SpoolException;

/** Takes messages into the queue: commit, copies; when it returns, 250 may be said. */
public interface Intake {
    /**
     * Commits the envelopes over one draft in one change and hands them to the scheduler.
     *
     * @param admissions at least one
     * @param draft the octets; the caller must not close it after success (the spool has taken it)
     * @throws SpoolException when nothing was accepted: FULL is 452, SICK is 421
     */
    Receipt accept(List<Sealed.Admission> admissions, @Nullable Draft draft) throws SpoolException;

    /** Whether mail can be taken now; when not, what MAIL should be answered. */
    Readiness readiness();

    /** The proof of acceptance: the id told to the client and on how many nodes it is stored. */
    record Receipt(MessageId id, int copies) {}

    /** Whether intake is open; FULL or SICK otherwise. */
    record Readiness(boolean open, SpoolException.@Nullable Kind trouble, String reason) {
        /** Open. */
        public static final Readiness OPEN = new Readiness(true, null, "");
    }
}
