// SPDX-License-Identifier: Apache-2.0
package org.posthouse.testkit.conformance;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * The files of a plugin that is checked.
 *
 * @param jar its packed jar
 * @param readme its README.md
 * @param configuration the configuration it is shipped with
 */
public record PluginFiles(Path jar, Path readme, Path configuration) {
    /** The files of a Maven project that has its configuration in {@code config/<plugin>.yaml}, after the phase package. */
    public static PluginFiles ofProject(Path folder) {
        Path jar = only(folder.resolve("target"), ".jar");
        return new PluginFiles(jar, folder.resolve("README.md"), only(folder.resolve("config"), ".yaml"));
    }

    /** The files that the build names: {@code posthouse.plugin.jar}, {@code .readme} and {@code .configuration}. */
    public static PluginFiles ofProperties() {
        return new PluginFiles(property("jar"), property("readme"), property("configuration"));
    }

    private static Path property(String name) {
        String key = "posthouse.plugin." + name;
        String value = System.getProperty(key);
        if (value == null) {
            throw new IllegalStateException("the build names no " + key);
        }
        return Path.of(value);
    }

    private static Path only(Path folder, String end) {
        try (Stream<Path> files = Files.list(folder)) {
            List<Path> found = files.filter(file -> file.toString().endsWith(end)
                            && !file.toString().endsWith("-sources.jar")
                            && !file.toString().endsWith("-javadoc.jar"))
                    .toList();
            if (found.size() != 1) {
                throw new IllegalStateException("expected one *" + end + " in " + folder + ", found " + found);
            }
            return found.get(0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
