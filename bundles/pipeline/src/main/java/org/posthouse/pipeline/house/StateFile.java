// SPDX-License-Identifier: Apache-2.0
package org.posthouse.pipeline.house;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;

/** A small text file that is either the old one or the new one, whatever happens while it is written. */
final class StateFile {
    private static final String END = "# end ";

    private final Path path;

    StateFile(Path path) {
        this.path = path;
    }

    /**
     * The lines; none when the file was never written.
     *
     * @throws IOException when it can not be read, or is not whole
     */
    List<String> read() throws IOException {
        if (!Files.exists(path)) {
            return List.of();
        }
        List<String> lines = Files.readAllLines(path, StandardCharsets.UTF_8);
        int last = lines.size() - 1;
        if (last < 0 || !lines.get(last).equals(END + last)) {
            throw new IOException(path + " is not whole: its last line must be '" + END + Math.max(last, 0) + "'");
        }
        return lines.subList(0, last);
    }

    /** Writes the lines; when this returns they are on stable storage. */
    void write(List<String> lines) throws IOException {
        Path folder = path.toAbsolutePath().getParent();
        Files.createDirectories(folder);
        Path next = path.resolveSibling(path.getFileName() + ".new");
        StringBuilder text = new StringBuilder();
        lines.forEach(line -> text.append(line).append('\n'));
        text.append(END).append(lines.size()).append('\n');
        try (FileChannel out = FileChannel.open(
                next, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING)) {
            ByteBuffer octets = StandardCharsets.UTF_8.encode(text.toString());
            while (octets.hasRemaining()) {
                out.write(octets);
            }
            out.force(true);
        }
        Files.move(next, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        try (FileChannel dir = FileChannel.open(folder, StandardOpenOption.READ)) {
            dir.force(true);
        }
    }
}
