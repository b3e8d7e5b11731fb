// SPDX-License-Identifier: Apache-2.0
package org.posthouse.pipeline.house;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Counts what happens to plugins. The first hundred names have a label of their own, the rest share one. */
final class HouseMeters {
    private static final int MOST_NAMES = 100;

    private final MeterRegistry meters;
    private final MultiGauge generations;
    private final Set<String> names = new HashSet<>();

    HouseMeters(MeterRegistry meters) {
        this.meters = meters;
        this.generations = MultiGauge.builder("posthouse.plugin.generations")
                .description("Generations of a plugin that stand: in force, canary and draining.")
                .register(meters);
    }

    /** A generation took over from another one. */
    void swapped(String plugin) {
        meters.counter("posthouse.plugin.swaps", Tags.of("plugin", label(plugin)))
                .increment();
    }

    /** The jar before was put back, by itself or by command. */
    void rolledBack(String plugin, boolean byItself) {
        Tags tags = Tags.of("plugin", label(plugin), "by", byItself ? "watch" : "operator");
        meters.counter("posthouse.plugin.rollbacks", tags).increment();
    }

    /** So many generations of each plugin stand now. */
    void standing(Map<String, Integer> counts) {
        Map<String, Integer> byLabel = new java.util.TreeMap<>();
        counts.forEach((plugin, count) -> byLabel.merge(label(plugin), count, Integer::sum));
        List<MultiGauge.Row<?>> rows = new ArrayList<>();
        byLabel.forEach((label, count) -> rows.add(MultiGauge.Row.of(Tags.of("plugin", label), count)));
        generations.register(rows, true);
    }

    private String label(String plugin) {
        if (names.contains(plugin) || names.size() < MOST_NAMES) {
            names.add(plugin);
            return plugin;
        }
        return "other";
    }
}
