// SPDX-License-Identifier: Apache-2.0
package org.posthouse.config.load;

import java.io.IOException;
import java.io.StringReader;
import java.io.StringWriter;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.posthouse.config.spi.SharedFiles.Change;
import org.posthouse.config.spi.SharedFiles.Ended;
import org.posthouse.config.spi.SharedFiles.Open;

/**
 * The exchange of shared files for others. The old ones are kept in {@code <dataDir>/run/config} until it is said what
 * stays, so that neither a refusal nor a crash leaves a mixture.
 */
public final class Exchange {
    private static final String PHASE = "phase";
    private static final String WRITING = "writing";
    private static final String APPLIED = "applied";
    private static final Set<PosixFilePermission> USUAL = PosixFilePermissions.fromString("rw-r--r--");

    private final Path folder;
    private final Path aside;
    private final Path journal;
    private final Path ended;

    private Exchange(Path folder, Path run) {
        this.folder = folder;
        this.aside = run.resolve("old");
        this.journal = run.resolve("change");
        this.ended = run.resolve("last");
    }

    /** The exchange for the files of this request. */
    public static Exchange of(Request request) {
        return new Exchange(
                Layers.folder(request),
                ConfigCommand.dataDir(request).resolve("run").resolve("config"));
    }

    /**
     * Before a start: puts the old files back where the process ended while it wrote new ones.
     *
     * @return the change that was taken back, if there was one
     */
    public static Optional<String> mend(Request request) throws IOException {
        Exchange exchange = of(request);
        Properties open = exchange.read(exchange.journal);
        if (open == null || !WRITING.equals(open.getProperty(PHASE))) {
            return Optional.empty();
        }
        exchange.takeBack();
        return Optional.of(text(open, "id"));
    }

    /** Where a file of this name is. */
    public Path path(String name) {
        return folder.resolve(name);
    }

    /** Writes the files of a change; when this returns all of them are on stable storage. */
    public void write(String id, String who, Change change) throws IOException {
        forget();
        for (String name : change.names()) {
            if (Files.exists(path(name))) {
                put(aside.resolve(name), Files.readAllBytes(path(name)), permissions(path(name)));
            }
        }
        Properties open = new Properties();
        open.setProperty("id", id);
        open.setProperty("who", who);
        open.setProperty("since", Instant.now().toString());
        open.setProperty("names", String.join(" ", new TreeSet<>(change.names())));
        note(journal, open, WRITING);
        for (String name : change.removed()) {
            Files.deleteIfExists(path(name));
        }
        for (var file : change.files().entrySet()) {
            Path target = target(file.getKey());
            put(target, file.getValue().getBytes(StandardCharsets.UTF_8), permissions(target));
        }
    }

    /** What was written is in force. */
    public void applied() throws IOException {
        note(journal, Objects.requireNonNull(read(journal)), APPLIED);
    }

    /** What was written stays. */
    public void keep() throws IOException {
        end(true);
    }

    /** The files are again what they were. */
    public void takeBack() throws IOException {
        for (String name : names(Objects.requireNonNull(read(journal)))) {
            Path old = aside.resolve(name);
            if (Files.exists(old)) {
                put(target(name), Files.readAllBytes(old), permissions(old));
            } else {
                Files.deleteIfExists(path(name));
            }
        }
        end(false);
    }

    private void end(boolean kept) throws IOException {
        Properties last = new Properties();
        last.setProperty("id", text(Objects.requireNonNull(read(journal)), "id"));
        note(ended, last, kept ? "kept" : "taken back");
        forget();
    }

    /** In this order: without the journal nobody looks at what is kept aside. */
    private void forget() throws IOException {
        Files.deleteIfExists(journal);
        for (Path from : List.of(aside.resolve(Layers.PLUGINS), aside)) {
            if (Files.isDirectory(from)) {
                try (var files = Files.newDirectoryStream(from)) {
                    for (Path file : files) {
                        Files.delete(file);
                    }
                }
            }
        }
    }

    /** The change that is written and neither stays nor was taken back. */
    public Optional<Open> open() throws IOException {
        Properties open = read(journal);
        return open == null
                ? Optional.empty()
                : Optional.of(
                        new Open(text(open, "id"), text(open, "who"), Instant.parse(text(open, "since")), names(open)));
    }

    /** The change that ended last. */
    public Optional<Ended> last() throws IOException {
        Properties last = read(ended);
        return last == null
                ? Optional.empty()
                : Optional.of(new Ended(text(last, "id"), "kept".equals(last.getProperty(PHASE))));
    }

    private static Set<String> names(Properties open) {
        return new TreeSet<>(List.of(text(open, "names").split(" ")));
    }

    private static String text(Properties properties, String key) {
        return Objects.requireNonNull(properties.getProperty(key), key);
    }

    private @Nullable Properties read(Path file) throws IOException {
        if (!Files.exists(file)) {
            return null;
        }
        Properties properties = new Properties();
        properties.load(new StringReader(Files.readString(file)));
        return properties;
    }

    private static void note(Path file, Properties properties, String phase) throws IOException {
        properties.setProperty(PHASE, phase);
        StringWriter text = new StringWriter();
        properties.store(text, null);
        put(file, text.toString().getBytes(StandardCharsets.UTF_8), USUAL);
    }

    /** A link stays one: what it leads to is exchanged. */
    private Path target(String name) throws IOException {
        Path file = path(name);
        return Files.isSymbolicLink(file) ? file.toRealPath() : file;
    }

    private static Set<PosixFilePermission> permissions(Path file) throws IOException {
        return Files.exists(file) ? Files.getPosixFilePermissions(file) : USUAL;
    }

    /** The file is the old one or the new one, whatever happens; a name with a dot before it is no configuration. */
    private static void put(Path file, byte[] octets, Set<PosixFilePermission> permissions) throws IOException {
        Path parent = Objects.requireNonNull(file.toAbsolutePath().getParent());
        Files.createDirectories(parent);
        Path draft = parent.resolve("." + file.getFileName() + ".new");
        Files.deleteIfExists(draft);
        FileAttribute<Set<PosixFilePermission>> only = PosixFilePermissions.asFileAttribute(permissions);
        try (FileChannel out =
                FileChannel.open(draft, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), only)) {
            ByteBuffer rest = ByteBuffer.wrap(octets);
            while (rest.hasRemaining()) {
                out.write(rest);
            }
            out.force(true);
        } catch (IOException e) {
            Files.deleteIfExists(draft);
            throw e;
        }
        Files.setPosixFilePermissions(draft, permissions);
        Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        try (FileChannel dir = FileChannel.open(parent, StandardOpenOption.READ)) {
            dir.force(true);
        }
    }
}
