// SPDX-License-Identifier: Apache-2.0
package org.posthouse.runtime;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;

/** The data folder as the engine expects to find it, held by one process. */
final class DataFolder implements AutoCloseable {
    private final Path path;
    private final FileChannel lock;

    private DataFolder(Path path, FileChannel lock) {
        this.path = path;
        this.lock = lock;
    }

    /**
     * Makes the data folder, readable by its owner alone, takes it for this process, and links the shipped plugins into its
     * plugins folder when there is none yet: what an operator took out later stays out.
     *
     * @throws StartException when it can not be made, or another process serves it
     */
    static DataFolder take(Home home, Path data) {
        try {
            if (!Files.isDirectory(data)) {
                Files.createDirectories(
                        data, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            }
            DataFolder folder = new DataFolder(data, lock(data));
            Path plugins = data.resolve("plugins");
            if (!Files.isDirectory(plugins)) {
                link(home, plugins);
            }
            return folder;
        } catch (IOException | UnsupportedOperationException impossible) {
            throw new StartException("data folder " + data + " can not be used: " + impossible, impossible);
        }
    }

    Path path() {
        return path;
    }

    /** Before anything else: a second server would delete the framework's cache under the first. */
    private static FileChannel lock(Path data) throws IOException {
        Path run = Files.createDirectories(data.resolve("run"));
        Path file = run.resolve("lock");
        FileChannel channel =
                FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
        if (channel.tryLock() == null) {
            channel.close();
            throw new StartException("data folder " + data + " is in use by process "
                    + Files.readString(file).strip());
        }
        channel.truncate(0);
        channel.write(ByteBuffer.wrap((ProcessHandle.current().pid() + "\n").getBytes(StandardCharsets.US_ASCII)));
        return channel;
    }

    /** In a folder of another name first: a start that is killed half-way must not leave half of the plugins. */
    private static void link(Home home, Path plugins) throws IOException {
        Path fresh = plugins.resolveSibling("plugins.new");
        Files.createDirectories(fresh);
        for (Path jar : home.plugins()) {
            Path link = fresh.resolve(jar.getFileName());
            Files.deleteIfExists(link);
            Files.createSymbolicLink(link, jar);
        }
        Files.move(fresh, plugins);
    }

    @Override
    public void close() throws IOException {
        lock.close();
    }
}
