// SPDX-License-Identifier: Apache-2.0
package org.posthouse.pipeline.house;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.Version;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The jars that stand in the plugins folder. Used by one thread; {@link #read} may be called by all. */
final class Shelf {
    private static final Logger LOG = LoggerFactory.getLogger(Shelf.class);

    private final Path dataDir;
    private final Path folder;
    private final Path scratch;
    private final Supplier<HookRules> rules;
    private final Map<Path, PluginJar> known = new TreeMap<>();
    /** By what a file system tells whether a file is still the one that was taken. */
    private final Map<Path, Map<String, Object>> prints = new TreeMap<>();

    /**
     * A shelf of which nothing is known yet.
     *
     * @throws IOException when the folder can not be made
     */
    Shelf(Path dataDir, Path scratch, Supplier<HookRules> rules) throws IOException {
        this.dataDir = dataDir;
        this.folder = dataDir.resolve("plugins");
        this.scratch = scratch;
        this.rules = rules;
        Files.createDirectories(folder);
        KeptJars.sweep(folder);
    }

    Path folder() {
        return folder;
    }

    /** Where a jar of this plugin stands that came by command. */
    Path home(String plugin) {
        return folder.resolve(plugin + ".jar");
    }

    /** The files that are there now. */
    List<Path> files() {
        List<Path> found = new ArrayList<>();
        try (DirectoryStream<Path> stream = Files.newDirectoryStream(folder, "*.jar")) {
            stream.forEach(found::add);
        } catch (IOException e) {
            LOG.error("The plugins folder {} can not be read", folder, e);
        }
        found.sort(null);
        return found;
    }

    /** Reads a jar, wherever it is, that may come to serve. */
    PluginJar read(Path file) throws HouseException {
        return PluginJar.read(file, scratch, Trust.of(dataDir, rules.get().trustedCertificates()));
    }

    /** Reads a jar of the folder. */
    PluginJar take(Path file) throws HouseException {
        try {
            prints.put(file, print(file)); // Before it is read: what is written meanwhile is seen the next time.
        } catch (IOException e) {
            throw new HouseException("can not be read: " + e.getMessage(), e);
        }
        return read(file);
    }

    private static Map<String, Object> print(Path file) throws IOException {
        return Files.readAttributes(file, "unix:size,lastModifiedTime,ctime,ino");
    }

    /** Whether the file that stands there is the very one that was taken. */
    boolean unchanged(Path file) {
        try {
            return known.containsKey(file) && print(file).equals(prints.get(file));
        } catch (IOException e) {
            return false;
        }
    }

    /** Reads a jar that is only looked at, whoever signed it. */
    PluginJar peek(Path file) throws HouseException {
        return PluginJar.read(file, scratch, Trust.ANYBODY);
    }

    /** The jar that is known to stand at this place. */
    @Nullable
    PluginJar at(Path file) {
        return known.get(file);
    }

    /** A jar stands in the folder. */
    void stands(PluginJar jar) {
        known.put(jar.file(), jar.lighter());
    }

    /** A file is not there any more. */
    @Nullable
    PluginJar gone(Path file) {
        prints.remove(file);
        return known.remove(file);
    }

    /** The jar of the plugin with the highest version, this file aside; null when there is none. */
    @Nullable
    PluginJar newest(String plugin, Path aside) {
        return known.values().stream()
                .filter(jar -> jar.name().equals(plugin) && !jar.file().equals(aside))
                .max((a, b) -> version(a).compareTo(version(b)))
                .orElse(null);
    }

    static boolean newer(PluginJar jar, PluginJar than) {
        return version(jar).compareTo(version(than)) > 0;
    }

    private static Version version(PluginJar jar) {
        try {
            return Version.parseVersion(jar.version());
        } catch (IllegalArgumentException e) {
            return Version.emptyVersion;
        }
    }

    /** Puts a jar that came by command into the folder, where its plugin's other jars would be in its way. */
    void put(PluginJar jar) throws HouseException {
        try {
            KeptJars.write(jar.file(), jar.octets());
            clear(jar.name(), jar.file());
        } catch (IOException e) {
            throw new HouseException("can not be written to " + jar.file() + ": " + e.getMessage(), e);
        }
        stands(jar); // So that it is known already when FileInstall hands it over.
    }

    /** Deletes the jars of a plugin, but not this file. */
    void clear(String plugin, @Nullable Path aside) throws IOException {
        for (PluginJar jar : List.copyOf(known.values())) {
            if (jar.name().equals(plugin) && !jar.file().equals(aside)) {
                Files.deleteIfExists(jar.file());
                known.remove(jar.file());
            }
        }
    }
}
