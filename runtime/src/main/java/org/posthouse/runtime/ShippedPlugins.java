// SPDX-License-Identifier: Apache-2.0
package org.posthouse.runtime;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/** The data folder as the engine expects to find it, made on the first start. */
final class ShippedPlugins {
    private ShippedPlugins() {}

    /**
     * Makes the data folder, readable by its owner alone, and links the shipped plugins into its plugins folder when there
     * is none yet: what an operator took out later stays out.
     */
    static void prepare(Home home, Path data) {
        try {
            if (!Files.isDirectory(data)) {
                Files.createDirectories(
                        data, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            }
            Path plugins = data.resolve("plugins");
            if (!Files.isDirectory(plugins)) {
                link(home, plugins);
            }
        } catch (IOException | UnsupportedOperationException impossible) {
            throw new StartException("data folder " + data + " can not be made: " + impossible, impossible);
        }
    }

    /** In a folder of another name first: a start that is killed half-way must not leave half of the plugins. */
    private static void link(Home home, Path plugins) throws IOException {
        Path fresh = plugins.resolveSibling("plugins.new");
        Files.createDirectories(fresh);
        for (Path jar : home.plugins()) {
            Path link = fresh.resolve(jar.getFileName());
            Files.deleteIfExists(link);
            Files.createSymbolicLink(link, jar);
        }
        Files.move(fresh, plugins);
    }
}
