// SPDX-License-Identifier: Apache-2.0
package org.posthouse.pipeline.house;

import java.io.IOException;
import java.nio.file.Path;

/**
 * What the house remembers over a restart.
 *
 * @param expected the plugins that served once, with their hooks
 * @param disabled the plugins that the operator switched off
 * @param canaries the plugins whose newest version judges a share of the sessions only
 * @param vigils the new versions that are watched
 * @param kept the jars that serve and those before them
 */
record Books(ExpectedHooks expected, DurableNames disabled, DurableNames canaries, Vigils vigils, KeptJars kept) {
    /**
     * Opens them.
     *
     * @throws IOException when one can not be read
     */
    static Books open(Path state) throws IOException {
        return new Books(
                ExpectedHooks.open(state.resolve("expected-hooks")),
                new DurableNames(state.resolve("disabled-plugins")),
                new DurableNames(state.resolve("canary-plugins")),
                new Vigils(state.resolve("watched-plugins")),
                new KeptJars(state));
    }

    /** The plugin is forgotten. */
    void forget(String plugin) throws IOException {
        expected.leave(plugin);
        disabled.set(plugin, false);
        canaries.set(plugin, false);
        kept.forget(plugin);
    }
}
