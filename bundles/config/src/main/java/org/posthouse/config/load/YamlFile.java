// SPDX-License-Identifier: Apache-2.0
package org.posthouse.config.load;

import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.commons.configuration2.tree.ImmutableNode;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.Mark;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.nodes.Tag;

/**
 * One YAML file as a node tree of Commons Configuration.
 *
 * <p>The tree is built from SnakeYAML's nodes and not by {@code YAMLConfiguration}, because that loses line numbers and
 * guesses types (port {@code 12:30} as a number of base 60, {@code no} as false), which here metatype alone decides.
 * Leaves hold a {@link Value}, sections their origin in an attribute.
 */
final class YamlFile {
    /** The attribute of a section that says where it was written. */
    static final String ORIGIN = "origin";

    private static final int DEEPEST = 6;

    private final String label;
    private final List<Finding> findings;

    private YamlFile(String label, List<Finding> findings) {
        this.label = label;
        this.findings = findings;
    }

    /** Reads a file; null, with a finding, when it can not be used. */
    static @Nullable ImmutableNode read(Path file, boolean mayBeEmpty, List<Finding> findings) {
        String label = file.toString();
        try {
            return parse(label, Files.readString(file), mayBeEmpty, findings);
        } catch (NoSuchFileException e) {
            findings.add(new Finding(label, "", "no such file"));
        } catch (CharacterCodingException e) {
            findings.add(new Finding(label, "", "not UTF-8"));
        } catch (IOException e) {
            findings.add(new Finding(label, "", "can not be read: " + e));
        }
        return null;
    }

    /** Reads a text that may be empty; null, with a finding, when it can not be used. */
    static @Nullable ImmutableNode parse(String label, String text, List<Finding> findings) {
        return parse(label, text, true, findings);
    }

    /** Reads a text as if it stood in a file. */
    static @Nullable ImmutableNode parse(String label, String text, boolean mayBeEmpty, List<Finding> findings) {
        try {
            Node root = yaml().compose(new StringReader(text));
            if (root == null && !mayBeEmpty) {
                findings.add(new Finding(label, "", "the file is empty"));
                return null;
            }
            if (root != null && !(root instanceof MappingNode)) {
                findings.add(new Finding(label, "", "expected keys and values at the top"));
                return null;
            }
            return new YamlFile(label, findings).section("", (MappingNode) root, "", 0);
        } catch (MarkedYAMLException e) {
            Mark mark = e.getProblemMark();
            String line = mark == null ? label : label + ":" + (mark.getLine() + 1);
            findings.add(new Finding(line, "", "not YAML: " + e.getProblem()));
        } catch (YAMLException e) {
            findings.add(new Finding(label, "", "not YAML: " + e.getMessage()));
        }
        return null;
    }

    private static Yaml yaml() {
        LoaderOptions options = new LoaderOptions();
        options.setAllowDuplicateKeys(false);
        return new Yaml(new SafeConstructor(options));
    }

    private ImmutableNode section(String name, @Nullable MappingNode map, String path, int depth) {
        ImmutableNode.Builder section = new ImmutableNode.Builder().name(name);
        section.addAttribute(ORIGIN, map == null ? label : origin(map));
        Set<String> seen = new HashSet<>();
        for (NodeTuple entry : map == null ? List.<NodeTuple>of() : map.getValue()) {
            if (!(entry.getKeyNode() instanceof ScalarNode key)) {
                findings.add(new Finding(origin(entry.getKeyNode()), path, "expected a plain key"));
                continue;
            }
            String child = path.isEmpty() ? key.getValue() : path + "." + key.getValue();
            if (!seen.add(key.getValue())) {
                findings.add(new Finding(origin(key), child, "stands twice in this file"));
            } else {
                section.addChild(node(key, entry.getValueNode(), child, depth + 1));
            }
        }
        return section.create();
    }

    private ImmutableNode node(ScalarNode key, Node value, String path, int depth) {
        if (depth > DEEPEST) {
            findings.add(new Finding(origin(key), path, "nested too deeply"));
            return leaf(key, new Value.Nothing(origin(key)));
        }
        if (value instanceof MappingNode map) {
            return section(key.getValue(), map, path, depth);
        }
        if (value instanceof SequenceNode list) {
            return leaf(key, items(list, key, path));
        }
        boolean given = value instanceof ScalarNode && !value.getTag().equals(Tag.NULL);
        return leaf(
                key,
                given ? new Value.Text(((ScalarNode) value).getValue(), origin(key)) : new Value.Nothing(origin(key)));
    }

    private Value items(SequenceNode list, ScalarNode key, String path) {
        List<Value.Text> items = new ArrayList<>();
        for (Node item : list.getValue()) {
            if (item instanceof ScalarNode scalar && !scalar.getTag().equals(Tag.NULL)) {
                items.add(new Value.Text(scalar.getValue(), origin(scalar)));
            } else {
                findings.add(new Finding(origin(item), path, "expected a list of plain values"));
            }
        }
        return new Value.Items(items, origin(key));
    }

    private static ImmutableNode leaf(ScalarNode key, Value value) {
        return new ImmutableNode.Builder().name(key.getValue()).value(value).create();
    }

    private String origin(Node node) {
        return label + ":" + (node.getStartMark().getLine() + 1);
    }
}
