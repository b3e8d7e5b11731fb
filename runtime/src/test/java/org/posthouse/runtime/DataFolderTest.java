// SPDX-License-Identifier: Apache-2.0
package org.posthouse.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class DataFolderTest {
    @TempDir
    private Path folder;

    private Home home;
    private Path data;

    @BeforeEach
    void shipOnePlugin() throws IOException {
        home = new Home(folder.resolve("home"));
        data = folder.resolve("srv/data");
        Files.createDirectories(home.path().resolve("plugins"));
        Files.writeString(home.path().resolve("plugins/block-sender.jar"), "jar");
    }

    @Test
    void makesTheDataFolderForItsOwnerAlone() throws IOException {
        DataFolder.take(home, data).close();
        assertEquals("rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(data)));
    }

    @Test
    void linksTheShippedPlugins() throws IOException {
        DataFolder.take(home, data).close();
        assertEquals("jar", Files.readString(data.resolve("plugins/block-sender.jar")));
    }

    @Test
    void doesNotBringBackWhatTheOperatorTookOut() throws IOException {
        DataFolder.take(home, data).close();
        Files.delete(data.resolve("plugins/block-sender.jar"));
        DataFolder.take(home, data).close();
        assertFalse(Files.exists(data.resolve("plugins/block-sender.jar")));
    }

    @Test
    void finishesWhatAKilledStartBegan() throws IOException {
        Files.createDirectories(data.resolve("plugins.new"));
        Files.createSymbolicLink(data.resolve("plugins.new/block-sender.jar"), Path.of("gone"));
        DataFolder.take(home, data).close();
        assertEquals("jar", Files.readString(data.resolve("plugins/block-sender.jar")));
    }

    @Test
    void isReleasedForTheNextStart() throws IOException {
        DataFolder.take(home, data).close();
        try (DataFolder again = DataFolder.take(home, data)) {
            assertEquals(
                    ProcessHandle.current().pid() + "\n", Files.readString(data.resolve("run/lock")), again::toString);
        }
    }

    @Test
    void saysWhichFolderCanNotBeMade() throws IOException {
        Files.writeString(folder.resolve("srv"), "a file");
        StartException refused = assertThrows(StartException.class, () -> DataFolder.take(home, data));
        assertEquals(true, refused.getMessage().contains(data.toString()), refused.getMessage());
    }
}
