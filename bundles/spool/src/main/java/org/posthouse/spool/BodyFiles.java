// SPDX-License-Identifier: Apache-2.0
package org.posthouse.spool;

import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.posthouse.spool.spi.MessageId;
import org.posthouse.spool.spi.SpoolException;

/** The folder of large bodies, {@code bodies/<last 2 characters>/<id>}. */
final class BodyFiles {
    private final Path folder;
    private final Set<Path> durable = ConcurrentHashMap.newKeySet();

    BodyFiles(Path folder) throws IOException {
        this.folder = folder;
        Files.createDirectories(folder);
        sync(folderOf(folder));
    }

    Path path(MessageId id) {
        String name = id.toString();
        // The last characters are random; the first ones tell the time and would put everything into one folder.
        return folder.resolve(name.substring(24)).resolve(name);
    }

    /** Creates the file of a new body. */
    FileChannel create(MessageId id) throws IOException {
        Path path = path(id);
        Path parent = folderOf(path);
        if (!durable.contains(parent)) {
            // Also when it is there: whoever made it, another thread or a process that was killed, may not have synced.
            Files.createDirectories(parent);
            sync(folder);
            durable.add(parent);
        }
        return FileChannel.open(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    }

    /** Makes the name of a body durable; its octets were forced before. */
    void syncFolder(MessageId id) throws IOException {
        sync(folderOf(path(id)));
    }

    static Path folderOf(Path path) {
        Path parent = path.getParent();
        if (parent == null) {
            throw new IllegalArgumentException("No folder: " + path);
        }
        return parent;
    }

    static void sync(Path folder) throws IOException {
        try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    InputStream open(MessageId id, long size, int checksum) throws SpoolException {
        try {
            return new VerifiedStream(new FileInputStream(path(id).toFile()), id.toString(), size, checksum);
        } catch (IOException e) {
            if (Files.notExists(path(id))) {
                throw new SpoolException(SpoolException.Kind.DAMAGED, "Body " + id + " is missing", e);
            }
            // Such as too many open files: no reason to set the message aside.
            throw new SpoolException(SpoolException.Kind.SICK, "Body " + id + " can not be opened", e);
        }
    }

    void delete(MessageId id) throws IOException {
        Files.deleteIfExists(path(id));
    }

    /** All bodies that are files now. */
    List<MessageId> all() throws IOException {
        List<MessageId> ids = new ArrayList<>();
        try (DirectoryStream<Path> parents = Files.newDirectoryStream(folder, Files::isDirectory)) {
            for (Path parent : parents) {
                list(parent, ids);
            }
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
        return ids;
    }

    private static void list(Path parent, List<MessageId> ids) throws IOException {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(parent)) {
            for (Path file : files) {
                String name = String.valueOf(file.getFileName());
                // Whatever else someone put here is not ours to delete.
                if (name.matches("[0-7][0-9A-HJKMNP-TV-Z]{25}")) {
                    ids.add(MessageId.parse(name));
                }
            }
        } catch (NoSuchFileException e) {
            // The folder was removed while we walked: nothing in it is ours any more.
            return;
        }
    }
}
