// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.dmarc;

import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.time.Clock;
import java.time.LocalDate;
import java.time.ZoneOffset;
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
import org.posthouse.api.service.Dns;
import org.posthouse.api.service.Outbox;
import org.posthouse.api.service.SharedState;
import org.posthouse.mailauth.domain.DomainName;

/** {@code posthouse dmarc send}. */
@Component(configurationPid = "dmarc", configurationPolicy = ConfigurationPolicy.REQUIRE)
public final class SendReport implements Command {
    private final Optional<Reporter> reporter;
    private final Clock clock;

    @Activate
    public SendReport(
            Dmarc.Config config,
            @Reference Dns dns,
            @Reference SharedState state,
            @Reference Outbox outbox,
            @Reference MeterRegistry meters) {
        this(config, dns, state, outbox, meters, Clock.systemUTC());
    }

    SendReport(Dmarc.Config config, Dns dns, SharedState state, Outbox outbox, MeterRegistry meters, Clock clock) {
        Ledger ledger = new Ledger(state, config.reportRows());
        this.reporter = Origin.of(config.reportOrganisation(), config.reportFrom(), config.reportContact())
                .map(origin -> new Reporter(ledger, Dmarc.discovery(config), dns, outbox, origin, clock, meters));
        this.clock = clock;
    }

    @Override
    public String group() {
        return "dmarc";
    }

    @Override
    public String name() {
        return "send";
    }

    @Override
    public String help() {
        return "Sends the aggregate report about a domain now.";
    }

    @Override
    public List<Parameter> parameters() {
        return List.of(
                Parameter.required("domain", "The domain whose record asks for reports."),
                Parameter.optional(
                        "day",
                        "A day of UTC, such as 2027-01-31; without it today so far, which is told again when it is over."));
    }

    @Override
    public boolean changes() {
        return true;
    }

    @Override
    public Table run(Arguments arguments) throws CommandException {
        Reporter sender =
                reporter.orElseThrow(() -> new CommandException("reportFrom is no address, so nothing is sent"));
        String domain = DomainName.ascii(arguments.text("domain").strip())
                .orElseThrow(() -> new CommandException("Not a domain: " + arguments.text("domain")));
        Optional<String> named = arguments.optional("day");
        LocalDate day =
                named.isPresent() ? ListReports.day(named.get()) : LocalDate.ofInstant(clock.instant(), ZoneOffset.UTC);
        try {
            String outcome = sender.send(day, domain)
                    .orElseThrow(() -> new CommandException("DNS does not tell now who gets reports about " + domain));
            return Table.says("Report of " + day + " about " + domain + ": " + outcome);
        } catch (IOException e) {
            throw new CommandException("The report can not be kept in the queue: " + e.getMessage());
        }
    }
}
