// SPDX-License-Identifier: Apache-2.0
package org.posthouse.state;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Whose turn it is to do a job. Two generations of a plugin, or two instances of its component, may hold one job at the
 * same time while one replaces the other: the last that came does it, and never while an earlier run still goes on.
 */
final class JobBoard {
    private static final class Entry {
        private final List<Object> holders = new ArrayList<>();
        private boolean running;
    }

    private final Map<String, Entry> entries = new HashMap<>();

    synchronized void enter(String job, Object holder) {
        entries.computeIfAbsent(job, name -> new Entry()).holders.add(holder);
    }

    /** Whether the holder may run the job now; if so, it must say when it ended. */
    synchronized boolean begin(String job, Object holder) {
        Entry entry = entries.get(job);
        boolean may = entry != null
                && !entry.running
                && !entry.holders.isEmpty()
                && entry.holders.get(entry.holders.size() - 1) == holder;
        if (entry != null && may) {
            entry.running = true;
        }
        return may;
    }

    synchronized void end(String job) {
        Entry entry = entries.get(job);
        if (entry != null) {
            entry.running = false;
            forget(job, entry);
        }
    }

    synchronized void leave(String job, Object holder) {
        Entry entry = entries.get(job);
        if (entry != null) {
            entry.holders.remove(holder);
            forget(job, entry);
        }
    }

    /** The jobs that somebody holds, or that still run. */
    synchronized List<String> names() {
        return List.copyOf(entries.keySet());
    }

    private void forget(String job, Entry entry) {
        if (entry.holders.isEmpty() && !entry.running) {
            entries.remove(job);
        }
    }
}
