// SPDX-License-Identifier: Apache-2.0
package org.posthouse.config.load;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.apache.commons.configuration2.tree.ImmutableNode;

/** The whole configuration at one moment: the engine's settings, what is wrong with them, and the plugins' raw values. */
public final class Loaded {
    private final Layers.Tree tree;
    private final Map<String, String> environment;
    private final Path data;
    private final List<Settings> settings = new ArrayList<>();
    private final List<Finding> findings = new ArrayList<>();
    private final Map<String, Value.Section> sections;
    private final Overrides overrides;

    private Loaded(Request request, Schema schema, Layers.Tree tree, Set<String> installed) {
        this.tree = tree;
        this.environment = request.environment();
        this.data = ConfigCommand.dataDir(request);
        findings.addAll(tree.findings());
        Drafts drafts = new Drafts(tree.root(), schema, findings);
        this.sections = Map.copyOf(drafts.plugins());
        this.overrides = new Overrides(schema, findings);
        Set<String> names = new TreeSet<>(installed);
        Stream.of(
                        sections.keySet(),
                        tree.plugins().keySet(),
                        tree.pluginFindings().keySet())
                .forEach(names::addAll);
        overrides.apply(request, drafts, names);
        schema.all().values().forEach(ocd -> engine(ocd, drafts));
        if (!drafts.of("cluster").isEmpty()) {
            settings.replaceAll(Loaded::waiting);
        }
    }

    /** With a cluster the queue does not begin before there is a custodian: a copy would look like mail of its own. */
    private static Settings waiting(Settings of) {
        return of.pid().equals("queue") ? of.with("custodian.cardinality.minimum", 1) : of;
    }

    /**
     * Reads and checks everything.
     *
     * @param installed names of plugins that are there, so that variables can name them
     */
    public static Loaded load(Request request, Schema schema, Set<String> installed) {
        return load(request, schema, installed, Map.of());
    }

    /**
     * Reads and checks everything, some of the files as they might be.
     *
     * @param instead the texts that count in place of files; empty for a file that is not there
     */
    public static Loaded load(
            Request request, Schema schema, Set<String> installed, Map<Path, Optional<String>> instead) {
        return new Loaded(request, schema, Layers.read(request, instead), installed);
    }

    private void engine(Ocd ocd, Drafts drafts) {
        Map<String, Drafts.Draft> known = drafts.of(ocd.pid());
        if (known.isEmpty() && ocd.ours() && !ocd.factory() && ocd.complete()) {
            settings.add(Checker.check(ocd, Drafts.SINGLE, "no file", Map.of(), data, findings));
        }
        int position = 0;
        for (Map.Entry<String, Drafts.Draft> entry : known.entrySet()) {
            Drafts.Draft draft = entry.getValue();
            Settings one = Checker.check(ocd, entry.getKey(), draft.origin(), draft.values(), data, findings);
            settings.add(
                    ocd.factory() ? one.with(Attribute.ORDER, ++position).with(Attribute.NAME, entry.getKey()) : one);
        }
    }

    /** The engine's settings; only to be used when there are no findings. */
    public List<Settings> settings() {
        return List.copyOf(settings);
    }

    /** All that is wrong with the engine's files. */
    public List<Finding> findings() {
        return List.copyOf(findings);
    }

    /** What was read. */
    public Layers.Tree tree() {
        return tree;
    }

    /** The plugins that have a file, a section or a variable. */
    public Set<String> plugins() {
        Set<String> names = new TreeSet<>(sections.keySet());
        names.addAll(tree.plugins().keySet());
        names.addAll(tree.pluginFindings().keySet());
        names.addAll(overrides.plugins());
        return names;
    }

    /** The settings of a plugin, checked against what it declares; findings are added to the given list. */
    public Settings plugin(String name, List<Ocd> declared, List<Finding> wrong) {
        wrong.addAll(tree.pluginFindings().getOrDefault(name, List.of()));
        Ocd ocd = declaration(name, declared);
        Map<String, Value> values = pluginValues(name);
        values.putAll(overrides.plugin(name, ocd, wrong));
        Value.Section file = tree.plugins().get(name);
        return Checker.check(ocd, Drafts.SINGLE, file == null ? name : file.origin(), values, data, wrong);
    }

    /** The settings that this text would give a plugin, checked in the same way; findings are added to the given list. */
    public Settings candidate(String name, String yaml, List<Ocd> declared, List<Finding> wrong) {
        Map<String, Value> values = new LinkedHashMap<>();
        ImmutableNode node = YamlFile.parse(name, yaml, wrong);
        if (node != null) {
            values.putAll(Drafts.flatten(new Interpolation(environment, wrong).section(node, "")));
        }
        return Checker.check(declaration(name, declared), Drafts.SINGLE, name, values, data, wrong);
    }

    /** What a plugin was given, unchecked: tells whether it changed. */
    public Map<String, Value> pluginValues(String name) {
        Map<String, Value> values = new LinkedHashMap<>();
        Value.Section section = sections.get(name);
        if (section != null) {
            values.putAll(Drafts.flatten(section));
        }
        Value.Section file = tree.plugins().get(name);
        if (file != null) {
            values.putAll(Drafts.flatten(file));
        }
        return values;
    }

    private static Ocd declaration(String name, List<Ocd> declared) {
        List<Ocd> own = declared.stream().filter(ocd -> ocd.pid().equals(name)).toList();
        Ocd merged = new Ocd(name, false, true, name, "", Map.of());
        for (Ocd ocd : own.isEmpty() ? declared : own) {
            merged = merged.merge(new Ocd(name, false, true, ocd.name(), ocd.description(), ocd.attributes()));
        }
        return merged;
    }
}
