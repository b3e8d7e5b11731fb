// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.reputation;

import java.time.Clock;
import java.time.Duration;
import java.util.List;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Reference;
import org.posthouse.api.operator.Arguments;
import org.posthouse.api.operator.Command;
import org.posthouse.api.operator.CommandException;
import org.posthouse.api.operator.Table;
import org.posthouse.api.service.SharedState;

/** {@code posthouse reputation forget NAME}. */
@Component(configurationPid = Reputation.NAME, configurationPolicy = ConfigurationPolicy.REQUIRE)
public final class ForgetReputation implements Command {
    private final Memory memory;
    private final Names names;

    @Activate
    public ForgetReputation(Reputation.Config config, @Reference SharedState state) {
        this(config, state, Clock.systemUTC());
    }

    ForgetReputation(Reputation.Config config, SharedState state, Clock clock) {
        this.memory = new Memory(state, config.entries(), Duration.ofMillis(config.halfLife()), clock);
        this.names = new Names(config.ipv4Bits(), config.ipv6Bits());
    }

    @Override
    public String group() {
        return Reputation.NAME;
    }

    @Override
    public String name() {
        return "forget";
    }

    @Override
    public String help() {
        return "Forgets how an address or a domain behaved.";
    }

    @Override
    public List<Parameter> parameters() {
        return List.of(Parameter.required("name", "An address, a network or a domain."));
    }

    @Override
    public boolean changes() {
        return true;
    }

    @Override
    public Table run(Arguments arguments) throws CommandException {
        String name = names.meant(arguments.text("name"));
        if (!memory.forget(name)) {
            throw new CommandException("Nothing is known of " + name + ".");
        }
        return Table.says("Nothing is known of " + name + " any more.");
    }
}
