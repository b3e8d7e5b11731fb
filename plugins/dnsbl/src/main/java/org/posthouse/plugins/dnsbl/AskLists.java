// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.dnsbl;

import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Reference;
import org.posthouse.api.operator.Arguments;
import org.posthouse.api.operator.Command;
import org.posthouse.api.operator.CommandException;
import org.posthouse.api.operator.Table;
import org.posthouse.api.service.Dns;
import org.posthouse.outside.network.Network;

/** {@code posthouse dnsbl ask SUBJECT}. */
@Component(configurationPid = "dnsbl", configurationPolicy = ConfigurationPolicy.REQUIRE)
public final class AskLists implements Command {
    private final Dnsbl.Config config;
    private final Dns dns;

    @Activate
    public AskLists(Dnsbl.Config config, @Reference Dns dns) {
        this.config = config;
        this.dns = dns;
    }

    @Override
    public String group() {
        return "dnsbl";
    }

    @Override
    public String name() {
        return "ask";
    }

    @Override
    public String help() {
        return "Asks all lists about an address or a domain, and shows what each of them answers.";
    }

    @Override
    public List<Parameter> parameters() {
        return List.of(Parameter.required("subject", "An IP address or a domain."));
    }

    @Override
    public boolean changes() {
        return false;
    }

    @Override
    public Table run(Arguments arguments) throws CommandException {
        String text = arguments.text("subject").toLowerCase(Locale.ROOT);
        boolean domain = Subject.isDomain(text);
        Subject subject = domain ? Subject.of(text) : Subject.of(address(text));
        // Questions of the operator are no traffic: they count nowhere, and no list rests because of them.
        Panel panel = Panel.of(
                domain ? config.domainLists() : config.lists(),
                Duration.ofMillis(config.timeout()),
                Duration.ofMillis(config.rest()),
                dns,
                System::nanoTime,
                word -> {});
        if (panel.isEmpty()) {
            return Table.says("There are no lists of " + (domain ? "domains." : "addresses."));
        }
        Findings found = new Findings(panel.ask(List.of(subject)));
        List<List<String>> rows = new ArrayList<>();
        for (Word word : found.words()) {
            rows.add(List.of(
                    word.list().zone(),
                    word.outcome().word(),
                    String.valueOf(word.points()),
                    word.detail(),
                    word.listed() ? Judge.clean(panel.text(word)) : ""));
        }
        return new Table(
                String.format(Locale.ROOT, "The sum is %.2f.", found.sum()),
                List.of("list", "outcome", "points", "answer", "text"),
                rows);
    }

    private static InetAddress address(String text) throws CommandException {
        try {
            return Network.literal(text);
        } catch (IllegalArgumentException e) {
            throw new CommandException(text + " is neither an IP address nor a domain.");
        }
    }
}
