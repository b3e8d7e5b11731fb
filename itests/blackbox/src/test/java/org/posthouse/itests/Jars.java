// SPDX-License-Identifier: Apache-2.0
package org.posthouse.itests;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;
import java.util.jar.JarFile;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.zip.ZipEntry;

/** Drops plugin jars into a daemon, as they are or as another version. */
final class Jars {
    private Jars() {}

    static Path shipped(String plugin) {
        return Daemon.HOME.resolve("plugins/" + plugin + ".jar");
    }

    static Path trouble() {
        return Path.of(System.getProperty("posthouse.trouble", "../trouble/target/trouble.jar"));
    }

    static Path judge() {
        return Path.of(System.getProperty("posthouse.judge", "../judge/target/judge.jar"));
    }

    static void drop(Path jar, Daemon daemon) {
        copy(daemon, jar.getFileName().toString(), target -> Files.copy(jar, target));
    }

    /** The same plugin with another version in its manifest. */
    static void drop(Path jar, Daemon daemon, String version) {
        copy(daemon, jar.getFileName().toString(), target -> rewrite(jar, target, Map.of("Bundle-Version", version)));
    }

    /** The same plugin with other headers in its manifest, as a file that no daemon looks at. */
    static Path made(Path jar, Path target, Map<String, String> headers) {
        try {
            rewrite(jar, target, headers);
            return target;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private interface Writer {
        void write(Path target) throws IOException;
    }

    private static void copy(Daemon daemon, String name, Writer writer) {
        try {
            Path folder = Files.createDirectories(daemon.data().resolve("plugins"));
            Path draft = daemon.folder.resolve(name + ".part");
            Files.deleteIfExists(draft);
            writer.write(draft);
            Files.move(
                    draft, folder.resolve(name), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void rewrite(Path jar, Path target, Map<String, String> headers) throws IOException {
        try (JarFile from = new JarFile(jar.toFile())) {
            Manifest manifest = new Manifest(from.getManifest());
            headers.forEach(manifest.getMainAttributes()::putValue);
            try (JarOutputStream to = new JarOutputStream(Files.newOutputStream(target), manifest)) {
                for (var entries = from.entries(); entries.hasMoreElements(); ) {
                    ZipEntry entry = entries.nextElement();
                    if (!entry.getName().equals(JarFile.MANIFEST_NAME)) {
                        to.putNextEntry(new ZipEntry(entry.getName()));
                        try (InputStream in = from.getInputStream(entry)) {
                            in.transferTo(to);
                        }
                        to.closeEntry();
                    }
                }
            }
        }
    }
}
