// SPDX-License-Identifier: Apache-2.0
package org.posthouse.pipeline.spi;

import java.util.List;
import org.posthouse.api.Stage;

/** What the operator does with plugins, and sees of the pipeline. */
public interface Plugins {
    /** Every plugin known: dropped in, expected, or both. */
    List<Plugin> list();

    /** The hooks of every stage in the order in which they are asked. */
    List<HookLine> order();

    /**
     * The plugin's hooks are not asked and not expected any more; its jar stays.
     *
     * @throws PluginException when there is no such plugin
     */
    void disable(String plugin) throws PluginException;

    /** The plugin is asked again. */
    void enable(String plugin) throws PluginException;

    /** The plugin is forgotten: its jar is deleted from the plugins folder and its hooks are expected no more. */
    void remove(String plugin) throws PluginException;

    /** What could not be done, and why. */
    final class PluginException extends Exception {
        private static final long serialVersionUID = 1L;

        public PluginException(String message) {
            super(message);
        }
    }

    /**
     * A plugin.
     *
     * @param name its name: symbolic name of the bundle, PID and configuration file
     * @param version the version of the jar, or empty when the jar is not there
     * @param state {@code active}, {@code waiting} (no configuration yet), {@code missing}, {@code disabled}, {@code failed}
     * @param generation the generation in force, such as {@code 3@1a2b3c4d}, or empty
     * @param detail what the operator should know or do, or empty
     * @param hooks the names of its hooks
     */
    record Plugin(String name, String version, String state, String generation, String detail, List<String> hooks) {
        public Plugin {
            hooks = List.copyOf(hooks);
        }
    }

    /**
     * A hook in its place.
     *
     * @param stage the stage
     * @param position from 1
     * @param hook its name
     * @param plugin the plugin it belongs to
     * @param version its version
     * @param generation its generation
     * @param mode {@code enforce}, {@code off}, {@code missing}
     * @param timeoutMillis its budget
     * @param onFailure what happens when it fails
     * @param calls how often it was asked
     * @param failures how often it failed
     * @param meanMicros mean time of an answer
     * @param abandoned threads that were overdue and still run
     */
    record HookLine(
            Stage stage,
            int position,
            String hook,
            String plugin,
            String version,
            String generation,
            String mode,
            long timeoutMillis,
            String onFailure,
            long calls,
            long failures,
            double meanMicros,
            int abandoned) {}
}
