// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.dkimsign;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/** Files for the eyes of the server alone: written beside their place first, synced, and never over another one. */
final class SecretFile {
    private static final Object WRITING = new Object();

    private SecretFile() {}

    /**
     * Writes a new file with mode 0600, and its folder with mode 0700 where there is none.
     *
     * @throws IOException when there is a file of this name, or it can not be written
     */
    static Path write(Path folder, String name, String text) throws IOException {
        synchronized (WRITING) {
            if (!Files.isDirectory(folder)) {
                Files.createDirectories(
                        folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            }
            Path file = folder.resolve(name);
            if (Files.exists(file)) {
                throw new IOException(file + " is there already; keys are never overwritten, take another selector");
            }
            Path draft = folder.resolve("." + name + ".new");
            Files.deleteIfExists(draft);
            fill(draft, text);
            Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE);
            try (FileChannel entry = FileChannel.open(folder, StandardOpenOption.READ)) {
                entry.force(true);
            }
            return file;
        }
    }

    private static void fill(Path draft, String text) throws IOException {
        try (FileChannel out = FileChannel.open(
                draft,
                Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
            ByteBuffer left = ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII));
            while (left.hasRemaining()) {
                out.write(left);
            }
            out.force(true);
        }
    }
}
