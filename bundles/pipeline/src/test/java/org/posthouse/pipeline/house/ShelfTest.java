// SPDX-License-Identifier: Apache-2.0
package org.posthouse.pipeline.house;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tells the jar that was taken from another one in its place. */
final class ShelfTest {
    @TempDir
    private Path dir;

    private Shelf shelf;
    private Path jar;

    @BeforeEach
    void take() throws Exception {
        shelf = new Shelf(dir, dir.resolve("scratch"), () -> HookRules.of(null, Map.of()));
        jar = shelf.home("tp");
        TestJar.write(jar, "tp", "1.0.0");
        shelf.stands(shelf.take(jar));
    }

    @Test
    void knowsTheFileThatItTook() {
        assertTrue(shelf.unchanged(jar));
    }

    @Test
    void noticesWhatWasRewrittenInPlaceWithTheSameSizeAndTime() throws Exception {
        FileTime written = Files.getLastModifiedTime(jar);
        byte[] octets = Files.readAllBytes(jar);
        octets[octets.length - 1]++;

        Files.write(jar, octets);
        Files.setLastModifiedTime(jar, written);

        assertFalse(shelf.unchanged(jar));
    }

    @Test
    void noticesAnotherFileWithTheSameSizeAndTime() throws Exception {
        Path other = Files.copy(jar, dir.resolve("other.jar"));
        Files.setLastModifiedTime(other, Files.getLastModifiedTime(jar));

        Files.move(other, jar, StandardCopyOption.REPLACE_EXISTING);

        assertFalse(shelf.unchanged(jar));
    }

    @Test
    void knowsNothingOfAFileThatIsGone() throws Exception {
        Files.delete(jar);

        assertFalse(shelf.unchanged(jar));
    }
}
