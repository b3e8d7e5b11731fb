// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.dmarc;

import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Reference;
import org.posthouse.api.operator.Arguments;
import org.posthouse.api.operator.Command;
import org.posthouse.api.operator.CommandException;
import org.posthouse.api.operator.Table;
import org.posthouse.api.service.Dns;
import org.posthouse.mailauth.domain.DomainName;
import org.posthouse.plugins.dmarc.Discovery.Applicable;
import org.posthouse.plugins.dmarc.Discovery.Applicable.Published;

/** {@code posthouse dmarc check DOMAIN}. */
@Component(configurationPid = "dmarc", configurationPolicy = ConfigurationPolicy.REQUIRE)
public final class CheckDomain implements Command {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final Dns dns;
    private final Discovery discovery;
    private final Actions actions;
    private final Clock clock;

    @Activate
    public CheckDomain(Dmarc.Config config, @Reference Dns dns) {
        this(config, dns, Clock.systemUTC());
    }

    CheckDomain(Dmarc.Config config, Dns dns, Clock clock) {
        this.dns = dns;
        this.discovery = Dmarc.discovery(config);
        this.actions = new Actions(config.action(), config.overrides());
        this.clock = clock;
    }

    @Override
    public String group() {
        return "dmarc";
    }

    @Override
    public String name() {
        return "check";
    }

    @Override
    public String help() {
        return "Shows the DMARC record and the policy of a domain as DNS tells them now.";
    }

    @Override
    public List<Parameter> parameters() {
        return List.of(Parameter.required("domain", "The domain of an author."));
    }

    @Override
    public boolean changes() {
        return false;
    }

    @Override
    public Table run(Arguments arguments) throws CommandException {
        String domain = DomainName.ascii(arguments.text("domain").strip())
                .orElseThrow(() -> new CommandException("Not a domain: " + arguments.text("domain")));
        Lookups lookups = new Lookups(dns, clock, PATIENCE);
        return switch (discovery.policy(domain, lookups)) {
            case Applicable.Unknown unknown ->
                throw new CommandException("DNS does not tell the policy of " + domain + " now");
            case Applicable.Nothing nothing ->
                Table.says(
                        "No policy applies to " + domain + (nothing.reason().isEmpty() ? "" : ": " + nothing.reason()));
            case Published published -> new Table("", List.of("what", "is"), rows(domain, published, lookups));
        };
    }

    private List<List<String>> rows(String domain, Published published, Lookups lookups) {
        PolicyRecord record = published.record();
        boolean sub = !domain.equals(published.domain());
        List<List<String>> rows = new ArrayList<>();
        rows.add(List.of("record at", "_dmarc." + published.domain()));
        rows.add(List.of("record", printable(record.text())));
        rows.add(List.of("organisation", discovery.organisation(domain, lookups).orElse("DNS does not tell")));
        rows.add(List.of("policy", policy(domain, sub, record, lookups)));
        rows.add(List.of("alignment", "dkim " + mode(record.strictDkim()) + ", spf " + mode(record.strictSpf())));
        rows.add(List.of("action here", actions.of(domain).word()));
        record.faults().forEach(fault -> rows.add(List.of("fault", fault)));
        for (Destinations.Destination one : new Destinations(dns, discovery).of(published.domain(), record, lookups)) {
            rows.add(List.of("reports", destination(one)));
        }
        return rows;
    }

    private static String policy(String domain, boolean sub, PolicyRecord record, Lookups lookups) {
        boolean exists = !sub || record.np().isEmpty() || lookups.exists(domain).orElse(true);
        String word = record.of(sub, exists).word();
        String existing = exists ? "" : ", the domain does not exist";
        String testing = record.testing() ? ", only tested (t=y)" : "";
        String sampled = record.percent() < 100 ? ", pct=" + record.percent() : "";
        return word + existing + testing + sampled;
    }

    private static String mode(boolean strict) {
        return strict ? "strict" : "relaxed";
    }

    private static String destination(Destinations.Destination destination) {
        return switch (destination) {
            case Destinations.Destination.Open open -> open.mailbox() + limit(open.limit());
            case Destinations.Destination.Closed closed -> "none to " + closed.uri() + ": " + closed.reason();
            case Destinations.Destination.Unknown unknown -> "DNS does not tell whether " + unknown.uri() + " agreed";
        };
    }

    private static String limit(long octets) {
        return octets == Long.MAX_VALUE ? "" : ", up to " + octets + " octets";
    }

    private static String printable(String text) {
        return text.replaceAll("[^\\x20-\\x7e]", "?");
    }
}
