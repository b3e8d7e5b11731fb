// SPDX-License-Identifier: Apache-2.0
package org.posthouse.spool.spi;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One atomic change of the spool: all of it is on disk, or nothing. */
public final class Change {
    /** One step of a change. */
    public sealed interface Step {
        /** A new message. The draft carries its octets; null when the body is owned by another message of this spool. */
        record Store(
                Envelope envelope,
                List<Progress> initial,
                @Nullable Draft draft) implements Step {
            public Store {
                initial = List.copyOf(initial);
            }
        }

        /** The envelope is written anew. */
        record Rewrite(Envelope envelope) implements Step {}

        /** The record of one recipient; {@code before} is the state it had, for the counts. */
        record Advance(MessageId id, Progress progress, State before) implements Step {}

        /** The entry of the message in the due index moves; null is no entry. */
        record Due(
                MessageId id,
                @Nullable Instant from,
                @Nullable Instant to) implements Step {}

        /**
         * What the cluster keeps of a message, beside it or without it; null forgets it. Octets to the spool. It outlives
         * the message: the memory of one that has ended is such a record.
         */
        record Custody(MessageId id, byte @Nullable [] octets) implements Step {}

        /** What the cluster keeps of a member, by a name of its choice; null forgets it. */
        record Member(String name, byte @Nullable [] octets) implements Step {}

        /** The message is forgotten: envelope, records, and its octets unless other messages share them. */
        record Remove(Envelope envelope, List<State> states) implements Step {
            public Remove {
                states = List.copyOf(states);
            }
        }
    }

    private final List<Step> steps = new ArrayList<>();
    private boolean synced = true;

    /** Adds a step. */
    public Change add(Step step) {
        steps.add(step);
        return this;
    }

    /** The change need not survive a power loss (it survives the end of the process): intent before the final dot. */
    public Change unsynced() {
        synced = false;
        return this;
    }

    /** The steps in order. */
    public List<Step> steps() {
        return List.copyOf(steps);
    }

    /** Whether the disk is synced before the commit returns. */
    public boolean synced() {
        return synced;
    }
}
