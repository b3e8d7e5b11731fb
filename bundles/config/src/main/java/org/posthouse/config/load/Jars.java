// SPDX-License-Identifier: Apache-2.0
package org.posthouse.config.load;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Enumeration;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.Manifest;
import java.util.stream.Stream;

/** Reads the metatype inside the jars of an installation, before there is a framework. */
public final class Jars {
    /** The namespace of the capability by which a bundle says that it is a plugin. */
    public static final String HOOK = "org.posthouse.hook";

    /** The folders below the home in which bundles lie. */
    private static final List<String> FOLDERS = List.of("repository", "bundles", "system", "lib", "plugins");

    private static final int DEEPEST = 12;

    private final List<Ocd> engine = new ArrayList<>();
    private final Map<String, List<Ocd>> plugins = new LinkedHashMap<>();
    private final List<Finding> unreadable = new ArrayList<>();
    /** The folder of dropped plugins is full of links to those that we ship. */
    private final Set<Path> seen = new HashSet<>();

    private Jars() {}

    /** Scans an installation and the folder into which the operator drops plugins. */
    public static Jars scan(Path home, Path data) {
        Jars jars = new Jars();
        FOLDERS.forEach(folder -> jars.folder(home.resolve(folder), folder.equals("plugins")));
        jars.folder(data.resolve("plugins"), true);
        return jars;
    }

    /** Scans only the folders of plugins. */
    public static Jars scanPlugins(Path home, Path data) {
        Jars jars = new Jars();
        jars.folder(home.resolve("plugins"), true);
        jars.folder(data.resolve("plugins"), true);
        return jars;
    }

    /** What the engine declares. */
    public Schema schema() {
        return new Schema(engine);
    }

    /** What the plugins declare, by the name of the plugin. */
    public Map<String, List<Ocd>> plugins() {
        return plugins;
    }

    /** The jars that could not be read. */
    public List<Finding> unreadable() {
        return unreadable;
    }

    /** The name of a bundle without its directives. */
    public static String symbolicName(String header) {
        int semicolon = header.indexOf(';');
        return (semicolon < 0 ? header : header.substring(0, semicolon)).strip();
    }

    private void folder(Path folder, boolean plugin) {
        if (!Files.isDirectory(folder)) {
            return;
        }
        try (Stream<Path> files = Files.walk(folder, DEEPEST)) {
            files.filter(file -> file.toString().endsWith(".jar")).sorted().forEach(file -> jar(file, plugin));
        } catch (IOException | UncheckedIOException e) {
            unreadable.add(new Finding(folder.toString(), "", "can not be read: " + e.getMessage()));
        }
    }

    private void jar(Path file, boolean inPlugins) {
        try (JarFile jar = new JarFile(file.toFile())) {
            if (!seen.add(file.toRealPath())) {
                return;
            }
            Manifest manifest = jar.getManifest();
            Attributes headers = manifest == null ? new Attributes() : manifest.getMainAttributes();
            String name = symbolicName(String.valueOf(headers.getValue("Bundle-SymbolicName")));
            String provides = String.valueOf(headers.getValue("Provide-Capability"));
            boolean plugin = inPlugins || provides.contains(HOOK);
            List<Ocd> found = metatype(jar, plugin || name.startsWith("org.posthouse"));
            if (plugin) {
                plugins.put(name, found);
            } else {
                engine.addAll(found);
            }
        } catch (IOException e) {
            unreadable.add(new Finding(file.toString(), "", "can not be read: " + e.getMessage()));
        }
    }

    private static List<Ocd> metatype(JarFile jar, boolean ours) throws IOException {
        List<Ocd> found = new ArrayList<>();
        Enumeration<JarEntry> entries = jar.entries();
        while (entries.hasMoreElements()) {
            JarEntry entry = entries.nextElement();
            if (entry.getName().startsWith(Metatype.FOLDER + "/")
                    && entry.getName().endsWith(".xml")) {
                try (InputStream xml = jar.getInputStream(entry)) {
                    found.addAll(Metatype.parse(xml, ours));
                }
            }
        }
        return found;
    }
}
