// SPDX-License-Identifier: Apache-2.0
package org.posthouse.queue;

import java.time.Instant;
import java.util.Comparator;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.posthouse.spool.spi.MessageId;
import org.posthouse.spool.spi.Spool.DueEntry;

/**
 * How far the due index was read: every entry before it belongs to a message in memory, to none, or is noted for later. Scans begin here, so
 * that they never walk over the tombstones of what was delivered; whoever leaves an entry behind it must say so.
 */
final class DueCursor {
    static final Comparator<DueEntry> ORDER =
            Comparator.comparing(DueEntry::due).thenComparing(DueEntry::id);
    private static final DueEntry START = new DueEntry(Instant.EPOCH, new MessageId(0, 0));

    private DueEntry position = START;
    private @Nullable DueEntry noted;
    private final Queue<DueEntry> later = new ConcurrentLinkedQueue<>();
    private volatile Consumer<DueEntry> listener = entry -> {};

    /** Calls back with each entry that is noted. */
    void listen(Consumer<DueEntry> callback) {
        listener = callback;
    }

    /** A scan begins; it reads from the returned entry on. */
    synchronized DueEntry begin() {
        noted = null;
        return position;
    }

    /** The scan took everything up to this entry, which may be met again. */
    synchronized void end(DueEntry reached) {
        position = noted != null && ORDER.compare(noted, reached) < 0 ? noted : reached;
    }

    /** This entry is on disk and its message is not in memory. */
    void note(DueEntry entry) {
        synchronized (this) {
            if (noted == null || ORDER.compare(entry, noted) < 0) {
                noted = entry;
            }
            if (ORDER.compare(entry, position) < 0) {
                position = entry;
            }
        }
        listener.accept(entry);
    }

    /** The same, but there is no use in looking before the next {@link #recall}. */
    void noteLater(DueEntry entry) {
        later.add(entry);
        listener.accept(entry);
    }

    /** Whether something is to be noted later. */
    boolean recalls() {
        return !later.isEmpty();
    }

    /** Notes what was to be noted later. */
    void recall() {
        for (DueEntry entry = later.poll(); entry != null; entry = later.poll()) {
            note(entry);
        }
    }

    /** Everything is read again: the store was opened anew. */
    void reset() {
        note(START);
    }

    synchronized Instant position() {
        return position.due();
    }
}
