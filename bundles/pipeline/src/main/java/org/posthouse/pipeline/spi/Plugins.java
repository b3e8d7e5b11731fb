// SPDX-License-Identifier: Apache-2.0
package org.posthouse.pipeline.spi;

import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
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

    /**
     * What a jar is, before anything of it is installed: nothing of it runs.
     *
     * @throws PluginException when it is no plugin, not whole, or not signed as it must be
     */
    Profile inspect(Path jar) throws PluginException;

    /**
     * Copies a jar into the plugins folder, under the name of its plugin, and waits until it serves or is refused.
     *
     * @return the plugin as it is then
     * @throws PluginException when it was refused; what was in force stays, and nothing is left in the folder
     */
    Plugin install(Path jar) throws PluginException;

    /** What is known of a plugin: declarations, use of the machine, generations. */
    Profile show(String plugin) throws PluginException;

    /** Puts the jar that served before the one in force back; that one is kept for the next rollback. */
    Plugin rollback(String plugin) throws PluginException;

    /** Whether a jar is kept that a rollback would put back. */
    boolean hasPrevious(String plugin);

    /**
     * What keeps plugins from serving with jar and configuration as they are now, by their names, once everything that was
     * changed before is done.
     */
    Map<String, String> troubles() throws PluginException;

    /** Why the server itself put the jar before back the last time since its start; empty when it did not. */
    String withdrawn(String plugin) throws PluginException;

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
     * @param mode {@code enforce}, {@code shadow}, {@code off}, {@code missing}
     * @param share the percent of sessions this generation judges
     * @param breaker {@code closed}, {@code open}, {@code half-open}; {@code none} where it has none
     * @param running how often it is being asked now
     * @param maxConcurrent how often it may be asked at once; 0 for any number
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
            int share,
            String breaker,
            int running,
            int maxConcurrent,
            long timeoutMillis,
            String onFailure,
            long calls,
            long failures,
            double meanMicros,
            int abandoned) {}

    /**
     * What a plugin is made of and what it may do.
     *
     * @param name its name
     * @param version the version of the jar
     * @param hash SHA-256 of the jar
     * @param signer the subject of the certificate that signed it, or empty
     * @param hooks what its hooks declare
     * @param services the other services of the API that it provides, by the simple names of their interfaces
     * @param uses what its byte code uses beyond the API: {@code network}, {@code files}, {@code processes}, {@code exit},
     *     {@code reflection}, {@code native}, each with the classes that do; {@code unreadable}, with the classes that could
     *     not be looked into; and {@code undeclared}, with sentences on where this contradicts what its hooks declare
     * @param generations the generations that stand, newest first; none for a jar that is only looked at
     */
    record Profile(
            String name,
            String version,
            String hash,
            String signer,
            List<Declared> hooks,
            List<String> services,
            Map<String, List<String>> uses,
            List<Standing> generations) {
        public Profile {
            hooks = List.copyOf(hooks);
            services = List.copyOf(services);
            uses = Map.copyOf(uses);
            generations = List.copyOf(generations);
        }
    }

    /** What a hook declares at one stage. */
    record Declared(
            String hook,
            Stage stage,
            List<String> needs,
            List<String> after,
            List<String> before,
            long timeoutMillis,
            String onFailure) {
        public Declared {
            needs = List.copyOf(needs);
            after = List.copyOf(after);
            before = List.copyOf(before);
        }
    }

    /**
     * A generation of a plugin.
     *
     * @param label number and start of the jar's hash
     * @param version the version of its jar
     * @param role {@code in force}, {@code canary}, {@code watched} (in force, and rolled back if it does badly), {@code
     *     draining}, {@code previous} (its jar is kept for a rollback)
     * @param share the percent of sessions it judges
     * @param since when it began to serve
     * @param calls how often its hooks were asked
     * @param failures how often they failed
     * @param meanMicros mean time of an answer
     */
    record Standing(
            String label,
            String version,
            String role,
            int share,
            Instant since,
            long calls,
            long failures,
            double meanMicros) {}
}
