// SPDX-License-Identifier: Apache-2.0
package org.posthouse.pipeline.house;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.posthouse.api.Need;
import org.posthouse.api.OnFailure;
import org.posthouse.api.Stage;
import org.posthouse.pipeline.HookSpec;

/**
 * The durable list of plugins that served once and are expected to serve again, with the places and failure verdicts of
 * their hooks, so that a missing one never widens what is accepted.
 */
final class ExpectedHooks {
    private static final String NO_HOOK = "-";

    private final StateFile file;
    private final Map<String, List<HookSpec>> plugins = new TreeMap<>();

    private ExpectedHooks(StateFile file) {
        this.file = file;
    }

    /**
     * Reads the list.
     *
     * @throws IOException when it is damaged: going on without it could widen what is accepted
     */
    static ExpectedHooks open(Path path) throws IOException {
        ExpectedHooks list = new ExpectedHooks(new StateFile(path));
        for (String line : list.file.read()) {
            try {
                list.parse(line);
            } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
                throw new IOException(path + " has a damaged line: " + line, e);
            }
        }
        return list;
    }

    private void parse(String line) {
        String[] f = line.split("\t", -1);
        List<HookSpec> hooks = plugins.computeIfAbsent(f[0], n -> new ArrayList<>());
        if (!f[1].equals(NO_HOOK)) {
            Set<Need> needs = EnumSet.noneOf(Need.class);
            words(f[6]).forEach(word -> needs.add(Need.valueOf(word)));
            hooks.add(new HookSpec(
                    f[1],
                    f[0],
                    Stage.valueOf(f[2]),
                    words(f[7]),
                    words(f[8]),
                    Integer.parseInt(f[3]),
                    needs,
                    Long.parseLong(f[4]),
                    OnFailure.valueOf(f[5])));
        }
    }

    private static List<String> words(String joined) {
        return joined.isEmpty() ? List.of() : List.of(joined.split(","));
    }

    /** The names of the plugins. */
    Set<String> plugins() {
        return Set.copyOf(plugins.keySet());
    }

    /** The hooks of a plugin; none when it is not expected. */
    List<HookSpec> hooks(String plugin) {
        return List.copyOf(plugins.getOrDefault(plugin, List.of()));
    }

    boolean expects(String plugin) {
        return plugins.containsKey(plugin);
    }

    /** The plugin serves: its hooks are expected from now on, also after a crash. */
    void join(String plugin, List<HookSpec> hooks) throws IOException {
        if (hooks.equals(plugins.get(plugin))) {
            return;
        }
        List<HookSpec> before = plugins.put(plugin, List.copyOf(hooks));
        try {
            save();
        } catch (IOException e) {
            restore(plugin, before);
            throw e;
        }
    }

    /** The operator accepts the loss. */
    void leave(String plugin) throws IOException {
        List<HookSpec> before = plugins.remove(plugin);
        if (before == null) {
            return;
        }
        try {
            save();
        } catch (IOException e) {
            restore(plugin, before);
            throw e;
        }
    }

    private void restore(String plugin, @org.jspecify.annotations.Nullable List<HookSpec> before) {
        if (before == null) {
            plugins.remove(plugin);
        } else {
            plugins.put(plugin, before);
        }
    }

    private void save() throws IOException {
        List<String> lines = new ArrayList<>();
        plugins.forEach((plugin, hooks) -> {
            if (hooks.isEmpty()) {
                lines.add(plugin + "\t" + NO_HOOK);
            }
            hooks.forEach(hook -> lines.add(line(hook)));
        });
        file.write(lines);
    }

    private static String line(HookSpec hook) {
        String needs = hook.needs().stream().map(Need::name).sorted().collect(Collectors.joining(","));
        return String.join(
                "\t",
                hook.plugin(),
                hook.name(),
                hook.stage().name(),
                Integer.toString(hook.ranking()),
                Long.toString(hook.timeoutMillis()),
                hook.onFailure().name(),
                needs,
                String.join(",", hook.after()),
                String.join(",", hook.before()));
    }
}
