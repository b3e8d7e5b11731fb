// SPDX-License-Identifier: Apache-2.0
package org.posthouse.pipeline.house;

import org.jspecify.annotations.Nullable;
import org.posthouse.api.Event;
import org.posthouse.telemetry.spi.EventSink;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells log, events and meters what happens to plugins. */
final class Herald {
    private static final Logger LOG = LoggerFactory.getLogger(Herald.class);

    private final EventSink events;
    private final HouseMeters meters;

    Herald(EventSink events, HouseMeters meters) {
        this.events = events;
        this.meters = meters;
    }

    /** An event of the plugin. */
    void tell(String plugin, String what, String detail) {
        events.publish(Event.of(Event.Type.PLUGIN)
                .with("plugin", plugin)
                .with("action", what)
                .with("detail", detail)
                .build());
    }

    /** A generation serves; {@code before} is the one whose place it took. */
    void serves(Tenancy next, @Nullable Tenancy before) {
        String plugin = next.jar().name();
        String label = next.generation().label();
        LOG.info(
                "Plugin {} {} serves{}",
                next.generation(),
                next.jar().version(),
                before == null ? "" : ", before: " + before.generation().label());
        tell(plugin, before == null ? "active" : "swapped", label);
        if (before != null) {
            meters.swapped(plugin);
        }
    }

    /** A plugin that serves no more, or not yet, and whether that was to be expected. */
    void absent(Resident resident, String why, boolean expected) {
        if (!expected) {
            resident.is(Resident.State.WAITING, why);
            LOG.info("Plugin {} is waiting: {}", resident.name, why);
            return;
        }
        String accept = "; its hooks answer with their failure verdict. Put it back, or accept the loss with: posthouse"
                + " plugin remove " + resident.name;
        resident.is(Resident.State.MISSING, why + accept);
        LOG.warn("Plugin {} is missing: {}{}", resident.name, why, accept);
        tell(resident.name, "missing", why);
    }

    /** The jar before was put back. */
    void rolledBack(String plugin, boolean byItself, String measure) {
        meters.rolledBack(plugin, byItself);
        tell(plugin, "rolled back", measure);
    }
}
