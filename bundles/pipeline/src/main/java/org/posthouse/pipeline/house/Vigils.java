// SPDX-License-Identifier: Apache-2.0
package org.posthouse.pipeline.house;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The new versions that are watched, and how often the process ended meanwhile without having been stopped; outlives the
 * process. What can not be written is told, and holds nothing up: it costs the watch after a restart alone.
 */
final class Vigils {
    private static final Logger LOG = LoggerFactory.getLogger(Vigils.class);

    private final StateFile file;
    private final Map<String, Vigil> vigils = new TreeMap<>();
    private boolean stopped;

    /**
     * A version that is watched.
     *
     * @param hash the hash of its jar
     * @param until when it is kept for good, in milliseconds since 1970
     * @param falls how often the process ended under it without a stop
     * @param up whether the process was not stopped since
     */
    record Vigil(String hash, long until, int falls, boolean up) {
        private static Vigil parse(String[] f) {
            return new Vigil(f[1], Long.parseLong(f[2]), Integer.parseInt(f[3]), Boolean.parseBoolean(f[4]));
        }

        private String line(String plugin) {
            return String.join("\t", plugin, hash, Long.toString(until), Integer.toString(falls), String.valueOf(up));
        }

        private Vigil resumed() {
            return new Vigil(hash, until, falls + (up ? 1 : 0), true);
        }

        private Vigil down() {
            return new Vigil(hash, until, falls, false);
        }
    }

    /**
     * Reads them at start: under each the process either was stopped since, or fell.
     *
     * @throws IOException when they can not be read
     */
    Vigils(Path path) throws IOException {
        file = new StateFile(path);
        for (String line : file.read()) {
            try {
                String[] fields = line.split("\t", -1);
                vigils.put(fields[0], Vigil.parse(fields).resumed());
            } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
                throw new IOException(path + " has a damaged line: " + line, e);
            }
        }
        vigils.values().removeIf(vigil -> vigil.until() < Instant.now().toEpochMilli());
        save();
    }

    /** Whether and how a plugin is watched. */
    synchronized @Nullable Vigil of(String plugin) {
        return vigils.get(plugin);
    }

    /** A version is watched until then; known is how often the process fell under the same jar. */
    synchronized void begin(String plugin, String hash, long until) {
        Vigil before = vigils.get(plugin);
        int falls = before != null && before.hash().equals(hash) ? before.falls() : 0;
        Vigil now = new Vigil(hash, until, falls, true);
        if (!stopped && !now.equals(before)) {
            vigils.put(plugin, now);
            save();
        }
    }

    /** Others are watched no more. */
    synchronized void keepOnly(Set<String> plugins) {
        if (!stopped && vigils.keySet().retainAll(plugins)) {
            save();
        }
    }

    /** The process is being stopped, which is no fall. */
    synchronized void stop() {
        if (!stopped && !vigils.isEmpty()) {
            vigils.replaceAll((plugin, vigil) -> vigil.down());
            save();
        }
        stopped = true;
    }

    private void save() {
        try {
            file.write(vigils.entrySet().stream()
                    .map(e -> e.getValue().line(e.getKey()))
                    .toList());
        } catch (IOException e) {
            LOG.error("Which versions of plugins are watched could not be written; a restart may forget it", e);
        }
    }
}
