// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.rules;

import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.posthouse.api.operator.Table;
import org.posthouse.conditions.RuleException;

/** All rules as a table, in the order in which they are asked. */
final class Listing {
    private static final List<String> COLUMNS =
            List.of("id", "from", "state", "hits", "last hit", "until", "stage", "rule");

    private final Shelf shelf;
    private final List<Rule> configured;
    private final Clock clock;

    Listing(Shelf shelf, List<Rule> configured, Clock clock) {
        this.shelf = shelf;
        this.configured = configured;
        this.clock = clock;
    }

    Table table() {
        Book book = shelf.book();
        List<List<String>> rows = new ArrayList<>();
        for (Book.Entry entry : book.entries()) {
            rows.add(added(entry, book));
        }
        for (Rule rule : configured) {
            rows.add(row(rule, "configuration", state(rule.id(), rule.until(), book), rule.until()));
        }
        return rows.isEmpty() ? Table.says("There are no rules.") : Table.of(COLUMNS, rows);
    }

    private List<String> added(Book.Entry entry, Book book) {
        try {
            Rule rule = RuleParser.parse(entry.text());
            Instant end =
                    rule.until().filter(until -> until.isBefore(entry.until())).orElse(entry.until());
            return row(rule, "run time", state(rule.id(), Optional.of(end), book), Optional.of(end));
        } catch (RuleException e) {
            return List.of(entry.id(), "run time", "unreadable", "", "", text(entry.until()), "", entry.text());
        }
    }

    private List<String> row(Rule rule, String from, String state, Optional<Instant> until) {
        return List.of(
                rule.id(),
                from,
                state,
                String.valueOf(shelf.hits(rule.id())),
                shelf.lastHit(rule.id()).map(Listing::text).orElse("never"),
                until.map(Listing::text).orElse("ever"),
                rule.stage().name().toLowerCase(java.util.Locale.ROOT),
                rule.text());
    }

    private String state(String id, Optional<Instant> until, Book book) {
        if (until.isPresent() && !until.get().isAfter(clock.instant())) {
            return "expired";
        }
        return book.off().contains(id) ? "off" : "on";
    }

    private static String text(Instant time) {
        return time.truncatedTo(ChronoUnit.SECONDS).toString();
    }
}
