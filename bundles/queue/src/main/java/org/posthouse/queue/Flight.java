// SPDX-License-Identifier: Apache-2.0
package org.posthouse.queue;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.posthouse.queue.spi.Parcel;
import org.posthouse.spool.spi.Envelope;
import org.posthouse.spool.spi.MessageId;
import org.posthouse.spool.spi.Progress;
import org.posthouse.spool.spi.Spool;
import org.posthouse.spool.spi.State;

/**
 * A message in memory: its records as they are on disk, and which recipients are in whose hands. Everything but the id is
 * guarded by the lock, which is kept across commits, so that the outcomes of several parcels compose.
 */
final class Flight {
    private static final Object[] NOBODY = {};

    final MessageId id;
    private final ReentrantLock lock = new ReentrantLock();
    private @Nullable Envelope envelope;
    private Progress[] progress = {};
    private Object[] holders = NOBODY;
    private int out;
    private Spool.@Nullable Stored snapshot;
    private @Nullable Instant indexed;

    /** How many are about to work on it. */
    int pins;
    /** It left the table; whoever finds it must look again. */
    boolean gone;
    /** The generation of the store that it was read from; -1 when it must be read. */
    long generation = -1;
    /** Whether nothing is to be done about it here now: it leaves without being noted. */
    boolean parked;
    /** Whether a change of it was refused: it is looked at again a while later, and not at once. */
    boolean refused;
    /** Whether nobody has read it yet, so that it is not known where it stands in the due index. */
    private boolean unread = true;
    /** The entry of the due index that a scan passed by because this was here; not guarded by the lock. */
    private volatile @Nullable Instant passed;
    /** What it is reckoned to cost of the memory bound. */
    long weight;
    /** Whether it came in past those that wait on disk. */
    boolean express;
    /** The entry among the timers, for recipients that are due while others are still out. */
    Spool.@Nullable DueEntry timer;

    /** A message of which only the entry of the due index is known, or nothing. */
    Flight(MessageId id, @Nullable Instant indexed) {
        this.id = id;
        this.indexed = indexed;
    }

    void lock() {
        lock.lock();
    }

    /** Locks it unless somebody else has it. */
    boolean tryLock() {
        return lock.tryLock();
    }

    void unlock() {
        lock.unlock();
    }

    /** Takes over what is on disk; who holds which recipient stays. */
    void fill(Spool.Stored stored, long readFrom) {
        envelope = stored.envelope();
        progress = stored.progress().toArray(Progress[]::new);
        if (holders.length != progress.length) {
            holders = Arrays.copyOf(holders, progress.length);
        }
        snapshot = stored;
        unread = false;
        generation = readFrom;
        Instant due = earliest(false);
        indexed = due != null ? due : over() ? indexed : null;
    }

    /** It must be read again before it is used. */
    void stale() {
        generation = -1;
    }

    boolean isStale() {
        return generation < 0;
    }

    /** There is no such message. */
    void vanish() {
        generation = -1;
        unread = false;
        envelope = null;
        progress = new Progress[0];
        holders = NOBODY;
        out = 0;
        snapshot = null;
    }

    Envelope envelope() {
        return Objects.requireNonNull(envelope, "not loaded");
    }

    /** The message as it is now. */
    Spool.Stored stored() {
        Spool.Stored now = snapshot;
        if (now == null) {
            now = new Spool.Stored(envelope(), List.of(progress));
            snapshot = now;
        }
        return now;
    }

    int size() {
        return progress.length;
    }

    Progress progress(int recipient) {
        return progress[recipient];
    }

    /** The records after a commit, and the entry of the due index. */
    void advance(Envelope nextEnvelope, Progress[] next, @Nullable Instant nextIndexed) {
        envelope = nextEnvelope;
        progress = next;
        indexed = nextIndexed;
        snapshot = null;
    }

    /** Where the message stands in the due index; null is nowhere. */
    @Nullable
    Instant indexed() {
        return indexed;
    }

    /** A scan found this entry and leaves it to whoever has the message here. */
    void passedAt(Instant due) {
        passed = due;
    }

    /** Where the message stands in the due index, as far as anybody can tell that has it here; null is nowhere. */
    @Nullable
    Instant standing() {
        return indexed == null && unread ? passed : indexed;
    }

    /** Corrects where the message stands, as the index itself said. */
    void indexedAt(Instant due) {
        indexed = due;
    }

    /** Whether all recipients ended. */
    boolean over() {
        return Arrays.stream(progress).allMatch(p -> p.state().ended());
    }

    /** When the first waiting recipient is due; with {@code idle} only of those that nobody holds. */
    @Nullable
    Instant earliest(boolean idle) {
        return earliest(progress, idle ? holders : NOBODY);
    }

    /** The earliest due time of the waiting among these records, without those that are held by somebody. */
    static @Nullable Instant earliest(Progress[] records, Object[] holders) {
        Instant first = null;
        for (int i = 0; i < records.length; i++) {
            Progress p = records[i];
            boolean free = i >= holders.length || holders[i] == null;
            if (free && waiting(p.state()) && (first == null || p.due().isBefore(first))) {
                first = p.due();
            }
        }
        return first == null ? null : Times.whole(first);
    }

    /** Whether something is to happen to recipients in this state without an operator. */
    static boolean waiting(State state) {
        return !state.ended() && state != State.HELD;
    }

    /** Whether a recipient in this state may be handed to a courier. */
    static boolean ready(State state) {
        return state == State.QUEUED || state == State.DEFERRED;
    }

    /** Puts all recipients that are due and in nobody's hands into these hands. */
    List<Integer> take(Instant now, Object holder) {
        List<Integer> taken = new ArrayList<>();
        for (int i = 0; i < progress.length; i++) {
            Progress p = progress[i];
            if (holders[i] == null
                    && waiting(p.state())
                    && !Times.whole(p.due()).isAfter(now)) {
                holders[i] = holder;
                out++;
                taken.add(i);
            }
        }
        return taken;
    }

    /** Hands a recipient on; nothing happens when it is in other hands. */
    void pass(int recipient, Object from, Object to) {
        if (recipient < holders.length && holders[recipient] == from) {
            holders[recipient] = to;
        }
    }

    /** Whether these very hands hold the recipient. */
    boolean heldBy(int recipient, Object holder) {
        return recipient < holders.length && holders[recipient] == holder;
    }

    /** Whether the recipient is on its way in this parcel or one that was cut from it. */
    boolean carries(int recipient, Parcel parcel) {
        return recipient < holders.length
                && holders[recipient] instanceof Parcel held
                && held.message() == parcel.message();
    }

    /** Nobody holds the recipient any more. */
    void free(int recipient) {
        if (recipient < holders.length && holders[recipient] != null) {
            holders[recipient] = null;
            out--;
        }
    }

    /** How many recipients are in somebody's hands. */
    int out() {
        return out;
    }

    boolean isHeld(int recipient) {
        return recipient < holders.length && holders[recipient] != null;
    }
}
