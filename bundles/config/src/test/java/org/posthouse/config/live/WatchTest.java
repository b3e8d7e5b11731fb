// SPDX-License-Identifier: Apache-2.0
package org.posthouse.config.live;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.posthouse.config.load.Fixture;

class WatchTest {
    @TempDir
    Path folder;

    @Test
    void reportsAChangeOnceItIsAtRest() throws IOException {
        Path file = Files.writeString(folder.resolve("a.yaml"), "a");
        List<Path> files = List.of(file, folder.resolve("local.yaml"));
        Watch watch = new Watch();
        watch.accept(files);
        assertFalse(watch.changed(files));
        Files.writeString(file, "ab");
        assertFalse(watch.changed(files));
        Files.writeString(file, "abc");
        assertFalse(watch.changed(files));
        assertTrue(watch.changed(files));
        assertFalse(watch.changed(files));
    }

    @Test
    void noticesFilesThatAppearAndVanish() throws IOException {
        Path file = folder.resolve("local.yaml");
        Watch watch = new Watch();
        watch.accept(List.of(file));
        Files.writeString(file, "x");
        assertFalse(watch.changed(List.of(file)));
        assertTrue(watch.changed(List.of(file)));
        Files.delete(file);
        assertFalse(watch.changed(List.of(file)));
        assertTrue(watch.changed(List.of(file)));
    }

    @Test
    void tellsWhichPluginsValuesChanged() throws Exception {
        Fixture files = new Fixture(folder)
                .file("posthouse.yaml", "queue: {}\n")
                .file("plugins/one.yaml", "a: 1\n")
                .file("plugins/two.yaml", "a: 1\n");
        PluginFiles plugins = new PluginFiles(files.load());
        List<Set<String>> heard = new ArrayList<>();
        try (AutoCloseable listening = plugins.onChange(heard::add)) {
            assertTrue(listening != null);
            files.file("plugins/one.yaml", "# a comment moves the line\na: 1\n")
                    .file("plugins/two.yaml", "a: 2\n")
                    .file("plugins/three.yaml", "");
            plugins.update(files.load());
        }
        plugins.update(new Fixture(folder).file("plugins/two.yaml", "a: 3\n").load());
        assertEquals(List.of(Set.of("two", "three")), heard);
        assertEquals(Set.of("one", "two", "three"), plugins.names());
    }
}
