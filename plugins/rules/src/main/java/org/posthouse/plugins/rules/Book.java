// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.rules;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * What operators added and switched while the server ran, as it is kept: one value, so that reading it is one look-up and a
 * change is one atomic update.
 *
 * @param entries the rules in the order in which they were added
 * @param off the ids of rules, of these and of the configuration, that are switched off
 */
record Book(List<Entry> entries, Set<String> off) {
    static final Book EMPTY = new Book(List.of(), Set.of());

    /**
     * A rule that was added.
     *
     * @param until when it goes, by the clock of the wall
     * @param text the rule
     */
    record Entry(Instant until, String text) {
        String id() {
            return Rule.id(text);
        }
    }

    Book {
        entries = List.copyOf(entries);
        off = Set.copyOf(off);
    }

    /** Reads what {@link #text()} wrote; lines that it does not know are of a later version, and are left out. */
    static Book of(String text) {
        List<Entry> entries = new ArrayList<>();
        Set<String> off = new TreeSet<>();
        for (String line : text.split("\n")) {
            String[] words = line.split(" ", 3);
            if (words.length == 3 && words[0].equals("rule") && words[1].matches("\\d{1,15}")) {
                entries.add(new Entry(Instant.ofEpochMilli(Long.parseLong(words[1])), words[2]));
            } else if (words.length == 2 && words[0].equals("off")) {
                off.add(words[1]);
            }
        }
        return new Book(entries, off);
    }

    /** Lines of {@code rule UNTIL TEXT} and {@code off ID}; a rule has no line ends. */
    String text() {
        StringBuilder text = new StringBuilder();
        entries.forEach(entry -> text.append("rule ")
                .append(entry.until().toEpochMilli())
                .append(' ')
                .append(entry.text())
                .append('\n'));
        new TreeSet<>(off).forEach(id -> text.append("off ").append(id).append('\n'));
        return text.toString();
    }

    boolean has(String id) {
        return entries.stream().anyMatch(entry -> entry.id().equals(id));
    }

    /** With this rule, last; one of the same text gets the new end and is switched on. */
    Book with(Entry added) {
        List<Entry> more = new ArrayList<>(without(added.id()).entries());
        more.add(added);
        return new Book(more, less(added.id()));
    }

    Book without(String id) {
        return new Book(entries.stream().filter(entry -> !entry.id().equals(id)).toList(), less(id));
    }

    Book switched(String id, boolean on) {
        if (on) {
            return new Book(entries, less(id));
        }
        Set<String> more = new TreeSet<>(off);
        more.add(id);
        return new Book(entries, more);
    }

    private Set<String> less(String id) {
        Set<String> less = new TreeSet<>(off);
        less.remove(id);
        return less;
    }

    /** Without what is over; what is off stays off, for the rule may stand in the configuration meanwhile. */
    Book at(Instant now) {
        return new Book(
                entries.stream().filter(entry -> entry.until().isAfter(now)).toList(), off);
    }

    /** Without the switches of rules that are neither here nor configured. */
    Book pruned(Set<String> configured) {
        Set<String> left = new TreeSet<>(off);
        left.removeIf(id -> !has(id) && !configured.contains(id));
        return new Book(entries, left);
    }
}
