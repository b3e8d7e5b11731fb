// SPDX-License-Identifier: Apache-2.0
package org.posthouse.pipeline;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * One jar with one configuration of a plugin, whose hooks serve together. Compared by identity.
 *
 * <p>Cut once its draining time has passed: no hook of it is called after that.
 */
public final class Generation {
    private final String plugin;
    private final String version;
    private final String label;
    private final Map<String, Counts> counts = new ConcurrentHashMap<>();
    private final AtomicBoolean cut;

    /**
     * A generation.
     *
     * @param plugin the name of the plugin
     * @param version the version of its jar, or empty when the plugin is missing
     * @param label number and start of the jar's hash, such as {@code 3@1a2b3c4d}; empty when the plugin is missing
     */
    public Generation(String plugin, String version, String label) {
        this(plugin, version, label, new AtomicBoolean());
    }

    private Generation(String plugin, String version, String label, AtomicBoolean cut) {
        this.plugin = plugin;
        this.version = version;
        this.label = label;
        this.cut = cut;
    }

    /** The same with counts of its own, so that it is not judged by what is only tried; both are cut together. */
    Generation apart() {
        return new Generation(plugin, version, label, cut);
    }

    /** Stands for a plugin that is expected but is not there. */
    public static Generation missing(String plugin) {
        return new Generation(plugin, "", "");
    }

    /** The name of the plugin. */
    public String plugin() {
        return plugin;
    }

    /** The version of the jar. */
    public String version() {
        return version;
    }

    /** Number and hash for people. */
    public String label() {
        return label;
    }

    /** The counts of one of its hooks. */
    Counts counts(HookSpec spec) {
        return counts.computeIfAbsent(spec.stage() + "/" + spec.name(), hook -> new Counts());
    }

    /** What all its hooks did so far. */
    public Counts.Sum sum() {
        return counts.values().stream().map(Counts::sum).reduce(Counts.Sum.NONE, Counts.Sum::plus);
    }

    /** No hook of this generation is called any more. */
    public void cut() {
        cut.set(true);
    }

    /** Whether its time has passed. */
    public boolean isCut() {
        return cut.get();
    }

    @Override
    public String toString() {
        return label.isEmpty() ? plugin : plugin + "=" + label;
    }
}
