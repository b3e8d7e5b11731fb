// SPDX-License-Identifier: Apache-2.0
package org.posthouse.pipeline.house;

import java.util.Dictionary;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.posthouse.config.spi.PluginSettings;
import org.posthouse.pipeline.HookSpec;

/**
 * Where bundles of plugins stand: all that the plugin house asks of the OSGi framework. Used by one thread, but for
 * {@link #lodge}, which others may call meanwhile.
 */
interface Yard {
    /** A jar that is installed. */
    interface Lodging {
        /** What it is. */
        PluginJar jar();
    }

    /** Installs the jar beside whatever else is there, and resolves it; nothing of it runs yet. */
    Lodging lodge(PluginJar jar) throws HouseException;

    /** Whether a plugin of this name has a configuration, right or wrong. */
    boolean configured(String plugin);

    /** The plugin's configuration, checked against the metatype inside the jar. */
    PluginSettings.Checked settings(Lodging lodging);

    /** Other settings of the plugin, as YAML, checked in the same way. */
    PluginSettings.Checked settings(Lodging lodging, String yaml);

    /**
     * Starts a generation and waits until all its services serve.
     *
     * @param lodging the jar
     * @param number the number of the generation
     * @param values its configuration; null for none
     * @return the hook services
     * @throws HouseException when it does not serve in time; what was begun is undone by {@link #retire}
     */
    Map<HookSpec, Object> serve(Lodging lodging, int number, @Nullable Dictionary<String, Object> values)
            throws HouseException;

    /** Whether all services of a generation still stand; somebody may have stopped its bundle behind our back. */
    boolean stands(Lodging lodging, int number);

    /** Calls back, on any thread, when a service of some plugin has gone. */
    void onLoss(Runnable listener);

    /** Ends a generation: services are let go, its configuration is deleted. */
    void retire(Lodging lodging, int number);

    /** Uninstalls a jar none of whose generations serves any more. */
    void evict(Lodging lodging);
}
