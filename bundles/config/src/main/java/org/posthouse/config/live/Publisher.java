// SPDX-License-Identifier: Apache-2.0
package org.posthouse.config.live;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Dictionary;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.service.cm.Configuration;
import org.osgi.service.cm.ConfigurationAdmin;
import org.posthouse.config.load.Attribute;
import org.posthouse.config.load.Settings;

/** Writes settings to ConfigurationAdmin: updates what changed, deletes what vanished, touches nothing of others. */
final class Publisher {
    /** Marks the configurations that are ours; the rest belong to others. */
    static final String OURS = ".posthouse";

    /** With the full PID behind it: the hash of the values, by which a component shows which ones it runs with. */
    static final String REVISION = ".posthouse.revision/";

    /** Any bundle may receive a configuration. */
    private static final String ANY_LOCATION = "?";

    private final ConfigurationAdmin admin;

    Publisher(ConfigurationAdmin admin) {
        this.admin = admin;
    }

    /**
     * One step that can be taken back.
     *
     * @param pid the full PID
     * @param before the values before, or null when it is new
     * @param after the revision now, or null when it was deleted
     */
    record Step(
            String pid,
            @Nullable Map<String, Object> before,
            @Nullable String after) {}

    /** The places of named things as they are in force, by full PID. */
    Map<String, Integer> places() throws IOException {
        Map<String, Integer> places = new LinkedHashMap<>();
        ours().forEach((pid, configuration) -> {
            if (values(configuration).get(Attribute.ORDER) instanceof Integer place) {
                places.put(pid, place);
            }
        });
        return places;
    }

    /** A value in force, or null. */
    @Nullable
    Object current(String pid, String id) throws IOException {
        Configuration configuration = ours().get(pid);
        return configuration == null ? null : values(configuration).get(id);
    }

    /** Makes these settings the ones in force; each step is added to the list as soon as it is done. */
    void apply(List<Settings> settings, List<Step> done) throws IOException {
        Map<String, Configuration> old = ours();
        for (Settings one : settings) {
            Configuration known = old.remove(one.fullPid());
            Map<String, Object> before = known == null ? null : values(known);
            String revision = one.revision();
            if (before == null || !revision.equals(before.get(REVISION + one.fullPid()))) {
                Map<String, Object> values = new LinkedHashMap<>(one.values());
                values.put(OURS, "config");
                values.put(REVISION + one.fullPid(), revision);
                configuration(one.fullPid()).update(FrameworkUtil.asDictionary(values));
                done.add(new Step(one.fullPid(), before, revision));
            }
        }
        for (Map.Entry<String, Configuration> vanished : old.entrySet()) {
            Map<String, Object> before = values(vanished.getValue());
            vanished.getValue().delete();
            done.add(new Step(vanished.getKey(), before, null));
        }
    }

    /** Takes steps back, the last first; returns the steps that did so. */
    List<Step> restore(List<Step> done) throws IOException {
        List<Step> back = new ArrayList<>();
        for (int i = done.size() - 1; i >= 0; i--) {
            Step step = done.get(i);
            Map<String, Object> before = step.before();
            if (before == null) {
                configuration(step.pid()).delete();
            } else {
                configuration(step.pid()).update(FrameworkUtil.asDictionary(before));
                back.add(new Step(step.pid(), null, (String) before.get(REVISION + step.pid())));
            }
        }
        return back;
    }

    private Configuration configuration(String pid) throws IOException {
        int tilde = pid.indexOf('~');
        return tilde < 0
                ? admin.getConfiguration(pid, ANY_LOCATION)
                : admin.getFactoryConfiguration(pid.substring(0, tilde), pid.substring(tilde + 1), ANY_LOCATION);
    }

    private Map<String, Configuration> ours() throws IOException {
        Map<String, Configuration> found = new LinkedHashMap<>();
        try {
            Configuration[] all = admin.listConfigurations("(" + OURS + "=config)");
            for (Configuration one : all == null ? new Configuration[0] : all) {
                found.put(one.getPid(), one);
            }
        } catch (InvalidSyntaxException e) {
            throw new IllegalStateException("The filter is constant", e);
        }
        return found;
    }

    private static Map<String, Object> values(Configuration configuration) {
        Map<String, Object> values = new LinkedHashMap<>();
        Dictionary<String, Object> properties = configuration.getProperties();
        if (properties != null) {
            for (String key : Collections.list(properties.keys())) {
                if (!key.equals("service.pid") && !key.equals("service.factoryPid")) {
                    values.put(key, properties.get(key));
                }
            }
        }
        return values;
    }
}
