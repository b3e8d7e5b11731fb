// SPDX-License-Identifier: Apache-2.0
package org.posthouse.state;

import org.osgi.service.component.ComponentContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ServiceScope;
import org.posthouse.api.service.SharedState;

/** The state of one bundle; nothing of the bundle but its name is kept. */
@Component(service = SharedState.class, scope = ServiceScope.BUNDLE)
public final class PluginState implements SharedState {
    private final StateHouse house;
    private final String owner;

    @Activate
    public PluginState(@Reference StateHouse house, ComponentContext context) {
        this(house, StateHouse.owner(context));
    }

    PluginState(StateHouse house, String owner) {
        this.house = house;
        this.owner = owner;
    }

    @Override
    public <V> Table<V> table(String name, Class<V> type) {
        return new CellTable<>(new Space(house, Space.Kind.TABLE, owner, name), type);
    }

    @Override
    public Counters counters(String name) {
        return new CellCounters(new Space(house, Space.Kind.COUNTERS, owner, name));
    }
}
