// SPDX-License-Identifier: Apache-2.0
package org.posthouse.queue;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.posthouse.pipeline.spi.Sealed;
import org.posthouse.queue.spi.Custodian;
import org.posthouse.queue.spi.Intake;
import org.posthouse.spool.spi.Change;
import org.posthouse.spool.spi.Draft;
import org.posthouse.spool.spi.Spool;
import org.posthouse.spool.spi.SpoolException;

/**
 * Step 6 of 9: commits a message to the spool, and waits for the copies of a cluster; then 250 is said. The next step is
 * the {@link Scheduler}, which is offered the message in memory and is never waited for.
 */
@Component(service = Intake.class)
public final class SpoolIntake implements Intake {
    private final Depot depot;

    @Activate
    public SpoolIntake(@Reference Depot depot) {
        this.depot = depot;
    }

    @Override
    public Receipt accept(List<Sealed.Admission> admissions, @Nullable Draft draft) throws SpoolException {
        if (admissions.isEmpty()) {
            throw new IllegalArgumentException("nothing to accept");
        }
        List<Entry> entries = admissions.stream().map(Entry::of).toList();
        Change change = new Change();
        Draft octets = draft;
        for (Entry entry : entries) {
            entry.addTo(change, octets);
            // The envelopes of a split share the octets of the first one.
            octets = null;
        }
        Custodian.Word word = depot.admit(change, entries, draft);
        return new Receipt(entries.get(0).stored().envelope().id(), word.copies(), word.kind());
    }

    @Override
    public Readiness readiness() {
        if (depot.drains()) {
            return Readiness.LEAVING;
        }
        Spool.Condition condition = depot.spool().condition();
        if (condition.working() && condition.accepting()) {
            String closed = depot.scribe().closed();
            return closed.isEmpty() ? Readiness.OPEN : new Readiness(false, null, closed);
        }
        SpoolException.Kind trouble = condition.working() ? SpoolException.Kind.FULL : SpoolException.Kind.SICK;
        return new Readiness(false, trouble, condition.reason());
    }
}
