// SPDX-License-Identifier: Apache-2.0
package org.posthouse.queue;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.posthouse.queue.spi.Custodian;
import org.posthouse.spool.spi.Change;
import org.posthouse.spool.spi.Envelope;
import org.posthouse.spool.spi.MessageId;
import org.posthouse.spool.spi.Progress;
import org.posthouse.spool.spi.Spool;
import org.posthouse.spool.spi.State;

/**
 * What is to change about one message: collected, committed as one change, then taken over in memory. Used under the
 * lock of the flight.
 */
final class Revision implements Custodian.Turn {
    private final Flight flight;
    private final Progress[] after;
    private final BitSet changed = new BitSet();
    private final BitSet leaving = new BitSet();
    private @Nullable Envelope rewritten;
    private @Nullable Instant index;
    private boolean removes;
    private boolean shelved;
    private final long epoch;
    private Custodian.Deed deed = Custodian.Deed.REST;
    private List<Entry> entering = List.of();

    /**
     * A revision of a locked message.
     *
     * @param epoch by which claim it is owned
     */
    Revision(Flight flight, long epoch) {
        this.flight = flight;
        this.epoch = epoch;
        this.after = new Progress[flight.size()];
        for (int i = 0; i < after.length; i++) {
            after[i] = flight.progress(i);
        }
    }

    /** The next record of a recipient; epoch and sequence follow from what is on disk. */
    Revision set(Progress next) {
        Progress before = flight.progress(next.recipient());
        after[next.recipient()] = new Progress(
                next.recipient(),
                next.state(),
                Math.max(before.epoch(), epoch),
                Math.max(before.sequence() + 1, next.sequence()),
                next.attempts(),
                Times.whole(next.due()),
                next.reply(),
                next.host(),
                next.changed());
        changed.set(next.recipient());
        return this;
    }

    /** What another node wrote of a recipient, as it is. */
    void learn(Progress theirs) {
        after[theirs.recipient()] = theirs;
        changed.set(theirs.recipient());
    }

    /** The message is not to stand in the due index. */
    void shelve() {
        shelved = true;
    }

    /** Where the message will stand in the due index, once the steps are added. */
    @Nullable
    Instant index() {
        return index;
    }

    /** The same as the custodian is shown it. */
    Custodian.Turn turn(Custodian.Deed why, List<Entry> with) {
        deed = why;
        entering = with;
        return this;
    }

    @Override
    public MessageId id() {
        return flight.id;
    }

    @Override
    public Custodian.Deed deed() {
        return deed;
    }

    @Override
    public List<Progress> changed() {
        List<Progress> all = new ArrayList<>(changed.cardinality());
        changed.stream().forEach(i -> all.add(after[i]));
        return all;
    }

    @Override
    public @Nullable Envelope rewritten() {
        return rewritten;
    }

    @Override
    public List<Spool.Stored> entering() {
        return entering.stream().map(Entry::stored).toList();
    }

    /** The envelope is written anew. */
    void rewrite(Envelope envelope) {
        rewritten = envelope;
    }

    /** Whoever holds the recipient lets it go with this change. */
    Revision freeing(int recipient) {
        leaving.set(recipient);
        return this;
    }

    int changes() {
        return changed.cardinality();
    }

    /** Whether there is anything to commit. */
    boolean empty() {
        decide();
        return changed.isEmpty() && !removes && rewritten == null;
    }

    /** Whether the message is forgotten by this. */
    @Override
    public boolean removes() {
        return removes;
    }

    /** Adds the steps; when all recipients ended and nobody reads the body any more, the message is forgotten. */
    Change addTo(Change change) {
        decide();
        if (removes) {
            change.add(new Change.Step.Remove(flight.envelope(), states()));
        } else {
            if (rewritten != null) {
                change.add(new Change.Step.Rewrite(rewritten));
            }
            changed.stream()
                    .forEach(i -> change.add(new Change.Step.Advance(
                            flight.id, after[i], flight.progress(i).state())));
        }
        Instant from = flight.indexed();
        if (from == null ? index != null : !from.equals(index)) {
            change.add(new Change.Step.Due(flight.id, from, index));
        }
        return change;
    }

    private void decide() {
        boolean over = Arrays.stream(after).allMatch(p -> p.state().ended());
        removes = over && !heldOn();
        index = shelved ? null : Flight.earliest(after, new Object[0]);
        if (over && !removes) {
            // A courier still reads the body. The entry stays, so that the message is cleared away after a crash.
            index = flight.indexed() != null ? flight.indexed() : Times.whole(Instant.now());
        } else if (removes) {
            index = null;
        }
    }

    private boolean heldOn() {
        for (int i = 0; i < after.length; i++) {
            if (flight.isHeld(i) && !leaving.get(i)) {
                return true;
            }
        }
        return false;
    }

    private List<State> states() {
        List<State> states = new ArrayList<>(after.length);
        for (int i = 0; i < after.length; i++) {
            states.add(flight.progress(i).state());
        }
        return states;
    }

    /** Whether the records on disk, read again, show that this was committed: it is all there, or nothing is. */
    boolean shownBy(Flight read) {
        return changed.stream()
                .anyMatch(i -> i < read.size() && read.progress(i).equals(after[i]));
    }

    /** Takes it over in memory after the commit. */
    void apply() {
        flight.advance(rewritten == null ? flight.envelope() : rewritten, after, index);
        leaving.stream().forEach(flight::free);
        if (removes) {
            flight.vanish();
        }
    }
}
