// SPDX-License-Identifier: Apache-2.0
package org.posthouse.telemetry.events;

import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.jspecify.annotations.Nullable;

/**
 * A file that is set aside as {@code .1}, {@code .2} … when it has grown to its size; the oldest is deleted.
 *
 * <p>For one thread. The stream is no channel, because an interrupt would close that.
 */
final class RotatingFile implements AutoCloseable {
    private final Path file;
    private @Nullable OutputStream out;
    private long size;

    RotatingFile(Path file) {
        this.file = file;
    }

    /**
     * Appends whole lines, to a new file when the present one would grow too large.
     *
     * @param most the greatest size in octets of a file
     * @param keep how many old files are kept
     */
    void append(byte[] lines, long most, int keep) throws IOException {
        OutputStream now = open();
        if (size > 0 && size + lines.length > most) {
            close();
            rotate(keep);
            now = open();
        }
        now.write(lines);
        size += lines.length;
    }

    @Override
    public void close() throws IOException {
        OutputStream now = out;
        out = null;
        if (now != null) {
            now.close();
        }
    }

    private OutputStream open() throws IOException {
        OutputStream now = out;
        // Somebody may have moved the file away; what is written must be found where it belongs.
        if (now != null && Files.exists(file)) {
            return now;
        }
        close();
        Path folder = file.getParent();
        if (folder != null) {
            Files.createDirectories(folder);
        }
        boolean torn = torn();
        OutputStream fresh = new FileOutputStream(file.toFile(), true);
        out = fresh;
        if (torn) {
            fresh.write('\n');
        }
        size = Files.size(file);
        return fresh;
    }

    /** Whether the last line has no end, for the disk was full or the process killed: the next one starts afresh. */
    private boolean torn() throws IOException {
        if (!Files.exists(file) || Files.size(file) == 0) {
            return false;
        }
        try (RandomAccessFile last = new RandomAccessFile(file.toFile(), "r")) {
            last.seek(last.length() - 1);
            return last.read() != '\n';
        }
    }

    private void rotate(int keep) throws IOException {
        Files.deleteIfExists(old(keep));
        for (int i = keep; i >= 1; i--) {
            Path from = i == 1 ? file : old(i - 1);
            if (Files.exists(from)) {
                Files.move(from, old(i), StandardCopyOption.REPLACE_EXISTING);
            }
        }
        if (keep == 0) {
            Files.deleteIfExists(file);
        }
        // When fewer are kept than before, the rest goes too.
        for (int i = keep + 1; Files.deleteIfExists(old(i)); i++) {
            continue;
        }
    }

    private Path old(int number) {
        return file.resolveSibling(file.getFileName() + "." + number);
    }
}
