// SPDX-License-Identifier: Apache-2.0
package org.posthouse.config.live;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;
import org.osgi.framework.Bundle;
import org.osgi.framework.FrameworkUtil;
import org.posthouse.config.load.Finding;
import org.posthouse.config.load.Loaded;
import org.posthouse.config.load.Settings;
import org.posthouse.config.load.Value;
import org.posthouse.config.spi.PluginSettings;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The plugins' values as last read, checked against the bundle they are for when somebody asks. */
final class PluginFiles implements PluginSettings {
    private static final Logger LOG = LoggerFactory.getLogger(PluginFiles.class);

    private final List<Listener> listeners = new CopyOnWriteArrayList<>();
    private volatile Loaded loaded;

    PluginFiles(Loaded loaded) {
        this.loaded = loaded;
    }

    @Override
    public Set<String> names() {
        return loaded.plugins();
    }

    @Override
    public Checked check(String plugin, Bundle bundle) {
        Loaded now = loaded;
        if (!now.plugins().contains(plugin)) {
            return new Checked.Absent();
        }
        List<Finding> wrong = new ArrayList<>();
        Settings settings = now.plugin(plugin, BundleSchema.metatype(bundle, true), wrong);
        return wrong.isEmpty()
                ? new Checked.Valid(FrameworkUtil.asDictionary(settings.values()))
                : new Checked.Refused(wrong.stream().map(Finding::toString).toList());
    }

    @Override
    public Checked check(String plugin, Bundle bundle, String yaml) {
        List<Finding> wrong = new ArrayList<>();
        Settings settings = loaded.candidate(plugin, yaml, BundleSchema.metatype(bundle, true), wrong);
        return wrong.isEmpty()
                ? new Checked.Valid(FrameworkUtil.asDictionary(settings.values()))
                : new Checked.Refused(wrong.stream().map(Finding::toString).toList());
    }

    @Override
    public AutoCloseable onChange(Listener listener) {
        listeners.add(listener);
        return () -> listeners.remove(listener);
    }

    /** Takes what was read now and tells who listens which plugins' values differ. */
    void update(Loaded now) {
        Loaded before = loaded;
        loaded = now;
        Set<String> names = new TreeSet<>(before.plugins());
        names.addAll(now.plugins());
        names.removeIf(name -> fingerprint(before, name).equals(fingerprint(now, name)));
        if (names.isEmpty()) {
            return;
        }
        LOG.info("the configuration of these plugins changed: {}", names);
        for (Listener listener : listeners) {
            try {
                listener.changed(Set.copyOf(names));
            } catch (RuntimeException e) {
                LOG.error("a listener for plugins' configurations failed", e);
            }
        }
    }

    /** What matters of a plugin's values: not the lines they stand on. */
    private static String fingerprint(Loaded loaded, String name) {
        StringBuilder text = new StringBuilder(loaded.plugins().contains(name) ? "present" : "absent");
        Map<String, Value> values = new TreeMap<>(loaded.pluginValues(name));
        values.forEach((key, value) -> text.append('\n').append(key).append('=').append(text(value)));
        loaded.tree().pluginFindings().getOrDefault(name, List.of()).forEach(text::append);
        return text.toString();
    }

    private static String text(Value value) {
        return switch (value) {
            case Value.Text one -> "'" + one.text();
            case Value.Items many ->
                many.items().stream().map(Value.Text::text).toList().toString();
            case Value.Section section -> section.entries().toString();
            case Value.Nothing nothing -> "";
        };
    }
}
