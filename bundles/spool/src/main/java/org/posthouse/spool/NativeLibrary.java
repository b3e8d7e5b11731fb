// SPDX-License-Identifier: Apache-2.0
package org.posthouse.spool;

import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.net.URLConnection;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.rocksdb.RocksDB;
import org.rocksdb.util.Environment;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * RocksDB's native part, unpacked once for all starts.
 *
 * <p>By itself it would be unpacked into the system's temporary folder at each start, and stay there for ever after each
 * {@code kill -9}.
 */
final class NativeLibrary {
    private static final Logger LOG = LoggerFactory.getLogger(NativeLibrary.class);

    private NativeLibrary() {}

    /**
     * Loads it from this folder; where that can not be (a full disk, no right to execute), as it is done by itself.
     *
     * @return whether it was loaded from this folder
     */
    static boolean load(Path folder) {
        try {
            RocksDB.loadLibrary(List.of(unpacked(folder).toAbsolutePath().toString()));
            return true;
        } catch (IOException | UnsatisfiedLinkError e) {
            LOG.warn("RocksDB is unpacked into the temporary folder, not into {}: {}", folder, e.getMessage());
            RocksDB.loadLibrary();
            return false;
        }
    }

    /** The folder with the file in it; one with another size is left by another version. */
    static Path unpacked(Path folder) throws IOException {
        String name = Environment.getJniLibraryFileName("rocksdb");
        URL packed = RocksDB.class.getClassLoader().getResource(name);
        if (packed == null) {
            throw new IOException("there is no " + name + " in the bundle of RocksDB");
        }
        URLConnection connection = packed.openConnection();
        // In a folder that is given RocksDB looks for this name, which is not the one in its jar.
        Path file = folder.resolve(Environment.getJniLibraryFileName("rocksdbjni"));
        try (InputStream in = connection.getInputStream()) {
            if (!Files.isRegularFile(file) || Files.size(file) != connection.getContentLengthLong()) {
                Files.createDirectories(folder);
                write(in, file);
            }
        }
        return folder;
    }

    /** Complete or not at all, also when the power goes. */
    private static void write(InputStream in, Path file) throws IOException {
        Path part = Files.createTempFile(file.getParent(), file.getFileName().toString(), ".part");
        try {
            Files.copy(in, part, StandardCopyOption.REPLACE_EXISTING);
            try (FileChannel channel = FileChannel.open(part, StandardOpenOption.WRITE)) {
                channel.force(true);
            }
            Files.move(part, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(part);
        }
    }
}
