// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.greylisting;

import java.time.Clock;
import java.util.List;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Reference;
import org.posthouse.api.operator.Page;
import org.posthouse.api.service.SharedState;

/** The tab of the console that shows the greylist. */
@Component(configurationPid = "greylisting", configurationPolicy = ConfigurationPolicy.REQUIRE)
public final class GreylistPage implements Page {
    private final GreylistDesk desk;

    @Activate
    public GreylistPage(@Reference SharedState state, Greylisting.Config config) {
        this.desk = new GreylistDesk(state, config, Clock.systemUTC());
    }

    @Override
    public String group() {
        return GreylistDesk.GROUP;
    }

    @Override
    public String title() {
        return "Greylist";
    }

    @Override
    public List<Section> show() {
        return List.of(
                new Section("How recipients came out", desk.stats()),
                new Section("The newest triplets", desk.list("")));
    }
}
