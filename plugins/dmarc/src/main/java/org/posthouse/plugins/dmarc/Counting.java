// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.dmarc;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneOffset;
import org.posthouse.plugins.dmarc.Discovery.Applicable.Published;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Puts messages into the ledger; no message waits or suffers when that can not be done. */
final class Counting {
    private static final Logger LOG = LoggerFactory.getLogger(Counting.class);

    private final Ledger ledger;
    private final String method;
    private final Clock clock;
    private final Counter dropped;
    private final Seldom full;
    private final Seldom failing;

    Counting(Ledger ledger, String method, Clock clock, MeterRegistry meters) {
        this.ledger = ledger;
        this.method = method;
        this.clock = clock;
        this.full = new Seldom(clock, Duration.ofHours(1));
        this.failing = new Seldom(clock, Duration.ofMinutes(1));
        this.dropped = Counter.builder("posthouse.dmarc.dropped")
                .description("Messages that no aggregate report will tell of")
                .register(meters);
    }

    void add(Published published, Row row) {
        // RFC 9989 4.7: without rua nobody wants reports.
        if (published.record().rua().isEmpty()) {
            return;
        }
        LocalDate day = LocalDate.ofInstant(clock.instant(), ZoneOffset.UTC);
        try {
            if (!ledger.add(day, method, published, row)) {
                dropped.increment();
                if (full.now()) {
                    LOG.warn("No room for what is new in the DMARC reports of {}", day);
                }
            }
        } catch (RuntimeException e) {
            dropped.increment();
            if (failing.now()) {
                LOG.warn("A message can not be counted for DMARC reports: {}", e.toString());
            }
        }
    }
}
