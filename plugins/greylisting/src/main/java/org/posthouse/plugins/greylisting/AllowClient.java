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

/** {@code posthouse greylist allow}. */
@Component(configurationPid = "greylisting", configurationPolicy = ConfigurationPolicy.REQUIRE)
public final class AllowClient implements Command {
    private final GreylistDesk desk;

    @Activate
    public AllowClient(@Reference SharedState state, Greylisting.Config config) {
        this(new GreylistDesk(state, config, Clock.systemUTC()));
    }

    AllowClient(GreylistDesk desk) {
        this.desk = desk;
    }

    @Override
    public String group() {
        return GreylistDesk.GROUP;
    }

    @Override
    public String name() {
        return "allow";
    }

    @Override
    public String help() {
        return "Spares a client or a sender the wait.";
    }

    @Override
    public List<Parameter> parameters() {
        return List.of(
                Parameter.required("who", "An address or network of clients, or a sender, a domain or *.domain."),
                Parameter.optional("for", "How long, such as 30m, 4h or 90d; without it 365d."));
    }

    @Override
    public boolean changes() {
        return true;
    }

    @Override
    public Table run(Arguments arguments) throws CommandException {
        return desk.allow(arguments.text("who"), arguments.optional("for").orElse("365d"));
    }
}
