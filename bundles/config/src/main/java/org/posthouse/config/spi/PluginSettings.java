// SPDX-License-Identifier: Apache-2.0
package org.posthouse.config.spi;

import java.util.Dictionary;
import java.util.List;
import java.util.Set;
import org.osgi.framework.Bundle;

/**
 * The configuration of plugins: {@code plugins/<name>.yaml}, checked against the metatype inside the plugin's bundle.
 *
 * <p>Plugins' values do not reach ConfigurationAdmin by the configuration bundle but by the pipeline, which binds them to
 * the generation they belong to.
 */
public interface PluginSettings {
    /** The names of plugins for which a file or section exists. */
    Set<String> names();

    /** Checks the values of a plugin against the metatype of this bundle and fills in the defaults. */
    Checked check(String plugin, Bundle bundle);

    /** Checks other values for a plugin, given as the text of a YAML file, in the same way; nothing is kept of them. */
    Checked check(String plugin, Bundle bundle, String yaml);

    /** Calls back, on a thread of the configuration bundle, with the names whose values changed, appeared or vanished. */
    AutoCloseable onChange(Listener listener);

    /** Hears of changes. */
    @FunctionalInterface
    interface Listener {
        /** The values of these plugins changed. */
        void changed(Set<String> plugins);
    }

    /** What a check found. */
    sealed interface Checked {
        /** There is no configuration for this plugin. */
        record Absent() implements Checked {}

        /** The values, converted, defaults filled in. */
        record Valid(Dictionary<String, Object> values) implements Checked {}

        /** All that is wrong, one readable line each: file, key, what was expected, nearest known key. */
        record Refused(List<String> findings) implements Checked {
            public Refused {
                findings = List.copyOf(findings);
            }
        }
    }
}
