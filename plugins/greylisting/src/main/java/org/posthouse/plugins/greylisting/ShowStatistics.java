// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.greylisting;

import java.time.Clock;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Reference;
import org.posthouse.api.operator.Arguments;
import org.posthouse.api.operator.Command;
import org.posthouse.api.operator.Table;
import org.posthouse.api.service.SharedState;

/** {@code posthouse greylist stats}. */
@Component(configurationPid = "greylisting", configurationPolicy = ConfigurationPolicy.REQUIRE)
public final class ShowStatistics implements Command {
    private final GreylistDesk desk;

    @Activate
    public ShowStatistics(@Reference SharedState state, Greylisting.Config config) {
        this(new GreylistDesk(state, config, Clock.systemUTC()));
    }

    ShowStatistics(GreylistDesk desk) {
        this.desk = desk;
    }

    @Override
    public String group() {
        return GreylistDesk.GROUP;
    }

    @Override
    public String name() {
        return "stats";
    }

    @Override
    public String help() {
        return "Shows how many recipients were deferred, passed and spared.";
    }

    @Override
    public boolean changes() {
        return false;
    }

    @Override
    public Table run(Arguments arguments) {
        return desk.stats();
    }
}
