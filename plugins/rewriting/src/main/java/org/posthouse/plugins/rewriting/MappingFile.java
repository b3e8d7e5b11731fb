// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.rewriting;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A file of mappings, one per line. A changed file is read within a second; what is wrong in it is logged once, and the
 * mappings before it stay.
 */
final class MappingFile {
    private static final Logger LOG = LoggerFactory.getLogger(MappingFile.class);
    private static final long PAUSE_MILLIS = 1000;

    private final Path path;
    private final Clock clock;
    private volatile State state;

    /** What was read, of which file, and when it was last looked at. */
    private record State(Mappings mappings, Version version, long looked) {}

    private record Version(
            FileTime changed, long size, @Nullable Object key) {
        static Version of(Path path) throws IOException {
            BasicFileAttributes now = Files.readAttributes(path, BasicFileAttributes.class);
            return new Version(now.lastModifiedTime(), now.size(), now.fileKey());
        }
    }

    /**
     * Reads the file for the first time.
     *
     * @throws IllegalArgumentException when a line is no mapping
     * @throws UncheckedIOException when it can not be read
     */
    MappingFile(Path path, Clock clock) {
        this.path = path;
        this.clock = clock;
        try {
            Version version = Version.of(path);
            this.state = new State(read(), version, clock.millis());
        } catch (IOException e) {
            throw new UncheckedIOException(path + " can not be read: " + e, e);
        }
    }

    private Mappings read() throws IOException {
        List<String> texts = new ArrayList<>();
        List<Integer> numbers = new ArrayList<>();
        int number = 0;
        for (String line : Files.readAllLines(path, StandardCharsets.UTF_8)) {
            number++;
            String text = line.strip();
            if (!text.isEmpty() && !text.startsWith("#")) {
                texts.add(text);
                numbers.add(number);
            }
        }
        return Mappings.parse(texts, i -> path.getFileName() + ", line " + numbers.get(i));
    }

    /**
     * The mappings as they stand in the file now.
     *
     * @throws UncheckedIOException when the file can not be looked at: the hook fails, rather than let addresses through as
     *     they are
     */
    Mappings now() {
        State known = state;
        long now = clock.millis();
        if (now >= known.looked() && now - known.looked() < PAUSE_MILLIS) {
            return known.mappings();
        }
        try {
            Version version = Version.of(path);
            State next = new State(
                    version.equals(known.version()) ? known.mappings() : changed(known.mappings()), version, now);
            state = next;
            return next.mappings();
        } catch (IOException e) {
            throw new UncheckedIOException(path + " can not be read: " + e, e);
        }
    }

    private Mappings changed(Mappings before) throws IOException {
        try {
            return read();
        } catch (IllegalArgumentException e) {
            LOG.warn("{} is refused, the mappings before it stay: {}", path, e.getMessage());
            return before;
        }
    }
}
