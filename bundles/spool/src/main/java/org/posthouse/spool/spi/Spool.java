// SPDX-License-Identifier: Apache-2.0
package org.posthouse.spool.spi;

import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.posthouse.api.Content;

/**
 * Messages on disk. All methods block the calling thread (a virtual one may call them: the work is done by platform
 * threads) and may be called by many threads at once.
 */
public interface Spool {
    /** A place for the octets of a message that arrives. */
    Draft draft(MessageId id);

    /**
     * Makes a change durable: when this returns, the change is on stable storage. Waiting commits are gathered into one
     * sync.
     *
     * @throws SpoolException when it is not: nothing of it happened, or it can not be told until the store was reopened
     */
    void commit(Change change) throws SpoolException;

    /** A message with the records of all its recipients; empty when there is none (any more). */
    Optional<Stored> load(MessageId id) throws SpoolException;

    /**
     * What goes out before per-attempt edits: trace lines, header block (edited or as received), empty line, body.
     * Reading fails with an {@link IOException} at the end when the checksum does not fit.
     */
    Content content(Envelope envelope);

    /** The received octets alone. */
    Content received(Envelope envelope);

    /** Entries of the due index from {@code from} on (inclusive) in order, at most so many. */
    List<DueEntry> due(DueEntry from, int most) throws SpoolException;

    /** Messages from this id on (exclusive, null for the first), in the order of arrival, at most so many. */
    List<Stored> list(@Nullable MessageId after, int most) throws SpoolException;

    /** How many recipients are in each state, and how many messages there are; exact, kept with every commit. */
    Counts counts();

    /** Records of damaged messages that were set aside since the first start. */
    List<SetAside> setAside();

    /** Moves a message whose record or octets are damaged out of the way, keeping what can be kept. */
    void setAside(MessageId id, String why) throws SpoolException;

    /** Whether the store works, and how much space is left. */
    Condition condition();

    /** Calls back at each change of the condition. */
    AutoCloseable onCondition(Consumer<Condition> listener);

    /** A message and how far its recipients are, by their numbers. */
    record Stored(Envelope envelope, List<Progress> progress) {
        public Stored {
            progress = List.copyOf(progress);
        }
    }

    /** An entry of the due index. */
    record DueEntry(Instant due, MessageId id) {}

    /** Messages in the spool, recipients by state, and octets of bodies. */
    record Counts(long messages, Map<State, Long> recipients, long octets) {
        public Counts {
            recipients = Map.copyOf(recipients);
        }
    }

    /** Something damaged that was set aside: where it is now, and why. */
    record SetAside(String what, String where, String why, Instant when) {}

    /**
     * How the store is.
     *
     * @param accepting whether intake may commit (enough space, healthy)
     * @param working whether the store works at all
     * @param reason one sentence when either is false
     */
    record Condition(boolean accepting, boolean working, String reason) {
        /** All is well. */
        public static final Condition GOOD = new Condition(true, true, "");
    }
}
