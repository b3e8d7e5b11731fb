// SPDX-License-Identifier: Apache-2.0
package org.posthouse.mailauth.keys;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Which selectors the domains of a folder have, by the names of its files alone.
 *
 * <p>The folder is looked at once a second at most, and listed when it changed. So a domain without a key costs a look into a
 * map, however many ask.
 */
final class KeyIndex {
    /** Within this time after a change another one may not be seen by the time of the folder. */
    private static final Duration BLUR = Duration.ofSeconds(2);

    private static final String SUFFIX = ".pem";

    private final Path folder;
    private final Clock clock;
    private final Pause pause = new Pause();
    private Map<String, List<String>> selectors = Map.of();
    private Optional<Instant> modified = Optional.empty();
    private boolean blurred;

    KeyIndex(Path folder, Clock clock) {
        this.folder = folder;
        this.clock = clock;
    }

    /**
     * The selectors of a domain, sorted; none when it has no key or there is no folder.
     *
     * @throws IOException when the folder can not be read, or is gone since it was
     */
    synchronized List<String> of(String domain) throws IOException {
        refresh();
        return selectors.getOrDefault(domain, List.of());
    }

    /** The domains that have keys. */
    synchronized List<String> domains() throws IOException {
        refresh();
        return selectors.keySet().stream().sorted().toList();
    }

    private void refresh() throws IOException {
        Instant now = clock.instant();
        if (!pause.isOver(now)) {
            return;
        }
        Optional<Instant> found = modified();
        if (found.isEmpty() && modified.isPresent()) {
            throw new NoSuchFileException(folder.toString(), null, "it is gone");
        }
        if (!found.equals(modified) || blurred) {
            selectors = found.isEmpty() ? Map.of() : listed();
            modified = found;
            blurred = found.isPresent() && now.isBefore(found.get().plus(BLUR));
        }
        pause.begin(now);
    }

    private Optional<Instant> modified() throws IOException {
        try {
            return Optional.of(Files.getLastModifiedTime(folder).toInstant());
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }

    private Map<String, List<String>> listed() throws IOException {
        Map<String, List<String>> all = new HashMap<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "*" + SUFFIX)) {
            for (Path file : files) {
                String name = String.valueOf(file.getFileName());
                String stem = name.substring(0, name.length() - SUFFIX.length());
                int dot = stem.lastIndexOf('.');
                if (dot > 0 && dot < stem.length() - 1) {
                    all.computeIfAbsent(stem.substring(0, dot), d -> new ArrayList<>(2))
                            .add(stem.substring(dot + 1));
                }
            }
        }
        all.values().forEach(list -> list.sort(null));
        return all;
    }
}
