// SPDX-License-Identifier: Apache-2.0
package org.posthouse.pipeline.trace;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.posthouse.pipeline.spi.Traces.Trace;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Traces as files, {@code <id>.json} each, the oldest deleted when there are too many. Written by one thread at a time. */
final class TraceFolder {
    private static final Logger LOG = LoggerFactory.getLogger(TraceFolder.class);
    private static final String SUFFIX = ".json";
    /** Ids are made here, but a name that is asked for may come from anybody. */
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,99}");

    private final Path folder;
    /** The ids that are stored, oldest first; null until they were listed once. To list them anew for each trace takes long. */
    private @Nullable LinkedHashSet<String> stored;

    TraceFolder(Path folder) {
        this.folder = folder;
    }

    /** A stored trace and when it was written last. */
    private record Found(String id, FileTime time) {}

    void write(Trace trace, int most) {
        String id = trace.id().isEmpty() ? trace.session() : trace.id();
        if (!NAME.matcher(id).matches()) {
            return;
        }
        try {
            // Who writes to whom is for nobody else on this machine to read, whoever may look into the data folder.
            Files.createDirectories(
                    folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            Path draft = folder.resolve(id + ".tmp");
            Files.writeString(draft, TraceJson.write(trace), StandardCharsets.US_ASCII);
            Files.move(
                    draft,
                    folder.resolve(id + SUFFIX),
                    StandardCopyOption.ATOMIC_MOVE,
                    StandardCopyOption.REPLACE_EXISTING);
            prune(id, most);
        } catch (IOException e) {
            LOG.warn("The trace of {} could not be stored in {}", id, folder, e);
        }
    }

    private synchronized void prune(String newest, int most) throws IOException {
        LinkedHashSet<String> ids = stored;
        if (ids == null) {
            ids = new LinkedHashSet<>();
            for (Found found : all().reversed()) {
                ids.add(found.id());
            }
            stored = ids;
        }
        ids.remove(newest);
        ids.add(newest);
        while (ids.size() > most) {
            Files.deleteIfExists(folder.resolve(ids.getFirst() + SUFFIX));
            ids.removeFirst();
        }
    }

    Optional<Trace> read(String id) {
        if (!NAME.matcher(id).matches()) {
            return Optional.empty();
        }
        try {
            return Optional.of(
                    TraceJson.read(Files.readString(folder.resolve(id + SUFFIX), StandardCharsets.US_ASCII)));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException | IllegalArgumentException e) {
            LOG.warn("The stored trace of {} can not be read", id, e);
            return Optional.empty();
        }
    }

    List<String> ids() {
        try {
            return all().stream().map(Found::id).toList();
        } catch (IOException e) {
            LOG.warn("The stored traces in {} can not be listed", folder, e);
            return List.of();
        }
    }

    /** Newest first. */
    private List<Found> all() throws IOException {
        List<Found> found = new ArrayList<>();
        if (!Files.isDirectory(folder)) {
            return found;
        }
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "*" + SUFFIX)) {
            for (Path file : files) {
                String name = String.valueOf(file.getFileName());
                found.add(
                        new Found(name.substring(0, name.length() - SUFFIX.length()), Files.getLastModifiedTime(file)));
            }
        }
        found.sort(Comparator.comparing(Found::time).thenComparing(Found::id).reversed());
        return found;
    }
}
