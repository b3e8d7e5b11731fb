// SPDX-License-Identifier: Apache-2.0
package org.posthouse.queue;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.posthouse.pipeline.spi.Sealed;
import org.posthouse.spool.spi.Change;
import org.posthouse.spool.spi.Draft;
import org.posthouse.spool.spi.Envelope;
import org.posthouse.spool.spi.Progress;
import org.posthouse.spool.spi.Spool;

/**
 * A message that enters the queue.
 *
 * @param stored its envelope and the first record of each recipient
 * @param due its entry in the due index; null when it is held
 */
record Entry(Spool.Stored stored, @Nullable Instant due) {
    static Entry of(Sealed.Admission admission) {
        return of(admission, admission.envelope());
    }

    /** The admission with this envelope in place of its own. */
    static Entry of(Sealed.Admission admission, Envelope envelope) {
        Instant due = Times.whole(admission.due());
        List<Progress> initial = new ArrayList<>(envelope.recipients().size());
        for (int i = 0; i < envelope.recipients().size(); i++) {
            initial.add(Progress.initial(i, admission.state(), due));
        }
        return new Entry(new Spool.Stored(envelope, initial), Flight.waiting(admission.state()) ? due : null);
    }

    /** Adds the steps that store it. */
    Change addTo(Change change, @Nullable Draft draft) {
        change.add(new Change.Step.Store(stored.envelope(), stored.progress(), draft));
        if (due != null) {
            change.add(new Change.Step.Due(stored.envelope().id(), null, due));
        }
        return change;
    }
}
