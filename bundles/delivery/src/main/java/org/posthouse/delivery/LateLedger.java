// SPDX-License-Identifier: Apache-2.0
package org.posthouse.delivery;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.posthouse.queue.spi.Ledger;
import org.posthouse.queue.spi.Parcel;
import org.posthouse.spool.spi.Progress;
import org.posthouse.spool.spi.Spool;
import org.posthouse.spool.spi.SpoolException;

/** The ledger, looked up at each use: the queue needs a carrier before there is one. */
record LateLedger(Supplier<@Nullable Ledger> source) implements Ledger {
    private Ledger now() {
        Ledger ledger = source.get();
        if (ledger == null) {
            throw new IllegalStateException("There is no ledger");
        }
        return ledger;
    }

    @Override
    public boolean intend(Parcel parcel, List<Integer> recipients) {
        return now().intend(parcel, recipients);
    }

    @Override
    public void settle(Parcel parcel, List<Progress> next, List<Notice> notices) throws SpoolException {
        now().settle(parcel, next, notices);
    }

    @Override
    public void giveBack(Parcel parcel, Instant due) throws SpoolException {
        now().giveBack(parcel, due);
    }

    @Override
    public Optional<Instant> nextAttempt(Spool.Stored message, int attempts, Instant now) {
        return now().nextAttempt(message, attempts, now);
    }
}
