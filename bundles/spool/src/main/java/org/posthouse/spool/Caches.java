// SPDX-License-Identifier: Apache-2.0
package org.posthouse.spool;

import java.util.ArrayList;
import java.util.List;
import org.posthouse.spool.spi.Envelope;
import org.posthouse.spool.spi.MessageId;
import org.posthouse.spool.spi.Progress;
import org.posthouse.spool.spi.Spool;

/**
 * What was committed a moment ago.
 *
 * @param messages envelopes with the progress of their recipients
 * @param bodies octets of bodies that are no files
 */
record Caches(Recent<Spool.Stored> messages, Recent<byte[]> bodies) {
    private static final int FEW = 16;

    static Caches of(long octets) {
        return new Caches(new Recent<>(octets / 2), new Recent<>(octets / 2));
    }

    /** One recipient changed. */
    void advanced(MessageId id, Progress progress) {
        Spool.Stored old = messages.get(id);
        if (old == null) {
            return;
        }
        if (old.progress().size() > FEW) {
            // Copying ten thousand for one is dearer than the read.
            messages.remove(id);
            return;
        }
        List<Progress> all = new ArrayList<>(old.progress());
        Walk.place(all, progress);
        messages.change(id, stored -> new Spool.Stored(stored.envelope(), all));
    }

    void removed(Envelope envelope) {
        messages.remove(envelope.id());
        if (envelope.body().owner().equals(envelope.id())) {
            bodies.remove(envelope.id());
        }
    }

    void clear() {
        messages.clear();
        bodies.clear();
    }
}
