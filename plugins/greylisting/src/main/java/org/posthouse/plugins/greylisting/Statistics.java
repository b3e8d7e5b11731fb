// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.greylisting;

import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import org.posthouse.api.operator.Table;
import org.posthouse.api.service.SharedState;

/** How recipients came out: as metrics of this node, and by days of UTC in the shared state for all nodes and restarts. */
final class Statistics {
    private static final int DAYS = 7;
    private static final Duration LIFE = Duration.ofDays(DAYS + 2);

    private final SharedState.Counters counters;
    private final Clock clock;

    Statistics(SharedState state, Clock clock) {
        this.counters = state.counters("outcomes");
        this.clock = clock;
    }

    void count(Outcome outcome, MeterRegistry meters) {
        meters.counter("posthouse.greylist.recipients", "outcome", outcome.word())
                .increment();
        counters.add(key(today(), outcome), 1, LIFE);
    }

    private LocalDate today() {
        return LocalDate.ofInstant(clock.instant(), ZoneOffset.UTC);
    }

    private static String key(LocalDate day, Outcome outcome) {
        return day + " " + outcome.word();
    }

    /** A row for each outcome. */
    Table table(String note) {
        List<List<String>> rows = new ArrayList<>();
        LocalDate today = today();
        for (Outcome outcome : Outcome.values()) {
            long sum = 0;
            for (int day = 0; day < DAYS; day++) {
                sum += counters.get(key(today.minusDays(day), outcome));
            }
            rows.add(List.of(
                    outcome.words(),
                    String.valueOf(counters.get(key(today, outcome))),
                    String.valueOf(counters.get(key(today.minusDays(1), outcome))),
                    String.valueOf(sum)));
        }
        return new Table(note, List.of("recipients", "today", "yesterday", "7 days"), rows);
    }
}
