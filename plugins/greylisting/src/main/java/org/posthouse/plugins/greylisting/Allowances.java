// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.greylisting;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.posthouse.api.Address;
import org.posthouse.api.service.SharedState;

/**
 * Whom an operator spared the wait at run time: one text in the shared state, read by one look-up, with a line for each.
 */
final class Allowances {
    /** So many at most: each mail of a stranger looks through them. */
    static final int MOST = 200;

    private static final String KEY = "book";
    private static final Duration LONG = Duration.ofDays(3650);

    private final SharedState.Table<String> table;
    private final Clock clock;
    /** The text as it was read last, and what it means: most look-ups find the same one. */
    private volatile Book book = new Book("", List.of());

    /** What was read. */
    private record Book(String text, List<Allowance> entries) {
        static Book of(String text) {
            return new Book(text, text.lines().map(Allowance::of).toList());
        }

        static String text(List<Allowance> entries) {
            return String.join("\n", entries.stream().map(Allowance::text).toList());
        }
    }

    Allowances(SharedState state, Clock clock) {
        this.table = state.table("allowed", String.class);
        this.clock = clock;
    }

    /** Those that count now. */
    List<Allowance> entries() {
        String text = table.get(KEY).orElse("");
        Book known = book;
        if (!known.text().equals(text)) {
            known = Book.of(text);
            book = known;
        }
        return current(known.entries());
    }

    private List<Allowance> current(List<Allowance> entries) {
        Instant now = clock.instant();
        return entries.stream().filter(entry -> entry.until().isAfter(now)).toList();
    }

    /** What covers this mail, if anything does. */
    Optional<String> covering(java.net.@Nullable InetAddress client, Address sender) {
        for (Allowance entry : entries()) {
            if (entry.covers(client, sender)) {
                return Optional.of(entry.what());
            }
        }
        return Optional.empty();
    }

    /** Adds one, in place of the same one with another end. */
    void add(Allowance allowance) {
        change(entries -> {
            List<Allowance> next = without(entries, allowance.what());
            next.add(allowance);
            return next;
        });
    }

    void remove(String what) {
        change(entries -> without(entries, what));
    }

    private static List<Allowance> without(List<Allowance> entries, String what) {
        List<Allowance> rest = new ArrayList<>(entries);
        rest.removeIf(entry -> entry.what().equals(what));
        return rest;
    }

    private void change(UnaryOperator<List<Allowance>> change) {
        table.update(KEY, LONG, text -> {
            List<Allowance> entries = text == null ? List.of() : Book.of(text).entries();
            String after = Book.text(change.apply(current(entries)));
            return after.isEmpty() ? null : after;
        });
    }
}
