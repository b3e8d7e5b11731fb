// SPDX-License-Identifier: Apache-2.0
package org.posthouse.runtime;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.posthouse.config.spi.LaunchProperties;

/**
 * Where the program is installed.
 *
 * @param path the folder that holds {@code bin}, {@code lib}, {@code features}, {@code repository}, {@code plugins} and
 *     {@code config}
 */
public record Home(Path path) {
    public Home {
        path = path.toAbsolutePath().normalize();
    }

    /** The home that the start script names with the system property {@code posthouse.home}. */
    public static Home fromSystem() {
        String home = System.getProperty(LaunchProperties.HOME);
        if (home == null) {
            throw new StartException("the system property posthouse.home is not set: start with bin/posthouse");
        }
        return new Home(Path.of(home));
    }

    /** The feature files, by name. */
    List<Path> features() throws IOException {
        return listing(path.resolve("features"), ".json");
    }

    /** The jars of the plugins that are shipped. */
    List<Path> plugins() throws IOException {
        return listing(path.resolve("plugins"), ".jar");
    }

    /** The file of a Maven identifier {@code group:artifact:version} in the repository. */
    Path artifact(String id) {
        String[] part = id.split(":", -1);
        if (part.length != 3) {
            throw new StartException("not an identifier of the form group:artifact:version: " + id);
        }
        return path.resolve("repository")
                .resolve(part[0].replace('.', '/'))
                .resolve(part[1])
                .resolve(part[2])
                .resolve(part[1] + "-" + part[2] + ".jar");
    }

    /** How the engine logs: the file an operator edits. */
    Path logback() {
        return path.resolve("config").resolve("logback.xml");
    }

    private static List<Path> listing(Path folder, String suffix) throws IOException {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.toString().endsWith(suffix))
                    .sorted()
                    .toList();
        }
    }
}
