// SPDX-License-Identifier: Apache-2.0
package org.posthouse.api;

import aQute.bnd.differ.Baseline;
import aQute.bnd.differ.DiffPluginImpl;
import aQute.bnd.header.Attrs;
import aQute.bnd.header.Parameters;
import aQute.bnd.osgi.Instructions;
import aQute.bnd.osgi.Jar;
import aQute.bnd.osgi.Processor;
import aQute.bnd.service.diff.Delta;
import aQute.bnd.service.diff.Tree;
import aQute.bnd.service.diff.Type;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The API as bnd compares it.
 *
 * @param versions the version of each exported package
 * @param data packages, types, methods, and what adding or removing each of them means for its users
 */
record ApiTree(SortedMap<String, String> versions, Tree.Data data) {
    private static final String EXPORT = "EXPORT ";
    private static final Path COMPILED = Path.of("target/classes");

    /** The API of the last release: a line for each node, indented by its depth, for a repository of sources holds no jars. */
    static final Path RECORDED = Path.of("baseline.txt");

    /** What was compiled just now, with the manifest that goes into the jar. */
    static ApiTree compiled() throws Exception {
        try (Jar jar = new Jar(COMPILED.toFile())) {
            SortedMap<String, String> versions = new TreeMap<>();
            new Parameters(jar.getManifest().getMainAttributes().getValue("Export-Package"))
                    .forEach((name, attributes) -> versions.put(name, attributes.getVersion()));
            return new ApiTree(
                    versions, bundle(new DiffPluginImpl().tree(jar).get("<api>").serialize()));
        }
    }

    /** What was recorded at the last release. */
    static ApiTree recorded() throws IOException {
        return read(Files.readAllLines(RECORDED));
    }

    /** Only what plugins compile against counts; resources and other headers may change from build to build. */
    private static Tree.Data bundle(Tree.Data api) {
        Tree.Data bundle = new Tree.Data();
        bundle.name = "org.posthouse.api";
        bundle.type = Type.BUNDLE;
        bundle.add = api.add;
        bundle.rem = api.rem;
        bundle.children = new Tree.Data[] {api};
        return bundle;
    }

    void record() throws IOException {
        Files.write(RECORDED, lines());
    }

    /** The versions, and the tree as text: type, what adding and removing it means, name. */
    List<String> lines() {
        List<String> lines = new ArrayList<>();
        versions.forEach((name, version) -> lines.add(EXPORT + name + " " + version));
        write(data, 0, lines);
        return lines;
    }

    private static void write(Tree.Data node, int depth, List<String> lines) {
        lines.add(" ".repeat(depth) + node.type + " " + node.add + " " + node.rem + " " + node.name);
        for (Tree.Data child : node.children) {
            write(child, depth + 1, lines);
        }
    }

    /** The tree that was written so. */
    static ApiTree read(List<String> lines) {
        SortedMap<String, String> versions = new TreeMap<>();
        lines.stream()
                .filter(line -> line.startsWith(EXPORT))
                .map(line -> line.split(" "))
                .forEach(words -> versions.put(words[1], words[2]));
        return new ApiTree(versions, read(lines.listIterator(versions.size()), new ArrayDeque<>()));
    }

    private static Tree.Data read(Iterator<String> lines, Deque<Tree.Data> open) {
        Tree.Data root = node(lines.next());
        open.push(root);
        while (lines.hasNext()) {
            String line = lines.next();
            int depth = line.length() - line.stripLeading().length();
            while (open.size() > depth) {
                open.pop();
            }
            Tree.Data node = node(line.stripLeading());
            Tree.Data parent = open.getFirst();
            parent.children = Arrays.copyOf(parent.children, parent.children.length + 1);
            parent.children[parent.children.length - 1] = node;
            open.push(node);
        }
        return root;
    }

    private static Tree.Data node(String line) {
        String[] parts = line.split(" ", 4);
        Tree.Data node = new Tree.Data();
        node.type = Type.valueOf(parts[0]);
        node.add = Delta.valueOf(parts[1]);
        node.rem = Delta.valueOf(parts[2]);
        node.name = parts[3];
        node.children = new Tree.Data[0];
        return node;
    }

    /** The node at the end of this path of names below the packages. */
    Tree.Data at(String... path) {
        Tree.Data node = data.children[0];
        for (String name : path) {
            node = Arrays.stream(node.children)
                    .filter(child -> child.name.equals(name))
                    .findFirst()
                    .orElseThrow(() -> new IllegalArgumentException("no " + name + " in " + String.join(" ", path)));
        }
        return node;
    }

    private Parameters exports() {
        Parameters exports = new Parameters();
        versions.forEach((name, version) -> exports.add(name, Attrs.create("version", version)));
        return exports;
    }

    /** The packages whose version does not fit what changed since then, each with the version it needs. */
    List<String> misfits(ApiTree before) throws Exception {
        DiffPluginImpl differ = new DiffPluginImpl();
        List<String> misfits = new ArrayList<>();
        try (Processor reporter = new Processor()) {
            for (Baseline.Info info : new Baseline(reporter, differ)
                    .baseline(
                            differ.deserialize(data),
                            exports(),
                            differ.deserialize(before.data),
                            before.exports(),
                            new Instructions())) {
                if (info.mismatch) {
                    misfits.add(info.packageName + " is " + info.newerVersion + " and needs "
                            + info.suggestedVersion + " (" + info.packageDiff.getDelta() + " change since "
                            + info.olderVersion + ")\n" + info.packageDiff.getChildren());
                }
            }
        }
        return misfits;
    }
}
