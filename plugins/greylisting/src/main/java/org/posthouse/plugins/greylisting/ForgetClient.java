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
import org.posthouse.api.operator.CommandException;
import org.posthouse.api.operator.Table;
import org.posthouse.api.service.SharedState;

/** {@code posthouse greylist forget}. */
@Component(configurationPid = "greylisting", configurationPolicy = ConfigurationPolicy.REQUIRE)
public final class ForgetClient implements Command {
    private final GreylistDesk desk;

    @Activate
    public ForgetClient(@Reference SharedState state, Greylisting.Config config) {
        this(new GreylistDesk(state, config, Clock.systemUTC()));
    }

    ForgetClient(GreylistDesk desk) {
        this.desk = desk;
    }

    @Override
    public String group() {
        return GreylistDesk.GROUP;
    }

    @Override
    public String name() {
        return "forget";
    }

    @Override
    public String help() {
        return "Forgets all that a client did, and that it or a sender was allowed.";
    }

    @Override
    public List<Parameter> parameters() {
        return List.of(Parameter.required(
                "who", "As it was allowed; or an address, a network or a domain as the list shows it."));
    }

    @Override
    public boolean changes() {
        return true;
    }

    @Override
    public Table run(Arguments arguments) throws CommandException {
        return desk.forget(arguments.text("who"));
    }
}
