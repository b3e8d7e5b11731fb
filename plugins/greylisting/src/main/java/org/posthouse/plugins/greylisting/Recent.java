// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.greylisting;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.posthouse.api.service.SharedState;

/**
 * The newest triplets, for people: the shared state can not list its keys, so each new triplet takes the place of the oldest
 * one in a ring.
 */
final class Recent {
    /** So many are shown. */
    static final int MOST = 500;

    private static final String NEXT = "next";
    /** Longer than any server lives without an event: begun again at 0 the ring would hide its newest entries. */
    private static final Duration LONG = Duration.ofDays(3650);

    private final SharedState.Table<String> ring;
    private final SharedState.Counters counter;
    private final Duration life;

    /** An entry; sender and recipient are empty for a client that is spared the wait from now on. */
    record Entry(Triplet triplet, Instant at) {}

    Recent(SharedState state, Duration life) {
        this.ring = state.table("recent", String.class);
        this.counter = state.counters("recent");
        this.life = life;
    }

    void add(Triplet triplet, Instant now) {
        long number = counter.add(NEXT, 1, LONG);
        String text =
                now.toEpochMilli() + "\t" + triplet.client() + "\t" + triplet.sender() + "\t" + triplet.recipient();
        ring.put(place(number), text, life);
    }

    private static String place(long number) {
        return String.valueOf(number % MOST);
    }

    /** The entries, the newest first. */
    List<Entry> entries() {
        long newest = counter.get(NEXT);
        List<Entry> entries = new ArrayList<>();
        for (long number = newest; number > Math.max(0, newest - MOST); number--) {
            Optional<Entry> entry = ring.get(place(number)).map(Recent::entry);
            entry.ifPresent(entries::add);
        }
        return entries;
    }

    private static Entry entry(String text) {
        String[] parts = text.split("\t", -1);
        return new Entry(new Triplet(parts[1], parts[2], parts[3]), Instant.ofEpochMilli(Long.parseLong(parts[0])));
    }
}
