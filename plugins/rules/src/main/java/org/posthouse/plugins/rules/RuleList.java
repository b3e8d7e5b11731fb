// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.rules;

import java.time.Clock;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Reference;
import org.posthouse.api.operator.Arguments;
import org.posthouse.api.operator.Command;
import org.posthouse.api.operator.Table;
import org.posthouse.api.service.SharedState;

/** {@code posthouse rule list}. */
@Component(configurationPid = "rules", configurationPolicy = ConfigurationPolicy.REQUIRE)
public final class RuleList implements Command {
    private final Listing listing;

    @Activate
    public RuleList(@Reference SharedState state, Rules.Config config) {
        this(state, config, Clock.systemUTC());
    }

    RuleList(SharedState state, Rules.Config config, Clock clock) {
        this.listing = new Listing(new Shelf(state, clock), ConfiguredRules.parse(config.rules()), clock);
    }

    @Override
    public String group() {
        return RuleSwitch.GROUP;
    }

    @Override
    public String name() {
        return "list";
    }

    @Override
    public String help() {
        return "Shows all rules in the order in which they are asked, with their hits.";
    }

    @Override
    public boolean changes() {
        return false;
    }

    @Override
    public Table run(Arguments arguments) {
        return listing.table();
    }
}
