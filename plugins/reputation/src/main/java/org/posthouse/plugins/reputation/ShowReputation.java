// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.reputation;

import java.time.Clock;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Reference;
import org.posthouse.api.operator.Arguments;
import org.posthouse.api.operator.Command;
import org.posthouse.api.operator.Table;
import org.posthouse.api.service.SharedState;

/** {@code posthouse reputation show}. */
@Component(configurationPid = Reputation.NAME, configurationPolicy = ConfigurationPolicy.REQUIRE)
public final class ShowReputation implements Command {
    /** The longest list that anybody reads. */
    static final int MOST = 50;

    private static final List<String> COLUMNS = List.of("name", "good", "bad", "share");

    private final Memory memory;
    private final Names names;
    private final int samples;

    @Activate
    public ShowReputation(Reputation.Config config, @Reference SharedState state) {
        this(config, state, Clock.systemUTC());
    }

    ShowReputation(Reputation.Config config, SharedState state, Clock clock) {
        this.memory = new Memory(state, config.entries(), Duration.ofMillis(config.halfLife()), clock);
        this.names = new Names(config.ipv4Bits(), config.ipv6Bits());
        this.samples = config.samples();
    }

    @Override
    public String group() {
        return Reputation.NAME;
    }

    @Override
    public String name() {
        return "show";
    }

    @Override
    public String help() {
        return "Shows how an address or a domain behaved, or the worst of those that are well enough known.";
    }

    @Override
    public List<Parameter> parameters() {
        return List.of(Parameter.optional("of", "An address, a network or a domain."));
    }

    @Override
    public boolean changes() {
        return false;
    }

    @Override
    public Table run(Arguments arguments) {
        if (arguments.optional("of").isPresent()) {
            String name = names.meant(arguments.text("of"));
            Standing standing = memory.of(name);
            return standing.samples() == 0
                    ? Table.says("Nothing is known of " + name + ".")
                    : Table.of(COLUMNS, List.of(row(name, standing)));
        }
        Map<String, Standing> all = memory.all();
        List<List<String>> worst = all.entrySet().stream()
                .filter(entry -> entry.getValue().samples() >= samples)
                .sorted(Comparator.comparingDouble((Map.Entry<String, Standing> entry) ->
                                entry.getValue().value())
                        .thenComparing(Map.Entry::getKey))
                .limit(MOST)
                .map(entry -> row(entry.getKey(), entry.getValue()))
                .toList();
        String note = all.size() + " networks and domains are remembered.";
        return worst.isEmpty()
                ? Table.says(note + " Of none of them enough is known.")
                : new Table(note + " The worst of those that are known well enough:", COLUMNS, worst);
    }

    private static List<String> row(String name, Standing standing) {
        return List.of(name, number(standing.good()), number(standing.bad()), number(standing.value()));
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, "%.2f", value);
    }
}
