// SPDX-License-Identifier: Apache-2.0
package org.posthouse.config.load;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.posthouse.config.load.Value.Nothing;
import org.posthouse.config.load.Value.Section;

/**
 * The merged files cut into configurations: one per PID, or one per name below a factory PID, with flat dotted keys.
 *
 * <p>Sections below {@code plugins} that the engine does not declare are settings of the plugin of that name.
 */
final class Drafts {
    /** The top-level key of the plugins. */
    static final String PLUGINS = "plugins";

    /** The name of the only configuration of a PID that is no factory. */
    static final String SINGLE = "";

    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_.-]{0,62}");

    private final Schema schema;
    private final List<Finding> findings;
    private final Map<String, Map<String, Draft>> byPid = new LinkedHashMap<>();
    private final Map<String, Section> plugins = new LinkedHashMap<>();

    /** One configuration before it is checked. */
    record Draft(String origin, Map<String, Value> values) {}

    Drafts(Section root, Schema schema, List<Finding> findings) {
        this.schema = schema;
        this.findings = findings;
        root.entries().forEach(this::top);
    }

    /** The configurations of a PID by name, in the order of the file. */
    Map<String, Draft> of(String pid) {
        return byPid.getOrDefault(pid, Map.of());
    }

    /** The settings of plugins that stand in the engine's files. */
    Map<String, Section> plugins() {
        return plugins;
    }

    /** Overrides or adds a value. */
    void put(String pid, String name, String key, Value value) {
        byPid.computeIfAbsent(pid, p -> new LinkedHashMap<>())
                .computeIfAbsent(name, n -> new Draft(value.origin(), new LinkedHashMap<>()))
                .values()
                .put(key, value);
    }

    private void top(String key, Value value) {
        Ocd ocd = schema.find(key);
        if (key.equals(PLUGINS) && value instanceof Section section) {
            plugins(section, ocd);
        } else if (ocd == null) {
            String hint = Nearest.hint(key, schema.all().keySet());
            findings.add(new Finding(value.origin(), key, "unknown key" + hint));
        } else if (value instanceof Section section) {
            engine(ocd, section);
        } else if (!(value instanceof Nothing)) {
            String wanted = ocd.factory() ? "a map of names" : "keys and values";
            findings.add(new Finding(value.origin(), key, "expected " + wanted));
        }
    }

    private void plugins(Section section, @Nullable Ocd ocd) {
        Map<String, Value> own = new LinkedHashMap<>();
        section.entries().forEach((name, value) -> {
            boolean declared = ocd != null
                    && ocd.attributes().keySet().stream()
                            .anyMatch(key -> key.equals(name) || key.startsWith(name + "."));
            if (value instanceof Section settings && !declared) {
                plugins.put(name, settings);
            } else {
                own.put(name, value);
            }
        });
        if (ocd != null) {
            engine(ocd, new Section(own, section.origin()));
        } else {
            own.forEach((name, value) -> findings.add(
                    new Finding(value.origin(), PLUGINS + "." + name, "expected a plugin's keys and values")));
        }
    }

    private void engine(Ocd ocd, Section section) {
        Map<String, Draft> drafts = new LinkedHashMap<>();
        byPid.put(ocd.pid(), drafts);
        if (!ocd.factory()) {
            drafts.put(SINGLE, new Draft(section.origin(), flatten(section)));
            return;
        }
        section.entries().forEach((name, value) -> {
            String path = ocd.pid() + "." + name;
            if (!NAME.matcher(name).matches()) {
                findings.add(new Finding(
                        value.origin(), path, "expected a name of letters, digits, hyphens, dots and underscores"));
            } else if (value instanceof Section entry) {
                drafts.put(name, new Draft(entry.origin(), flatten(entry)));
            } else if (!(value instanceof Nothing)) {
                findings.add(new Finding(value.origin(), path, "expected keys and values"));
            }
        });
    }

    /** Nested keys with dots between them; nulls are left out, so that the default counts. */
    static Map<String, Value> flatten(Section section) {
        Map<String, Value> flat = new LinkedHashMap<>();
        flatten(section, "", flat);
        return flat;
    }

    private static void flatten(Section section, String prefix, Map<String, Value> flat) {
        section.entries().forEach((key, value) -> {
            if (value instanceof Section nested) {
                flatten(nested, prefix + key + ".", flat);
            } else if (!(value instanceof Nothing)) {
                flat.put(prefix + key, value);
            }
        });
    }
}
