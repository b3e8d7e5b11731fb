// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.dmarc;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiFunction;
import org.posthouse.api.service.Dns;
import org.posthouse.api.service.Outbox;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends the reports of days that are over, some at each run, until none is left; those that had to be postponed after all that
 * were not tried yet, or a few hundred domains without DNS would stand in front of the others at every run.
 */
final class Reporter {
    private static final Logger LOG = LoggerFactory.getLogger(Reporter.class);

    /** Whoever could not be asked for so long is not asked any more. */
    private static final int DAYS = 2;

    /** So many reports at a run, lest they crowd out the mail that is underway. */
    private static final int MOST = 200;

    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final Ledger ledger;
    private final Discovery discovery;
    private final Dns dns;
    private final Outbox outbox;
    private final Origin origin;
    private final Clock clock;
    private final MeterRegistry meters;

    /** When reports that are still due were tried last, by the count of tries; forgotten by a restart, which costs tries. */
    private final Map<Due, Long> tried = new ConcurrentHashMap<>();

    private final AtomicLong tries = new AtomicLong();

    /** A report that is to be made. */
    private record Due(LocalDate day, String domain) {}

    Reporter(
            Ledger ledger,
            Discovery discovery,
            Dns dns,
            Outbox outbox,
            Origin origin,
            Clock clock,
            MeterRegistry meters) {
        this.ledger = ledger;
        this.discovery = discovery;
        this.dns = dns;
        this.outbox = outbox;
        this.origin = origin;
        this.clock = clock;
        this.meters = meters;
    }

    /** One run of the job. */
    void run() {
        for (Due due : due()) {
            if (Thread.currentThread().isInterrupted()) {
                return;
            }
            tried.put(due, tries.incrementAndGet());
            try {
                report(due);
            } catch (IOException e) {
                // Of all that are left none could be kept either.
                LOG.warn("DMARC reports can not be sent now: {}", e.toString());
                count("failed");
                return;
            }
        }
    }

    /** What this run makes: what was never tried, then what was not for longest. */
    private List<Due> due() {
        LocalDate today = LocalDate.ofInstant(clock.instant(), ZoneOffset.UTC);
        List<Due> all = new ArrayList<>();
        for (int ago = DAYS; ago > 0; ago--) {
            LocalDate day = today.minusDays(ago);
            ledger.domains(day).stream()
                    .filter(domain -> ledger.outcome(day, domain).isEmpty())
                    .forEach(domain -> all.add(new Due(day, domain)));
        }
        tried.keySet().retainAll(Set.copyOf(all));
        // Sorted by a copy, which nothing changes meanwhile.
        Map<Due, Long> last = Map.copyOf(tried);
        return all.stream()
                .sorted(Comparator.comparingLong(due -> last.getOrDefault(due, 0L)))
                .limit(MOST)
                .toList();
    }

    private void report(Due due) throws IOException {
        if (report(due.day(), due.domain(), Report::new).isEmpty()) {
            count("postponed");
        }
    }

    /**
     * Sends what was collected of a day that is over, also when that was done already, or of today so far, in which case the
     * whole day is still told when it is over.
     *
     * @return what became of it; empty when DNS does not tell who gets it
     */
    Optional<String> send(LocalDate day, String domain) throws IOException {
        Instant now = clock.instant();
        boolean over = day.isBefore(LocalDate.ofInstant(now, ZoneOffset.UTC));
        return over
                ? report(day, domain, Report::new)
                : make(day, domain, (from, data) -> new Report(from, data, now.getEpochSecond()));
    }

    private Optional<String> report(LocalDate day, String domain, BiFunction<Origin, Ledger.Collected, Report> kind)
            throws IOException {
        Optional<String> outcome = make(day, domain, kind);
        outcome.ifPresent(text -> ledger.done(day, domain, text));
        return outcome;
    }

    private Optional<String> make(LocalDate day, String domain, BiFunction<Origin, Ledger.Collected, Report> kind)
            throws IOException {
        Optional<Ledger.Collected> data = ledger.read(day, domain);
        if (data.isEmpty()) {
            return Optional.of("nothing to report");
        }
        List<Destinations.Destination> all =
                new Destinations(dns, discovery).of(domain, data.get().record(), new Lookups(dns, clock, PATIENCE));
        if (all.stream().anyMatch(Destinations.Destination.Unknown.class::isInstance)) {
            // To be asked again: it is sent to all at once, or somebody would get it twice.
            return Optional.empty();
        }
        List<String> refused = new ArrayList<>();
        int sent = send(kind.apply(origin, data.get()), all, refused);
        String outcome = sent > 0 ? "sent to " + sent : "not sent";
        LOG.info(
                "DMARC report of {} about {}: {} messages, {} {}",
                day,
                domain,
                data.get().messages(),
                outcome,
                refused);
        count(sent > 0 ? "sent" : "refused");
        return Optional.of(refused.isEmpty() ? outcome : outcome + "; " + String.join("; ", refused));
    }

    private int send(Report report, List<Destinations.Destination> all, List<String> refused) throws IOException {
        Letter letter = Letter.with(report, clock.instant());
        int sent = 0;
        for (Destinations.Destination destination : all) {
            switch (destination) {
                case Destinations.Destination.Open open -> {
                    if (letter.size() > open.limit()) {
                        refused.add(open.mailbox() + " takes " + open.limit() + " octets at most");
                    } else {
                        sent++;
                        String id = report.id() + "." + sent;
                        outbox.submit(origin.from(), List.of(open.mailbox()), letter.to(open.mailbox(), id));
                    }
                }
                case Destinations.Destination.Closed closed -> refused.add(closed.uri() + ": " + closed.reason());
                case Destinations.Destination.Unknown unknown -> refused.add(unknown.uri() + ": unknown");
            }
        }
        return sent;
    }

    private void count(String result) {
        Counter.builder("posthouse.dmarc.reports")
                .description("Aggregate reports by what became of them")
                .tag("result", result)
                .register(meters)
                .increment();
    }
}
