// SPDX-License-Identifier: Apache-2.0
package org.posthouse.pipeline.house;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;

/**
 * Copies of the jars that plugins serve from: the file in the plugins folder may be overwritten by whoever drops the next
 * one, so that a rollback needs copies of its own. Used by one thread.
 */
final class KeptJars {
    private static final String SUFFIX = ".jar";

    private final Path serving;
    private final Path previous;

    KeptJars(Path state) {
        this.serving = state.resolve("serving");
        this.previous = state.resolve("previous");
    }

    /** The copy of the newest jar that serves. */
    Path serving(String plugin) {
        return serving.resolve(plugin + SUFFIX);
    }

    /** The copy of the jar before it. */
    Path previous(String plugin) {
        return previous.resolve(plugin + SUFFIX);
    }

    /**
     * This jar serves from now on; when this returns, it and the one that served before are on stable storage.
     *
     * @param jar the jar with its octets
     * @param keepsPrevious whether the jar of the time before still stands, so that it is what a rollback leads to
     */
    void serves(PluginJar jar, boolean keepsPrevious) throws IOException {
        Path now = serving(jar.name());
        if (Files.exists(now)) {
            byte[] before = Files.readAllBytes(now);
            if (same(before, jar)) {
                return;
            }
            if (!keepsPrevious) {
                write(previous(jar.name()), before);
            }
        }
        write(now, jar.octets());
    }

    /** The two change places: the jar before serves, and the other one is kept. */
    void back(PluginJar jar) throws IOException {
        byte[] left = Files.readAllBytes(serving(jar.name()));
        write(previous(jar.name()), left);
        write(serving(jar.name()), jar.octets());
    }

    /** A jar that did badly is kept as the one of the time before. */
    void aside(PluginJar bad) throws IOException {
        write(previous(bad.name()), bad.octets());
    }

    /** Whether this jar would take the place of another one that served. */
    boolean replaces(PluginJar jar) throws IOException {
        Path now = serving(jar.name());
        return Files.exists(now) && !same(Files.readAllBytes(now), jar);
    }

    /** Whether this is the jar that serves, or the one of the time before. */
    boolean served(PluginJar jar) throws IOException {
        for (Path kept : List.of(serving(jar.name()), previous(jar.name()))) {
            if (Files.exists(kept) && same(Files.readAllBytes(kept), jar)) {
                return true;
            }
        }
        return false;
    }

    /** The plugin is forgotten. */
    void forget(String plugin) throws IOException {
        Files.deleteIfExists(serving(plugin));
        Files.deleteIfExists(previous(plugin));
    }

    /** Writes a file that is either the old one or the new one; a symbolic link is replaced, not what it points to. */
    static void write(Path to, byte[] octets) throws IOException {
        Path folder = Objects.requireNonNull(to.toAbsolutePath().getParent());
        Files.createDirectories(folder);
        Path next = folder.resolve("." + to.getFileName() + ".new");
        try (FileChannel out = FileChannel.open(
                next, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING)) {
            ByteBuffer rest = ByteBuffer.wrap(octets);
            while (rest.hasRemaining()) {
                out.write(rest);
            }
            out.force(true);
        } catch (IOException e) {
            Files.deleteIfExists(next);
            throw e;
        }
        Files.move(next, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        try (FileChannel dir = FileChannel.open(folder, StandardOpenOption.READ)) {
            dir.force(true);
        }
    }

    /** Deletes what a write left that was killed half-way. */
    static void sweep(Path folder) throws IOException {
        try (DirectoryStream<Path> left = Files.newDirectoryStream(folder, ".*.new")) {
            for (Path file : left) {
                Files.deleteIfExists(file);
            }
        }
    }

    /** The octets are not always at hand; where they are, comparing them is cheaper than a hash. */
    private static boolean same(byte[] kept, PluginJar jar) {
        return jar.octets().length > 0
                ? Arrays.equals(kept, jar.octets())
                : hash(kept).equals(jar.hash());
    }

    private static String hash(byte[] octets) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(octets));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
