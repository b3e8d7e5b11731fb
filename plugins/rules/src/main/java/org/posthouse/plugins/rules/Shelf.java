// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.rules;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.posthouse.api.service.SharedState;

/** Where the book and the hits are kept: in the shared state, so that they outlive a restart and a cluster shares them. */
final class Shelf {
    private static final String KEY = "book";
    // A rule switched off stays off until someone says otherwise.
    private static final Duration LONG = Duration.ofDays(3650);

    private final SharedState.Table<String> books;
    private final SharedState.Table<Long> lastHits;
    private final SharedState.Counters hits;
    private final Clock clock;

    Shelf(SharedState state, Clock clock) {
        this.books = state.table("rules", String.class);
        this.lastHits = state.table("rules.last", Long.class);
        this.hits = state.counters("rules.hits");
        this.clock = clock;
    }

    /** The text of the book; equal texts are equal books. */
    String text() {
        return books.get(KEY).orElse("");
    }

    /** What is in the book now. */
    Book book() {
        return Book.of(text()).at(clock.instant());
    }

    /** Changes the book, and takes out of it what is over. */
    void change(UnaryOperator<Book> change) {
        books.update(KEY, LONG, text -> {
            String changed = change.apply(Book.of(text == null ? "" : text).at(clock.instant()))
                    .text();
            return changed.isEmpty() ? null : changed;
        });
    }

    /** Adds to the hits of a rule. */
    void hit(String id, long count, long lastMillis) {
        hits.add(id, count, LONG);
        lastHits.put(id, lastMillis, LONG);
    }

    long hits(String id) {
        return hits.get(id);
    }

    Optional<Instant> lastHit(String id) {
        return lastHits.get(id).map(Instant::ofEpochMilli);
    }
}
