// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.rules;

import java.time.Clock;
import java.util.List;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Reference;
import org.posthouse.api.operator.Page;
import org.posthouse.api.service.SharedState;

/** The tab of the console that shows all rules. */
@Component(configurationPid = "rules", configurationPolicy = ConfigurationPolicy.REQUIRE)
public final class RulesPage implements Page {
    private final Listing listing;

    @Activate
    public RulesPage(@Reference SharedState state, Rules.Config config) {
        Clock clock = Clock.systemUTC();
        this.listing = new Listing(new Shelf(state, clock), ConfiguredRules.parse(config.rules()), clock);
    }

    @Override
    public String group() {
        return RuleSwitch.GROUP;
    }

    @Override
    public String title() {
        return "Rules";
    }

    @Override
    public List<Section> show() {
        return List.of(new Section("In the order in which they are asked", listing.table()));
    }
}
