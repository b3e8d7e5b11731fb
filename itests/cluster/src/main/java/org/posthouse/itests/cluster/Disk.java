// SPDX-License-Identifier: Apache-2.0
package org.posthouse.itests.cluster;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A small file system of its own in a file, which can be full without harm to others. */
final class Disk {
    private static final long SIZE = 768L << 20;

    private final Path image;
    private final Path mount;

    Disk(Path image, Path mount) {
        this.image = image;
        this.mount = mount;
    }

    /** Mounts what is there, or a new empty one. */
    void insert() {
        try {
            Files.createDirectories(mount);
            if (Shell.tried("mountpoint", "-q", mount.toString())) {
                return;
            }
            if (!Files.exists(image)) {
                format();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Shell.run("mount", "-o", "loop", image.toString(), mount.toString());
    }

    private void format() throws IOException {
        try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
            file.setLength(SIZE);
        }
        Shell.run("mkfs.ext4", "-q", "-m", "0", image.toString());
    }

    /** Takes it away; nothing may have files open there. */
    void remove() {
        if (Shell.tried("mountpoint", "-q", mount.toString())) {
            Shell.run("umount", mount.toString());
        }
    }

    /** Puts an empty one in its place. */
    void replace() {
        remove();
        try {
            Files.deleteIfExists(image);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        insert();
    }

    /** Takes what is free, down to this. */
    void fill(long rest) {
        try {
            long free = Files.getFileStore(mount).getUsableSpace();
            if (free > rest) {
                Path filler = mount.resolve("filler");
                long has = Files.exists(filler) ? Files.size(filler) : 0;
                // Space that the server takes meanwhile is no error: the disk is full then too.
                Shell.tried("fallocate", "-l", Long.toString(has + free - rest), filler.toString());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Gives it back. */
    void free() {
        try {
            Files.deleteIfExists(mount.resolve("filler"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
