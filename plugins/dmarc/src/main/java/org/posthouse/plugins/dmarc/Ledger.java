// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.dmarc;

import java.time.Duration;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.posthouse.api.service.SharedState;
import org.posthouse.plugins.dmarc.Discovery.Applicable.Published;

/**
 * What aggregate reports are made of: for each day and policy domain the record and the rows with their counts.
 *
 * <p>A row that was seen before costs one look-up and one addition. Everything is bounded: so many rows a day in all, so many of
 * one domain, and all of it is forgotten when its reports can not be sent any more.
 */
final class Ledger {
    /** Reports of a day can be sent until the end of the second day after it. */
    private static final Duration LIFE = Duration.ofDays(4);

    private static final int MOST_DOMAINS = 5_000;

    /** The index of a domain is one value, and changes with each new row. */
    private static final int MOST_ROWS_OF_DOMAIN = 5_000;

    private final SharedState.Table<String> domains;
    private final SharedState.Table<String> policies;
    private final SharedState.Table<String> indexes;
    private final SharedState.Table<String> rows;
    private final SharedState.Table<String> sent;
    private final SharedState.Counters counts;
    private final long mostRows;

    Ledger(SharedState state, long mostRows) {
        this.domains = state.table("dmarc.domains", String.class);
        this.policies = state.table("dmarc.policies", String.class);
        this.indexes = state.table("dmarc.indexes", String.class);
        this.rows = state.table("dmarc.rows", String.class);
        this.sent = state.table("dmarc.sent", String.class);
        this.counts = state.counters("dmarc.counts");
        this.mostRows = mostRows;
    }

    /**
     * What was collected of one domain on one day.
     *
     * @param method how its record was found
     * @param record the record as it was seen last (RFC 9990 3.1: of several configurations the final one)
     */
    record Collected(LocalDate day, String domain, String method, PolicyRecord record, List<Counted> rows) {
        Collected {
            rows = List.copyOf(rows);
        }

        long messages() {
            return rows.stream().mapToLong(Counted::count).sum();
        }
    }

    /** A row and how many messages were like it. */
    record Counted(Row row, long count) {}

    /** Counts a message; false when there is no room for what is new about it. */
    boolean add(LocalDate day, String method, Published published, Row row) {
        String domain = key(day, published.domain());
        String place = domain + "/" + row.id();
        if (rows.get(place).isEmpty() && !enter(day, published.domain(), domain, row, place)) {
            return false;
        }
        counts.add(place, 1, LIFE);
        String policy = method + "\n" + published.record().text();
        if (!policies.get(domain).equals(Optional.of(policy))) {
            policies.put(domain, policy, LIFE);
        }
        return true;
    }

    private boolean enter(LocalDate day, String name, String domain, Row row, String place) {
        if (counts.get(day.toString()) >= mostRows
                || !listed(domains, day.toString(), name, MOST_DOMAINS)
                || !listed(indexes, domain, row.id(), MOST_ROWS_OF_DOMAIN)) {
            return false;
        }
        rows.put(place, row.line(), LIFE);
        counts.add(day.toString(), 1, LIFE);
        return true;
    }

    /** Whether the word is in the list of this key, where it is put if there is room. */
    private static boolean listed(SharedState.Table<String> table, String key, String word, int most) {
        return table.update(key, LIFE, text -> with(text == null ? "" : text, word, most))
                .map(text -> has(text, word))
                .orElse(false);
    }

    private static String with(String text, String word, int most) {
        return has(text, word) || text.chars().filter(c -> c == '\n').count() >= most ? text : text + word + "\n";
    }

    private static boolean has(String text, String word) {
        return ("\n" + text).contains("\n" + word + "\n");
    }

    /** The domains of which something was collected on that day. */
    List<String> domains(LocalDate day) {
        return domains.get(day.toString()).map(Ledger::words).orElse(List.of());
    }

    private static List<String> words(String text) {
        return text.lines().toList();
    }

    /** What was collected; empty when there is nothing, or nothing that can be read. */
    Optional<Collected> read(LocalDate day, String domain) {
        String key = key(day, domain);
        String[] policy = policies.get(key).orElse("").split("\n", 2);
        Optional<PolicyRecord> record = policy.length == 2 ? PolicyRecord.parse(policy[1]) : Optional.empty();
        List<Counted> counted = new ArrayList<>();
        for (String id : indexes.get(key).map(Ledger::words).orElse(List.of())) {
            String place = key + "/" + id;
            long count = counts.get(place);
            rows.get(place)
                    .flatMap(Row::parse)
                    .filter(row -> count > 0)
                    .ifPresent(row -> counted.add(new Counted(row, count)));
        }
        return counted.isEmpty()
                ? Optional.empty()
                : record.map(found -> new Collected(day, domain, policy[0], found, counted));
    }

    /** What became of the report of that day and domain; empty as long as it is to be made. */
    Optional<String> outcome(LocalDate day, String domain) {
        return sent.get(key(day, domain));
    }

    /** The report is done with. */
    void done(LocalDate day, String domain, String outcome) {
        sent.put(key(day, domain), outcome, LIFE);
    }

    private static String key(LocalDate day, String domain) {
        return day + "/" + domain;
    }
}
