// SPDX-License-Identifier: Apache-2.0
package org.posthouse.cluster.node;

import java.util.List;
import org.posthouse.cluster.disk.RecordLedger;
import org.posthouse.cluster.protocol.Clocks;
import org.posthouse.cluster.protocol.Custody;
import org.posthouse.cluster.protocol.HeldMessage;
import org.posthouse.spool.spi.MessageId;
import org.posthouse.telemetry.spi.ClusterReport.Mail;

/**
 * Goes through all messages again and again, a few at a time, does what is to be done about each, and counts them. Called
 * on the station's thread.
 */
final class Rounds {
    private static final int STEP = 1_000;
    private static final long PAUSE = 10_000;
    private static final long SHORT_PAUSE = 1_000;

    private final String self;
    private final int copies;
    private final Clocks clocks;
    private final RecordLedger ledger;
    private final Custody custody;
    private final LoggedDoubts journal;
    private List<MessageId> round = List.of();
    private int next;
    private long began;
    private boolean urgent = true;
    private boolean hasty;
    private long owned;
    private long kept;
    private long shortOf;
    private long ended;
    private volatile Mail counted = Mail.NONE;

    Rounds(String self, int copies, Clocks clocks, RecordLedger ledger, Custody custody, LoggedDoubts journal) {
        this.self = self;
        this.copies = copies;
        this.clocks = clocks;
        this.ledger = ledger;
        this.custody = custody;
        this.journal = journal;
        this.began = clocks.monotonic();
    }

    /** Something happened that concerns all: the next round begins at once. */
    void hurry() {
        urgent = true;
    }

    /** The rounds follow each other soon, or no more so. */
    void hasten(boolean now) {
        urgent = true;
        hasty = now;
    }

    /** Goes on with the round, or begins another one when it is time. */
    void step() {
        if (next >= round.size() && !begin()) {
            return;
        }
        int end = Math.min(round.size(), next + STEP);
        for (; next < end; next++) {
            custody.work(round.get(next));
            ledger.find(round.get(next)).ifPresent(this::count);
        }
        if (next >= round.size()) {
            counted = new Mail(owned, kept, shortOf, ended, 0, 0);
        }
    }

    private boolean begin() {
        long now = clocks.monotonic();
        if (!urgent && now - began < (hasty || round.size() <= STEP ? SHORT_PAUSE : PAUSE)) {
            return false;
        }
        urgent = false;
        began = now;
        round = ledger.ids();
        next = 0;
        owned = 0;
        kept = 0;
        shortOf = 0;
        ended = 0;
        return true;
    }

    private void count(HeldMessage m) {
        if (m.ended()) {
            ended++;
        } else if (m.ballot().owner().node().equals(self)) {
            owned++;
            shortOf += custody.copies(m) < copies ? 1 : 0;
        } else {
            kept++;
        }
    }

    /** Messages as the last round found them. */
    Mail mail() {
        Mail last = counted;
        return new Mail(
                last.owned(), last.kept(), last.shortOf(), last.ended(), journal.doubted(), journal.takenOver());
    }
}
