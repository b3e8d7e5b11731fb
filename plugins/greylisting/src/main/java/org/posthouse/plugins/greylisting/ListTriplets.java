// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.greylisting;

import java.time.Clock;
import java.util.List;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Reference;
import org.posthouse.api.operator.Arguments;
import org.posthouse.api.operator.Command;
import org.posthouse.api.operator.Table;
import org.posthouse.api.service.SharedState;

/** {@code posthouse greylist list}. */
@Component(configurationPid = "greylisting", configurationPolicy = ConfigurationPolicy.REQUIRE)
public final class ListTriplets implements Command {
    private final GreylistDesk desk;

    @Activate
    public ListTriplets(@Reference SharedState state, Greylisting.Config config) {
        this(new GreylistDesk(state, config, Clock.systemUTC()));
    }

    ListTriplets(GreylistDesk desk) {
        this.desk = desk;
    }

    @Override
    public String group() {
        return GreylistDesk.GROUP;
    }

    @Override
    public String name() {
        return "list";
    }

    @Override
    public String help() {
        return "Shows what is allowed, and the newest triplets with their state.";
    }

    @Override
    public List<Parameter> parameters() {
        return List.of(Parameter.optional("match", "Only rows in which this text stands."));
    }

    @Override
    public boolean changes() {
        return false;
    }

    @Override
    public Table run(Arguments arguments) {
        return desk.list(arguments.optional("match").orElse(""));
    }
}
