// SPDX-License-Identifier: Apache-2.0
package org.posthouse.config.load;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.apache.commons.configuration2.tree.ImmutableNode;
import org.jspecify.annotations.Nullable;

/**
 * Reads the files in their order and lays them over each other, the later over the earlier.
 *
 * <p>The order is {@code default.yaml}, the main file, {@code <env>.yaml}, {@code local.yaml}, {@code override.yaml},
 * {@code secrets.yaml}; several files named on the command line are taken instead, as they stand. Every plugin has a
 * file of its own, {@code plugins/<name>.yaml} beside the main file.
 */
public final class Layers {
    /** The main file where none is named. */
    static final String MAIN = "posthouse.yaml";

    /** The file below the main one. */
    static final String DEFAULT = "default.yaml";

    /** The folder of the plugins' own files. */
    static final String PLUGINS = "plugins";

    static final String SUFFIX = ".yaml";

    private final Request request;
    private final Map<Path, Optional<String>> instead;
    private final List<Finding> findings = new ArrayList<>();
    private final List<Path> watched = new ArrayList<>();
    private final Interpolation interpolation;

    private Layers(Request request, Map<Path, Optional<String>> instead) {
        this.request = request;
        this.instead = Map.copyOf(instead);
        this.interpolation = new Interpolation(request.environment(), findings);
    }

    /**
     * What the files say.
     *
     * @param root the merged engine files
     * @param plugins the plugins' own files by name
     * @param pluginFindings what is wrong with a plugin's file as such, by name
     * @param findings what is wrong with the engine's files as such
     * @param watched every file and folder whose change matters, whether it exists or not
     */
    public record Tree(
            Value.Section root,
            Map<String, Value.Section> plugins,
            Map<String, List<Finding>> pluginFindings,
            List<Finding> findings,
            List<Path> watched) {
        public Tree {
            plugins = Map.copyOf(plugins);
            pluginFindings = Map.copyOf(pluginFindings);
            findings = List.copyOf(findings);
            watched = List.copyOf(watched);
        }
    }

    /** Reads all files of the request. */
    public static Tree read(Request request) {
        return read(request, Map.of());
    }

    /**
     * Reads all files of the request, some of them as they might be.
     *
     * @param instead the texts that count in place of files; empty for a file that is not there
     */
    static Tree read(Request request, Map<Path, Optional<String>> instead) {
        return new Layers(request, instead).read();
    }

    /** Reads only the files of the engine: where the data folder is has to be known before all else, and often. */
    static Value.Section root(Request request) {
        return new Layers(request, Map.of()).root();
    }

    private Value.Section root() {
        List<ImmutableNode> layers = new ArrayList<>();
        for (Layer layer : files()) {
            watched.add(layer.file());
            // A link to nowhere is a mistake, or a folder that is swapped just now, and not a file left out on purpose.
            if (layer.required() || exists(layer.file())) {
                ImmutableNode node = file(layer.file(), !layer.required(), findings);
                if (node != null) {
                    layers.add(node);
                }
            }
        }
        return interpolation.section(Overlay.merge(layers), "");
    }

    private Tree read() {
        Value.Section root = root();
        Map<String, Value.Section> plugins = new LinkedHashMap<>();
        Map<String, List<Finding>> pluginFindings = new LinkedHashMap<>();
        Path folder = folder(request).resolve(PLUGINS);
        watched.add(folder);
        for (Path file : pluginFiles(folder)) {
            watched.add(file);
            plugin(file, plugins, pluginFindings);
        }
        return new Tree(root, plugins, pluginFindings, findings, watched);
    }

    private void plugin(Path file, Map<String, Value.Section> plugins, Map<String, List<Finding>> pluginFindings) {
        List<Finding> wrong = new ArrayList<>();
        String fileName = String.valueOf(file.getFileName());
        String name = fileName.substring(0, fileName.length() - SUFFIX.length());
        ImmutableNode node = file(file, true, wrong);
        if (node != null) {
            plugins.put(name, new Interpolation(request.environment(), wrong).section(node, ""));
        }
        if (!wrong.isEmpty()) {
            pluginFindings.put(name, List.copyOf(wrong));
        }
    }

    private boolean exists(Path file) {
        Optional<String> text = instead.get(file);
        return text == null ? Files.exists(file, LinkOption.NOFOLLOW_LINKS) : text.isPresent();
    }

    private @Nullable ImmutableNode file(Path file, boolean mayBeEmpty, List<Finding> wrong) {
        Optional<String> text = instead.getOrDefault(file, Optional.empty());
        return text.isPresent()
                ? YamlFile.parse(file.toString(), text.get(), mayBeEmpty, wrong)
                : YamlFile.read(file, mayBeEmpty, wrong);
    }

    private List<Path> pluginFiles(Path folder) {
        TreeSet<Path> found = new TreeSet<>();
        if (Files.isDirectory(folder)) {
            try (Stream<Path> files = Files.list(folder)) {
                files.filter(file -> file.toString().endsWith(SUFFIX)).forEach(found::add);
            } catch (IOException e) {
                findings.add(new Finding(folder.toString(), "", "can not be read: " + e));
                return List.of();
            }
        }
        instead.forEach((file, text) -> {
            if (text.isEmpty()) {
                found.remove(file);
            } else if (folder.equals(file.getParent())) {
                found.add(file);
            }
        });
        return List.copyOf(found);
    }

    private record Layer(Path file, boolean required) {}

    private List<Layer> files() {
        if (request.configFiles().size() > 1) {
            return request.configFiles().stream()
                    .map(file -> new Layer(file, true))
                    .toList();
        }
        Path folder = folder(request);
        List<Layer> layers = new ArrayList<>();
        Path main = request.configFiles().isEmpty()
                ? folder.resolve(MAIN)
                : request.configFiles().get(0);
        Path fallback = folder.resolve(DEFAULT);
        // A folder of layers may do without a main file, but not without any.
        boolean required = !request.configFiles().isEmpty() || !exists(fallback);
        layers.add(new Layer(fallback, false));
        layers.add(new Layer(main, required));
        if (request.env() != null) {
            layers.add(new Layer(folder.resolve(request.env() + SUFFIX), true));
        }
        for (String name : List.of("local", "override", "secrets")) {
            layers.add(new Layer(folder.resolve(name + SUFFIX), false));
        }
        return layers;
    }

    /** The folder of the main file. */
    static Path folder(Request request) {
        if (!request.configFiles().isEmpty()) {
            return parent(request.configFiles().get(0));
        }
        Path dir = request.configDir();
        if (dir != null) {
            return dir;
        }
        Path here = Path.of("config");
        return Files.exists(here.resolve(MAIN)) ? here : request.home().resolve("config");
    }

    private static Path parent(Path file) {
        @Nullable Path parent = file.getParent();
        return parent == null ? Path.of("") : parent;
    }
}
