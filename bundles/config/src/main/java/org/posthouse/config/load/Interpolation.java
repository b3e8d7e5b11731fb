// SPDX-License-Identifier: Apache-2.0
package org.posthouse.config.load;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.commons.configuration2.interpol.ConfigurationInterpolator;
import org.apache.commons.configuration2.tree.ImmutableNode;

/**
 * Fills {@code ${env:NAME}} and {@code ${env:NAME:-default}} in and leaves the library behind: a node tree becomes a
 * {@link Value}.
 */
final class Interpolation {
    private static final String OPEN = "${env:";

    private final ConfigurationInterpolator interpolator = new ConfigurationInterpolator();
    private final List<Finding> findings;

    Interpolation(Map<String, String> environment, List<Finding> findings) {
        this.findings = findings;
        // Only this one: the library's default lookups would read files and run scripts.
        interpolator.registerLookup("env", environment::get);
    }

    /** The section of a node and all below it. */
    Value.Section section(ImmutableNode node, String path) {
        Map<String, Value> entries = new LinkedHashMap<>();
        for (ImmutableNode child : node) {
            String name = child.getNodeName();
            String key = path.isEmpty() ? name : path + "." + name;
            entries.put(name, value(child, key));
        }
        Object origin = node.getAttributes().get(YamlFile.ORIGIN);
        return new Value.Section(entries, origin == null ? "" : origin.toString());
    }

    private Value value(ImmutableNode node, String key) {
        if (node.getValue() instanceof Value.Text one) {
            return text(one, key);
        }
        if (node.getValue() instanceof Value.Items many) {
            List<Value.Text> filled =
                    many.items().stream().map(item -> text(item, key)).toList();
            return new Value.Items(filled, many.origin());
        }
        return node.getValue() instanceof Value.Nothing nothing ? nothing : section(node, key);
    }

    private Value.Text text(Value.Text value, String key) {
        if (!value.text().contains("${")) {
            return value;
        }
        String filled;
        try {
            filled = String.valueOf(interpolator.interpolate(value.text()));
        } catch (IllegalStateException e) {
            // The library's word for a variable that holds its own name.
            findings.add(new Finding(value.origin(), key, "an environment variable refers to itself"));
            return value;
        }
        int open = filled.indexOf(OPEN);
        if (open >= 0 && !value.text().contains("$" + OPEN)) {
            int close = filled.indexOf('}', open);
            String name = filled.substring(open + OPEN.length(), close < 0 ? filled.length() : close);
            findings.add(new Finding(value.origin(), key, "the environment variable " + name + " is not set"));
        }
        return new Value.Text(filled, value.origin());
    }
}
