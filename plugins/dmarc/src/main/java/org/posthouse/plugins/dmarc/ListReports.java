// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.dmarc;

import java.time.Clock;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Reference;
import org.posthouse.api.operator.Arguments;
import org.posthouse.api.operator.Command;
import org.posthouse.api.operator.CommandException;
import org.posthouse.api.operator.Table;
import org.posthouse.api.service.SharedState;

/** {@code posthouse dmarc reports}. */
@Component(configurationPid = "dmarc", configurationPolicy = ConfigurationPolicy.REQUIRE)
public final class ListReports implements Command {
    private static final int DAYS = 3;

    /** A table is for people; what is left out is said. */
    private static final int MOST = 500;

    private final Ledger ledger;
    private final Clock clock;
    private final String mode;

    @Activate
    public ListReports(Dmarc.Config config, @Reference SharedState state) {
        this(config, state, Clock.systemUTC());
    }

    ListReports(Dmarc.Config config, SharedState state, Clock clock) {
        this.ledger = new Ledger(state, config.reportRows());
        this.clock = clock;
        this.mode = config.reports();
    }

    @Override
    public String group() {
        return "dmarc";
    }

    @Override
    public String name() {
        return "reports";
    }

    @Override
    public String help() {
        return "Lists what was collected for aggregate reports, and what became of them.";
    }

    @Override
    public List<Parameter> parameters() {
        return List.of(Parameter.optional("day", "One day of UTC, such as 2027-01-31; without it the last three."));
    }

    @Override
    public boolean changes() {
        return false;
    }

    @Override
    public Table run(Arguments arguments) throws CommandException {
        List<List<String>> rows = new ArrayList<>();
        int left = 0;
        for (LocalDate day : days(arguments.optional("day"))) {
            for (String domain : ledger.domains(day)) {
                if (rows.size() < MOST) {
                    rows.add(row(day, domain));
                } else {
                    left++;
                }
            }
        }
        String note = "Reports: " + mode + (left > 0 ? "; " + left + " domains more" : "");
        return new Table(note, List.of("day", "domain", "messages", "passed", "rows", "report"), rows);
    }

    /** A day as an operator writes it. */
    static LocalDate day(String text) throws CommandException {
        try {
            return LocalDate.parse(text);
        } catch (DateTimeParseException e) {
            throw new CommandException("Not a day such as 2027-01-31: " + text);
        }
    }

    private List<LocalDate> days(Optional<String> day) throws CommandException {
        if (day.isPresent()) {
            return List.of(day(day.get()));
        }
        LocalDate today = LocalDate.ofInstant(clock.instant(), ZoneOffset.UTC);
        List<LocalDate> days = new ArrayList<>();
        for (int ago = 0; ago < DAYS; ago++) {
            days.add(today.minusDays(ago));
        }
        return days;
    }

    private List<String> row(LocalDate day, String domain) {
        Optional<Ledger.Collected> collected = ledger.read(day, domain);
        List<Ledger.Counted> counted = collected.map(Ledger.Collected::rows).orElse(List.of());
        long passed = counted.stream()
                .filter(one -> one.row().dkimAligned() || one.row().spfAligned())
                .mapToLong(Ledger.Counted::count)
                .sum();
        return List.of(
                day.toString(),
                domain,
                String.valueOf(collected.map(Ledger.Collected::messages).orElse(0L)),
                String.valueOf(passed),
                String.valueOf(counted.size()),
                ledger.outcome(day, domain).orElse(""));
    }
}
