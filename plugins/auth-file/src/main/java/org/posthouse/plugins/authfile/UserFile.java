// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.authfile;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The file of users: read again when it changed, written whole and at once, for the eyes of the server alone. */
final class UserFile {
    private static final Logger LOG = LoggerFactory.getLogger(UserFile.class);
    private static final Object WRITING = new Object();

    private final Path path;
    private @Nullable Stamp stamp;
    private Users users = Users.NONE;

    /** By what it is seen that a file changed. */
    private record Stamp(
            FileTime modified, long size, @Nullable Object key) {
        static @Nullable Stamp of(Path path) throws IOException {
            try {
                BasicFileAttributes found = Files.readAttributes(path, BasicFileAttributes.class);
                return new Stamp(found.lastModifiedTime(), found.size(), found.fileKey());
            } catch (NoSuchFileException e) {
                return null;
            }
        }
    }

    /** A change of the lines of the file. */
    @FunctionalInterface
    interface Edit<X extends Exception> {
        /** The lines as they shall be. */
        List<String> apply(List<String> lines) throws X;
    }

    UserFile(Path path) {
        this.path = path;
    }

    Path path() {
        return path;
    }

    /**
     * The users as the file says now.
     *
     * @throws IOException when it can not be read, or is gone since it was
     */
    synchronized Users users() throws IOException {
        Stamp now = Stamp.of(path);
        if (now == null && stamp != null) {
            throw new NoSuchFileException(path.toString(), null, "it is gone");
        }
        if (now != null && !now.equals(stamp)) {
            users = Users.parse(lines());
            stamp = now;
            users.damage().forEach(d -> LOG.warn("{}, {}; nobody is let in by it", path, d));
            warnOfOpenDoors();
        }
        return users;
    }

    private void warnOfOpenDoors() throws IOException {
        String others = PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
        if (others.charAt(3) == 'r' || others.charAt(6) == 'r') {
            LOG.warn("{} can be read by others ({}): chmod 600 it", path, others);
        }
    }

    private List<String> lines() throws IOException {
        String all = Files.readString(path, StandardCharsets.ISO_8859_1);
        return all.isEmpty() ? List.of() : List.of(all.split("\r?\n", -1));
    }

    /**
     * Changes the file.
     *
     * @throws IOException when it can not be read or written, or somebody else changed it meanwhile
     * @throws X what the edit throws; nothing is changed then
     */
    <X extends Exception> void edit(Edit<X> edit) throws IOException, X {
        synchronized (WRITING) {
            Path real = Files.exists(path) ? path.toRealPath() : path;
            Stamp before = Stamp.of(real);
            List<String> after = edit.apply(new ArrayList<>(before == null ? List.of() : lines()));
            if (!Objects.equals(before, Stamp.of(real))) {
                throw new IOException(path + " was changed by somebody else meanwhile, try again");
            }
            write(
                    real,
                    String.join("\n", after)
                            + (after.isEmpty() || after.getLast().isEmpty() ? "" : "\n"));
        }
    }

    /** Writes a file whole: beside it first, synced, then in its place; mode 0600. */
    static void write(Path file, String octets) throws IOException {
        Path folder = Objects.requireNonNull(file.toAbsolutePath().getParent());
        Path draft = folder.resolve("." + file.getFileName() + ".new");
        Files.deleteIfExists(draft);
        Set<StandardOpenOption> create = Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        try (FileChannel out = FileChannel.open(
                draft, create, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
            ByteBuffer left = ByteBuffer.wrap(octets.getBytes(StandardCharsets.ISO_8859_1));
            while (left.hasRemaining()) {
                out.write(left);
            }
            out.force(true);
        }
        Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE);
        try (FileChannel entry = FileChannel.open(folder, StandardOpenOption.READ)) {
            entry.force(true);
        }
    }
}
