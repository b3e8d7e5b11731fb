// SPDX-License-Identifier: Apache-2.0
package org.posthouse.state;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.posthouse.spool.spi.SpoolException;
import org.posthouse.spool.spi.Vault;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A bounded part of the vault in heap, written behind: changes count at once and are on disk a moment later. Striped locks
 * guard it; no code of a plugin ever runs under one of them, so that nothing a plugin does can hold up another one.
 */
final class Cells {
    private static final Logger LOG = LoggerFactory.getLogger(Cells.class);
    private static final int STRIPES = 64;

    /** So many changes go to the vault at once. */
    private static final int PIECE = 2_048;

    /** Where cells come from and go to. */
    interface Backing {
        /** What is kept there. */
        Optional<Vault.Item> get(String table, String key) throws SpoolException;

        /** Keeps all of this, or nothing. */
        void write(List<Vault.Entry> entries, boolean synced) throws SpoolException;

        /** Nowhere: what leaves the heap is forgotten. */
        Backing NONE = new Backing() {
            @Override
            public Optional<Vault.Item> get(String table, String key) {
                return Optional.empty();
            }

            @Override
            public void write(List<Vault.Entry> entries, boolean synced) {}
        };
    }

    /** What becomes of a cell; runs under a lock, so it computes and nothing else. */
    interface Step {
        /** The cell that takes the place of this one, or the same. */
        Cell next(Cell cell);
    }

    private record Change(Cell.Place place, Cell cell) {}

    private final Stripe[] stripes = new Stripe[STRIPES];
    private final Backing backing;
    private final Clock clock;
    private final AtomicLong unwritten = new AtomicLong();
    private final ReentrantLock writing = new ReentrantLock();
    private volatile long most;
    private volatile @Nullable Stamper stamper;
    private volatile Consumer<List<Vault.Item>> told = items -> {};

    /**
     * Cells in heap.
     *
     * @param most octets of heap, about; as much again may wait to be written
     */
    Cells(Backing backing, Clock clock, long most) {
        this.backing = backing;
        this.clock = clock;
        this.most = most;
        for (int i = 0; i < STRIPES; i++) {
            stripes[i] = new Stripe();
        }
    }

    void limit(long octets) {
        most = octets;
    }

    /**
     * From now on what is shared is stamped, and told when it is written; with null no more.
     *
     * @param listener hears of items that this node has set
     */
    void share(@Nullable Stamper with, Consumer<List<Vault.Item>> listener) {
        told = listener;
        stamper = with;
    }

    /** Octets that wait to be written, about. */
    long unwritten() {
        return unwritten.get();
    }

    /** Octets of what is held although it is written, about. */
    long held() {
        long sum = 0;
        for (Stripe stripe : stripes) {
            stripe.lock.lock();
            sum += stripe.weight;
            stripe.lock.unlock();
        }
        return sum;
    }

    /** The cell in this place. */
    Cell get(Cell.Place place) throws SpoolException {
        Stripe stripe = stripe(place);
        stripe.lock.lock();
        try {
            return stripe.find(place);
        } finally {
            stripe.lock.unlock();
        }
    }

    /** Changes the cell in this place and gives back what is there then. */
    Cell change(Cell.Place place, Step step) throws SpoolException {
        room();
        Stripe stripe = stripe(place);
        stripe.lock.lock();
        try {
            Cell old = stripe.find(place);
            Cell next = step.next(old);
            if (next != old) {
                stripe.set(place, stamped(place, old, next));
            }
            return next;
        } finally {
            stripe.lock.unlock();
        }
    }

    private Cell stamped(Cell.Place place, Cell old, Cell next) {
        Stamper now = stamper;
        return now == null || !place.table().shared() ? next : now.stamp(old, next);
    }

    /** Takes what another node told, unless something later is here; whether it was taken. */
    boolean adopt(Cell.Place place, Cell cell) throws SpoolException {
        Stamper now = stamper;
        if (now == null) {
            return false;
        }
        room();
        Stripe stripe = stripe(place);
        stripe.lock.lock();
        try {
            Cell old = stripe.find(place);
            if (now.later(old, cell) == old) {
                return false;
            }
            stripe.set(place, cell);
            return true;
        } finally {
            stripe.lock.unlock();
        }
    }

    /** Puts a cell in place; without looking at what was there, unless it is shared. */
    void put(Cell.Place place, Cell cell) throws SpoolException {
        if (stamper != null && place.table().shared()) {
            change(place, old -> cell);
            return;
        }
        room();
        Stripe stripe = stripe(place);
        stripe.lock.lock();
        try {
            stripe.set(place, cell);
        } finally {
            stripe.lock.unlock();
        }
    }

    // Whoever changes faster than the disk writes does the writing.
    private void room() throws SpoolException {
        if (unwritten.get() > most) {
            flush(true);
        }
    }

    private Stripe stripe(Cell.Place place) {
        int hash = place.hashCode() * 0x9E3779B9;
        return stripes[hash >>> 26];
    }

    /**
     * Writes what was changed before this was called.
     *
     * @param all whether also what need not survive a loss of power
     */
    void flush(boolean all) throws SpoolException {
        writing.lock();
        try {
            write(true);
            if (all) {
                write(false);
            }
        } finally {
            writing.unlock();
        }
    }

    private void write(boolean synced) throws SpoolException {
        List<Change> changes = new ArrayList<>();
        for (Stripe stripe : stripes) {
            stripe.collect(changes, synced);
        }
        for (int from = 0; from < changes.size(); from += PIECE) {
            List<Change> piece = changes.subList(from, Math.min(changes.size(), from + PIECE));
            long now = clock.millis();
            List<Vault.Entry> entries =
                    piece.stream().map(change -> entry(change, now)).toList();
            backing.write(entries, synced);
            tell(piece, entries);
            for (Change change : piece) {
                stripe(change.place()).written(change);
            }
        }
    }

    private void tell(List<Change> piece, List<Vault.Entry> entries) {
        Stamper now = stamper;
        if (now == null) {
            return;
        }
        List<Vault.Item> own = new ArrayList<>();
        for (int i = 0; i < piece.size(); i++) {
            if (piece.get(i).cell().stamp().node().equals(now.self()) && entries.get(i) instanceof Vault.Item item) {
                own.add(item);
            }
        }
        if (!own.isEmpty()) {
            told.accept(own);
        }
    }

    private static Vault.Entry entry(Change change, long now) {
        String table = change.place().table().text();
        String key = change.place().key();
        return change.cell().lives(now)
                ? new Vault.Item(
                        table,
                        key,
                        Values.encode(change.cell()),
                        Clock.instant(change.cell().expires()))
                : new Vault.Removal(table, key);
    }

    private Cell load(Cell.Place place) throws SpoolException {
        Vault.Item item = backing.get(place.table().text(), place.key()).orElse(null);
        if (item == null) {
            return Cell.NONE;
        }
        try {
            return Values.cell(item);
        } catch (IOException e) {
            LOG.error("The value of {} in {} can not be read and counts as absent", place.key(), item.table(), e);
            return Cell.NONE;
        }
    }

    /** A part of the cells under one lock. */
    private final class Stripe {
        private final ReentrantLock lock = new ReentrantLock();
        private final LinkedHashMap<Cell.Place, Cell> written = new LinkedHashMap<>(16, 0.75f, true);
        private final Map<Cell.Place, Cell> changed = new HashMap<>();
        private long weight;

        Cell find(Cell.Place place) throws SpoolException {
            Cell cell = changed.get(place);
            if (cell == null) {
                cell = written.get(place);
            }
            if (cell == null) {
                // Under the lock: what was loaded outside could be older than what another thread wrote meanwhile.
                cell = load(place);
                keep(place, cell);
            }
            return cell;
        }

        void set(Cell.Place place, Cell cell) {
            drop(place);
            Cell old = changed.put(place, cell);
            unwritten.addAndGet(Cell.weight(place, cell) - (old == null ? 0 : Cell.weight(place, old)));
        }

        private void drop(Cell.Place place) {
            Cell old = written.remove(place);
            weight -= old == null ? 0 : Cell.weight(place, old);
        }

        private void keep(Cell.Place place, Cell cell) {
            written.put(place, cell);
            weight += Cell.weight(place, cell);
            Iterator<Map.Entry<Cell.Place, Cell>> oldest = written.entrySet().iterator();
            while (weight > most / STRIPES && oldest.hasNext()) {
                Map.Entry<Cell.Place, Cell> entry = oldest.next();
                weight -= Cell.weight(entry.getKey(), entry.getValue());
                oldest.remove();
            }
        }

        void collect(List<Change> changes, boolean synced) {
            lock.lock();
            try {
                changed.forEach((place, cell) -> {
                    if (place.table().synced() == synced) {
                        changes.add(new Change(place, cell));
                    }
                });
            } finally {
                lock.unlock();
            }
        }

        void written(Change change) {
            lock.lock();
            try {
                // Another cell in this place was put there meanwhile and waits for the next time.
                if (changed.remove(change.place(), change.cell())) {
                    unwritten.addAndGet(-Cell.weight(change.place(), change.cell()));
                    keep(change.place(), change.cell());
                }
            } finally {
                lock.unlock();
            }
        }
    }
}
