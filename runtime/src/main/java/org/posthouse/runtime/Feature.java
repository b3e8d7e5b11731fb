// SPDX-License-Identifier: Apache-2.0
package org.posthouse.runtime;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An OSGi feature (OSGi Compendium 8.1, chapter 159): which bundles run, at which start level, in which framework.
 *
 * @param id its Maven identifier
 * @param bundles what it installs, in order
 * @param framework the properties it asks the framework to be launched with
 * @param section the section of the configuration without which it is not installed; null when it always is
 */
record Feature(
        String id,
        List<Entry> bundles,
        Map<String, String> framework,
        @Nullable String section) {
    /** Chapter 160.4.3.2: the metadata of a bundle that names its start level. */
    private static final String START_LEVEL = "bundleStartLevel";

    /** An extension of ours. */
    private static final String SECTION = "posthouse-configuration-section";

    private static final String LAUNCHING_PROPERTIES = "framework-launching-properties";

    Feature {
        bundles = List.copyOf(bundles);
        framework = Map.copyOf(framework);
    }

    /**
     * A bundle of a feature.
     *
     * @param id its Maven identifier
     * @param startLevel when it starts
     */
    record Entry(String id, int startLevel) {}

    /** Reads a feature file. */
    static Feature read(Path file) {
        try {
            JsonNode root = new ObjectMapper().readTree(file.toFile());
            List<Entry> bundles = new ArrayList<>();
            for (JsonNode bundle : root.path("bundles")) {
                bundles.add(entry(file, bundle));
            }
            JsonNode section =
                    root.path("extensions").path(SECTION).path("text").path(0);
            return new Feature(
                    root.path("id").asText(),
                    bundles,
                    launching(root),
                    section.isMissingNode() ? null : section.asText());
        } catch (IOException unreadable) {
            throw new StartException("feature file " + file + ": " + unreadable.getMessage(), unreadable);
        }
    }

    private static Entry entry(Path file, JsonNode bundle) {
        String id = bundle.path("id").asText();
        int level = bundle.path(START_LEVEL).asInt();
        if (id.isEmpty() || level < 1) {
            throw new StartException("feature file " + file + ": a bundle needs id and " + START_LEVEL + ": " + bundle);
        }
        return new Entry(id, level);
    }

    private static Map<String, String> launching(JsonNode root) {
        Map<String, String> properties = new LinkedHashMap<>();
        root
                .path("extensions")
                .path(LAUNCHING_PROPERTIES)
                .path("json")
                .properties()
                // Chapter 160.4.3.3: names that begin with an underscore are about the extension itself.
                .stream()
                .filter(property -> !property.getKey().startsWith("_"))
                .forEach(property ->
                        properties.put(property.getKey(), property.getValue().asText()));
        return properties;
    }
}
