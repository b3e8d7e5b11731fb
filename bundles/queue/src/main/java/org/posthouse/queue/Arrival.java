// SPDX-License-Identifier: Apache-2.0
package org.posthouse.queue;

import org.jspecify.annotations.Nullable;
import org.posthouse.spool.spi.Spool;

/**
 * A message that is about to be committed. It takes its place in memory before, since otherwise a scan could find,
 * deliver and forget it between the commit and its arrival here, and it would be delivered again.
 */
final class Arrival {
    private final Depot depot;
    private final Entry entry;
    private final Depot.@Nullable Taker taker;
    private final @Nullable Flight flight;

    /** Takes a place if there is room and somebody who dispatches. */
    Arrival(Depot depot, Entry entry, Depot.@Nullable Taker taker) {
        this.depot = depot;
        this.entry = entry;
        this.taker = taker;
        Boolean past = taker == null || entry.due() == null || entry.due().isAfter(depot.now())
                ? null
                : taker.wants(entry.stored());
        this.flight = past == null ? null : depot.flights().enter(entry, past);
    }

    /** It is on disk: it is dispatched, or found there later. Never blocks. */
    void board() {
        if (flight == null) {
            note();
        } else if (taker == null || !taker.take(flight)) {
            depot.flights().unpin(flight);
            depot.flights().close(flight);
        }
    }

    /** It is on disk and was not accepted: whatever becomes of it is found there. */
    void leave() {
        if (flight == null) {
            note();
        } else {
            depot.flights().unpin(flight);
            depot.flights().close(flight);
        }
    }

    /** It is not on disk, as far as can be told. */
    void fail() {
        if (flight != null) {
            depot.flights().unpin(flight);
            flight.vanish();
            depot.flights().close(flight);
        }
        // When the commit was made after all, a scan may have passed it by meanwhile.
        note();
    }

    private void note() {
        if (entry.due() != null) {
            depot.cursor()
                    .note(new Spool.DueEntry(
                            entry.due(), entry.stored().envelope().id()));
        }
    }
}
