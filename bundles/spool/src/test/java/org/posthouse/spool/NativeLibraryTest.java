// SPDX-License-Identifier: Apache-2.0
package org.posthouse.spool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rocksdb.RocksDB;
import org.rocksdb.util.Environment;

class NativeLibraryTest {
    private static final FileTime LONG_AGO = FileTime.fromMillis(1_000_000_000_000L);

    @TempDir
    private Path folder;

    private Path file() {
        return folder.resolve(Environment.getJniLibraryFileName("rocksdbjni"));
    }

    @Test
    void unpacksOnceAndNothingElse() throws IOException {
        NativeLibrary.unpacked(folder);
        Files.setLastModifiedTime(file(), LONG_AGO);

        NativeLibrary.unpacked(folder);

        assertEquals(LONG_AGO, Files.getLastModifiedTime(file()));
        try (Stream<Path> all = Files.list(folder)) {
            assertEquals(List.of(file()), all.toList());
        }
    }

    @Test
    void replacesTheFileOfAnotherVersion() throws IOException {
        long whole = Files.size(NativeLibrary.unpacked(folder).resolve(file().getFileName()));
        Files.writeString(file(), "of another version");

        NativeLibrary.unpacked(folder);

        assertEquals(whole, Files.size(file()));
    }

    @Test
    void loadsWhatItUnpacked() {
        assertTrue(NativeLibrary.load(folder));
    }

    @Test
    void loadsWhereNothingCanBeUnpacked() throws IOException {
        Path occupied = Files.writeString(folder.resolve("occupied"), "a file, not a folder");

        assertFalse(NativeLibrary.load(occupied));
        assertNotNull(RocksDB.rocksdbVersion());
    }
}
