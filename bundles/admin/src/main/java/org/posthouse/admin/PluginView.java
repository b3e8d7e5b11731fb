// SPDX-License-Identifier: Apache-2.0
package org.posthouse.admin;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.posthouse.pipeline.spi.Plugins;

/** What the API shows of a plugin. */
final class PluginView {
    private PluginView() {}

    /** A plugin that is known: its place in the list, and what it is made of. */
    record Known(
            String name,
            String version,
            String state,
            String generation,
            String detail,
            String hash,
            String signer,
            List<Declared> hooks,
            List<String> services,
            Map<String, List<String>> uses,
            List<Standing> generations,
            String withdrawn) {
        static Known of(Plugins.Plugin plugin, Profile profile, String withdrawn) {
            return new Known(
                    plugin.name(),
                    plugin.version(),
                    plugin.state(),
                    plugin.generation(),
                    plugin.detail(),
                    profile.hash(),
                    profile.signer(),
                    profile.hooks(),
                    profile.services(),
                    profile.uses(),
                    profile.generations(),
                    withdrawn);
        }
    }

    /** What a plugin is made of and what it may do. */
    record Profile(
            String name,
            String version,
            String hash,
            String signer,
            List<Declared> hooks,
            List<String> services,
            Map<String, List<String>> uses,
            List<Standing> generations) {
        static Profile of(Plugins.Profile profile) {
            return new Profile(
                    profile.name(),
                    profile.version(),
                    profile.hash(),
                    profile.signer(),
                    profile.hooks().stream().map(Declared::of).toList(),
                    profile.services(),
                    new TreeMap<>(profile.uses()),
                    profile.generations().stream().map(Standing::of).toList());
        }
    }

    /** What a hook declares at one stage. */
    record Declared(
            String hook,
            String stage,
            List<String> needs,
            List<String> after,
            List<String> before,
            long timeoutMillis,
            String onFailure) {
        static Declared of(Plugins.Declared declared) {
            return new Declared(
                    declared.hook(),
                    declared.stage().name().toLowerCase(Locale.ROOT),
                    declared.needs(),
                    declared.after(),
                    declared.before(),
                    declared.timeoutMillis(),
                    declared.onFailure());
        }
    }

    /** A generation. */
    record Standing(
            String label,
            String version,
            String role,
            int share,
            String since,
            long calls,
            long failures,
            double meanMicros) {
        static Standing of(Plugins.Standing standing) {
            return new Standing(
                    standing.label(),
                    standing.version(),
                    standing.role(),
                    standing.share(),
                    standing.since().toString(),
                    standing.calls(),
                    standing.failures(),
                    standing.meanMicros());
        }
    }
}
