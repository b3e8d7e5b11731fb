// SPDX-License-Identifier: Apache-2.0
package org.posthouse.queue.spi;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.posthouse.pipeline.spi.Sealed;
import org.posthouse.spool.spi.Draft;
import org.posthouse.spool.spi.MessageId;
import org.posthouse.spool.spi.SpoolException;

/** Takes messages into the queue: commit, copies; then the receipt says what to answer. */
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

    /**
     * What became of a message.
     *
     * @param id the id told to the client
     * @param copies on how many nodes it is stored
     * @param kind whether it was accepted; a cluster may defer it, or not know
     */
    record Receipt(MessageId id, int copies, Custodian.Word.Kind kind) {
        /** The proof of acceptance. */
        public Receipt(MessageId id, int copies) {
            this(id, copies, Custodian.Word.Kind.ACCEPTED);
        }

        /** Whether it was accepted. */
        public boolean accepted() {
            return kind == Custodian.Word.Kind.ACCEPTED;
        }
    }

    /**
     * Whether intake is open, and why not: the trouble of the spool, or none when the server is about to stop or, in a
     * cluster, does not know yet what it must.
     */
    record Readiness(boolean open, SpoolException.@Nullable Kind trouble, String reason) {
        /** Open. */
        public static final Readiness OPEN = new Readiness(true, null, "");

        /** The server is about to stop, and what has begun goes on to its end. */
        public static final Readiness LEAVING = new Readiness(false, null, "The server drains");
    }
}
