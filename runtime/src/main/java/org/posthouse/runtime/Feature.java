// SPDX-License-Identifier: Apache-2.0
package org.posthouse.runtime;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
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

    private static final JsonFactory JSON = new JsonFactory();

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
        try (JsonParser json = JSON.createParser(file.toFile())) {
            json.nextToken();
            Map<?, ?> root = object(value(json));
            List<Entry> bundles = new ArrayList<>();
            for (Object bundle : array(root.get("bundles"))) {
                bundles.add(entry(file, object(bundle)));
            }
            Map<?, ?> extensions = object(root.get("extensions"));
            List<?> section = array(object(extensions.get(SECTION)).get("text"));
            return new Feature(
                    text(root.get("id")),
                    bundles,
                    launching(
                            object(object(extensions.get(LAUNCHING_PROPERTIES)).get("json"))),
                    section.isEmpty() ? null : text(section.getFirst()));
        } catch (IOException unreadable) {
            throw new StartException("feature file " + file + ": " + unreadable.getMessage(), unreadable);
        }
    }

    private static Entry entry(Path file, Map<?, ?> bundle) {
        String id = text(bundle.get("id"));
        String level = text(bundle.get(START_LEVEL));
        if (id.isEmpty() || !level.matches("[1-9][0-9]{0,3}")) {
            throw new StartException("feature file " + file + ": a bundle needs id and " + START_LEVEL + ": " + bundle);
        }
        return new Entry(id, Integer.parseInt(level));
    }

    private static Map<String, String> launching(Map<?, ?> json) {
        Map<String, String> properties = new LinkedHashMap<>();
        json.forEach((name, value) -> {
            // Chapter 160.4.3.3: names that begin with an underscore are about the extension itself.
            if (!text(name).startsWith("_")) {
                properties.put(text(name), text(value));
            }
        });
        return properties;
    }

    /** The value at which the parser stands: a map, a list or a text. A tree by data binding costs a start a tenth of a second. */
    private static Object value(JsonParser json) throws IOException {
        if (json.isExpectedStartObjectToken()) {
            Map<String, Object> members = new LinkedHashMap<>();
            for (String name = json.nextFieldName(); name != null; name = json.nextFieldName()) {
                json.nextToken();
                members.put(name, value(json));
            }
            return members;
        }
        if (json.isExpectedStartArrayToken()) {
            List<Object> elements = new ArrayList<>();
            while (json.nextToken() != JsonToken.END_ARRAY) {
                elements.add(value(json));
            }
            return elements;
        }
        return text(json.getText());
    }

    private static Map<?, ?> object(@Nullable Object value) {
        return value instanceof Map<?, ?> map ? map : Map.of();
    }

    private static List<?> array(@Nullable Object value) {
        return value instanceof List<?> list ? list : List.of();
    }

    private static String text(@Nullable Object value) {
        return value instanceof String text ? text : "";
    }
}
