// SPDX-License-Identifier: Apache-2.0
package org.posthouse.dns;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.xbill.DNS.Name;

/** Answers that may still be used; the least recently used go first. */
final class AnswerCache {
    /** A question. */
    record Question(Name name, int type) {}

    /** An answer and what is left of its time in nanoseconds. */
    record Kept(Found found, long nanosLeft) {}

    private record Entry(Found found, long expires) {}

    /** A stranger's name may have 64 kB behind it; what is so large is asked for again. */
    private static final int MOST_OCTETS = 4096;

    private final LinkedHashMap<Question, Entry> entries = new LinkedHashMap<>(64, 0.75f, true);
    private final int most;
    private final LongSupplier clock;

    AnswerCache(int most, LongSupplier clock) {
        this.most = most;
        this.clock = clock;
    }

    synchronized Optional<Kept> get(Question question) {
        Entry entry = entries.get(question);
        if (entry == null) {
            return Optional.empty();
        }
        long left = entry.expires - clock.getAsLong();
        if (left <= 0) {
            entries.remove(question);
            return Optional.empty();
        }
        return Optional.of(new Kept(entry.found, left));
    }

    synchronized void put(Question question, Found found) {
        if (found.ttl() <= 0 || most <= 0 || octets(found) > MOST_OCTETS) {
            return;
        }
        entries.put(question, new Entry(found, clock.getAsLong() + found.ttl() * 1_000_000_000L));
        if (entries.size() > most) {
            Map.Entry<Question, Entry> eldest = entries.firstEntry();
            entries.remove(eldest.getKey());
        }
    }

    private static int octets(Found found) {
        return found.records().stream()
                .mapToInt(record -> record.rdataToWireCanonical().length)
                .sum();
    }

    synchronized int size() {
        return entries.size();
    }
}
