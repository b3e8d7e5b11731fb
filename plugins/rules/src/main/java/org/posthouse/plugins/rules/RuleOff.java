// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.rules;

import java.time.Clock;
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

/** {@code posthouse rule off}. */
@Component(configurationPid = "rules", configurationPolicy = ConfigurationPolicy.REQUIRE)
public final class RuleOff implements Command {
    private final RuleSwitch rules;

    @Activate
    public RuleOff(@Reference SharedState state, Rules.Config config) {
        this(state, config, Clock.systemUTC());
    }

    RuleOff(SharedState state, Rules.Config config, Clock clock) {
        this.rules = new RuleSwitch(new Shelf(state, clock), ConfiguredRules.parse(config.rules()));
    }

    @Override
    public String group() {
        return RuleSwitch.GROUP;
    }

    @Override
    public String name() {
        return "off";
    }

    @Override
    public String help() {
        return "Switches a rule off, also one of the configuration, until it is switched on.";
    }

    @Override
    public List<Parameter> parameters() {
        return RuleSwitch.ID;
    }

    @Override
    public boolean changes() {
        return true;
    }

    @Override
    public Table run(Arguments arguments) throws CommandException {
        return rules.flip(arguments, false);
    }
}
