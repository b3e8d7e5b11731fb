// SPDX-License-Identifier: Apache-2.0
package org.posthouse.cluster.node;

import java.util.ArrayList;
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

    /** So long a step may take when all wait for it, in milliseconds. */
    private static final long BOX = 50;

    private static final long PAUSE = 10_000;
    private static final long SHORT_PAUSE = 1_000;

    private final String self;
    private final int copies;
    private final Clocks clocks;
    private final RecordLedger ledger;
    private final Custody custody;
    private final LoggedDoubts journal;
    private List<MessageId> round = List.of();
    /** So many of the round, the first ones, had not ended when it began. */
    private int living;

    private int next;
    private long began;
    private boolean urgent = true;
    private boolean hasty;
    private boolean hurried;
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

    /** Something happened that concerns all: the next round begins as soon as what has not ended was looked at. */
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
        long start = clocks.monotonic();
        if (next >= living && urgent || next >= round.size() && start - began >= pause()) {
            begin(start);
        }
        for (int done = 0; next < round.size() && (done < STEP || mayGoOn(start)); done++) {
            MessageId id = round.get(next++);
            custody.work(id);
            ledger.find(id).ifPresent(this::count);
            if (next == living) {
                counted = new Mail(owned, kept, shortOf, ended, 0, 0);
            }
        }
    }

    private boolean mayGoOn(long start) {
        return hurried && next < living && clocks.monotonic() - start < BOX;
    }

    private long pause() {
        return hasty || round.size() <= STEP ? SHORT_PAUSE : PAUSE;
    }

    /** Those come first that have not ended: of the others there may be a hundred times as many, and nobody waits for them. */
    private void begin(long now) {
        hurried = urgent;
        urgent = false;
        began = now;
        List<MessageId> over = ledger.ids(true);
        List<MessageId> all = new ArrayList<>(ledger.ids(false));
        living = all.size();
        all.addAll(over);
        round = all;
        next = 0;
        owned = 0;
        kept = 0;
        shortOf = 0;
        ended = over.size();
        if (living == 0) {
            counted = new Mail(0, 0, 0, ended, 0, 0);
        }
    }

    private void count(HeldMessage m) {
        if (m.ended()) {
            // Counted as a whole.
            return;
        }
        if (m.ballot().owner().node().equals(self)) {
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
