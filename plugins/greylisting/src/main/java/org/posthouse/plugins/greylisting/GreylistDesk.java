// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.greylisting;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.posthouse.api.operator.CommandException;
import org.posthouse.api.operator.Table;
import org.posthouse.api.service.SharedState;
import org.posthouse.outside.network.Network;

/** What operators see and do of the greylist; the commands and the page ask here. */
final class GreylistDesk {
    static final String GROUP = "greylist";

    private static final Pattern SPAN = Pattern.compile("(\\d{1,5})([mhd])");
    private static final List<String> COLUMNS = List.of("since", "state", "client", "sender", "recipient");

    private final Greylisting.Config config;
    private final Terms terms;
    private final Memory memory;
    private final Recent recent;
    private final Allowances allowances;
    private final Statistics statistics;
    private final Clock clock;

    GreylistDesk(SharedState state, Greylisting.Config config, Clock clock) {
        this.config = config;
        this.terms = Terms.of(config);
        this.memory = new Memory(state, terms, clock);
        this.recent = new Recent(state, terms.lifetime());
        this.allowances = new Allowances(state, clock);
        this.statistics = new Statistics(state, clock);
        this.clock = clock;
    }

    Table stats() {
        return statistics.table(
                terms.off()
                        ? "Greylisting is off: delay is 0."
                        : "Mail of strangers waits " + terms.delay().toSeconds() + " seconds.");
    }

    /** What is allowed, and the newest triplets and clients in whose row the text stands. */
    Table list(String match) {
        List<List<String>> rows = new ArrayList<>();
        for (Allowance allowance : allowances.entries()) {
            rows.add(List.of("", "allowed until " + shown(allowance.until()), allowance.what(), "", ""));
        }
        for (Recent.Entry entry : recent.entries()) {
            Triplet triplet = entry.triplet();
            boolean client = triplet.recipient().isEmpty();
            rows.add(List.of(
                    shown(entry.at()),
                    client ? state(memory.client(triplet.client())) : state(triplet),
                    triplet.client(),
                    client ? "" : "<" + triplet.sender() + ">",
                    triplet.recipient()));
        }
        String wanted = match.toLowerCase(Locale.ROOT);
        rows.removeIf(row -> row.stream().noneMatch(text -> text.contains(wanted)));
        return rows.isEmpty() ? Table.says("There is nothing to show.") : Table.of(COLUMNS, rows);
    }

    private String state(Client client) {
        return memory.earned(client) ? "need not wait any more" : "forgotten";
    }

    private String state(Triplet triplet) {
        Optional<Instant> passed = memory.passedAt(triplet);
        if (passed.isPresent()) {
            return "passed";
        }
        Optional<Instant> first = memory.waitingSince(triplet);
        if (first.isEmpty()) {
            return "never tried again, or forgotten";
        }
        Instant ready = first.get().plus(terms.delay());
        Instant now = clock.instant();
        return ready.isAfter(now) ? "waits " + Duration.between(now, ready).toSeconds() + " s" : "may pass";
    }

    private static String shown(Instant time) {
        return time.truncatedTo(ChronoUnit.SECONDS).toString();
    }

    /** Spares a client or sender the wait for this long, such as {@code 30m}, {@code 4h} or {@code 90d}. */
    Table allow(String text, String span) throws CommandException {
        Matcher parts = SPAN.matcher(span);
        if (!parts.matches() || parts.group(1).matches("0+")) {
            throw new CommandException("--for: expected a span of time such as 30m, 4h or 90d, not '" + span + "'.");
        }
        ChronoUnit unit = switch (parts.group(2)) {
            case "m" -> ChronoUnit.MINUTES;
            case "h" -> ChronoUnit.HOURS;
            default -> ChronoUnit.DAYS;
        };
        // Whole seconds, so that it reads as it was said; a day of the calendar is 24 hours here.
        Instant until = clock.instant()
                .plus(unit.getDuration().multipliedBy(Long.parseLong(parts.group(1))))
                .truncatedTo(ChronoUnit.SECONDS);
        Allowance allowance = allowance(text, until);
        if (allowances.entries().size() >= Allowances.MOST) {
            throw new CommandException(
                    "There are " + Allowances.MOST
                            + " allowances already; remove one by 'greylist forget', or put some into plugins/greylisting.yaml.");
        }
        allowances.add(allowance);
        return Table.says(allowance.what() + " need not wait until " + until + ".");
    }

    private static Allowance allowance(String text, Instant until) throws CommandException {
        try {
            return Allowance.of(text, until);
        } catch (IllegalArgumentException e) {
            throw new CommandException(
                    "Expected an address, a network, a sender, a domain or *.domain: " + e.getMessage() + ".");
        }
    }

    /** Takes an allowance back, and forgets all that a client did. */
    Table forget(String text) throws CommandException {
        Allowance allowance = allowance(text, clock.instant());
        List<String> said = new ArrayList<>();
        if (allowances.entries().stream().anyMatch(entry -> entry.what().equals(allowance.what()))) {
            allowances.remove(allowance.what());
            said.add(allowance.what() + " is not allowed any more.");
        }
        Optional<String> client = client(allowance);
        client.ifPresent(name -> {
            memory.forget(name);
            said.add(name + " is as unknown as at its first mail.");
        });
        if (said.isEmpty()) {
            throw new CommandException(
                    allowance.what() + " is not allowed, and is no client: that is an address, a network"
                            + " as the list shows it, or a domain.");
        }
        return Table.says(String.join(" ", said));
    }

    /** The name under which a client is remembered: the network around an address, or a domain that passed SPF. */
    private Optional<String> client(Allowance allowance) {
        if (allowance.network().isEmpty()) {
            return allowance.what().matches("[^@*]+") ? Optional.of(allowance.what()) : Optional.empty();
        }
        Network network = allowance.network().get();
        Network around = Greylisting.network(network.base(), config);
        return around.bits() <= network.bits() ? Optional.of(around.toString()) : Optional.empty();
    }
}
