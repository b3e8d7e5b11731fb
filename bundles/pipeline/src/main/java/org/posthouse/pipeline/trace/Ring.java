// SPDX-License-Identifier: Apache-2.0
package org.posthouse.pipeline.trace;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The newest trails, bounded in number and in what they take of the heap. */
final class Ring {
    private static final int MOST_NAMES = 100;

    private final Deque<Entry> entries = new ArrayDeque<>();
    private final Map<Trail, Entry> kept = new IdentityHashMap<>();
    private final Map<String, Trail> byMessage = new HashMap<>();
    private final Map<String, List<Trail>> bySession = new HashMap<>();
    private int most;
    private long mostOctets;
    private long octets;

    /** A trail, what it took when it was weighed last, and the other ids it is found by. */
    private static final class Entry {
        final Trail trail;
        final List<String> names = new ArrayList<>(1);
        long octets;

        Entry(Trail trail) {
            this.trail = trail;
            this.octets = trail.octets();
        }
    }

    Ring(TraceSettings settings) {
        this.most = settings.keep();
        this.mostOctets = settings.octets();
    }

    synchronized void limit(TraceSettings settings) {
        most = settings.keep();
        mostOctets = settings.octets();
        shrink();
    }

    synchronized void add(Trail trail) {
        Entry entry = new Entry(trail);
        entries.addLast(entry);
        kept.put(trail, entry);
        octets += entry.octets;
        if (!trail.id().isEmpty()) {
            byMessage.put(trail.id(), trail);
            entry.names.add(trail.id());
        }
        if (!trail.session().isEmpty()) {
            bySession.computeIfAbsent(trail.session(), s -> new ArrayList<>(2)).add(trail);
        }
        shrink();
    }

    /** Weighs a trail that has grown, and lets it be found by more ids. */
    synchronized void grown(Trail trail, List<String> names) {
        Entry entry = kept.get(trail);
        if (entry == null) {
            return;
        }
        long now = trail.octets();
        octets += now - entry.octets;
        entry.octets = now;
        for (String name : names) {
            if (entry.names.size() < MOST_NAMES && byMessage.putIfAbsent(name, trail) == null) {
                entry.names.add(name);
            }
        }
        shrink();
    }

    /** Forgets a trail, which is most often one of the newest. */
    synchronized void remove(Trail trail) {
        Entry entry = kept.get(trail);
        if (entry != null && entries.removeLastOccurrence(entry)) {
            forget(entry);
        }
    }

    private void shrink() {
        while (!entries.isEmpty() && (entries.size() > most || octets > mostOctets)) {
            forget(entries.removeFirst());
        }
    }

    private void forget(Entry oldest) {
        octets -= oldest.octets;
        kept.remove(oldest.trail);
        oldest.names.forEach(name -> byMessage.remove(name, oldest.trail));
        String session = oldest.trail.session();
        List<Trail> beside = bySession.get(session);
        if (beside != null && beside.remove(oldest.trail) && beside.isEmpty()) {
            bySession.remove(session);
        }
    }

    synchronized @Nullable Trail message(String id) {
        return byMessage.get(id);
    }

    /** The trails of a session, in order. */
    synchronized List<Trail> session(String id) {
        return List.copyOf(bySession.getOrDefault(id, List.of()));
    }

    synchronized List<Trail> newest(int count) {
        List<Trail> found = new ArrayList<>();
        Iterator<Entry> newest = entries.descendingIterator();
        while (newest.hasNext() && found.size() < count) {
            Trail trail = newest.next().trail;
            if (!trail.id().isEmpty() || !trail.hasTransactions()) {
                found.add(trail);
            }
        }
        return found;
    }

    synchronized long octets() {
        return octets;
    }

    synchronized int size() {
        return entries.size();
    }
}
