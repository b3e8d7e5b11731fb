// SPDX-License-Identifier: Apache-2.0
package org.posthouse.config.spi;

import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The files of the configuration that are the same on all members of a cluster, {@code default.yaml} and
 * {@code plugins/NAME.yaml}, and this node's part in changing them on all members or on none.
 *
 * <p>A change is prepared, which checks it and keeps others away; then applied, with the old files kept aside, on disk;
 * then it stays or is taken back. Each step answers with what is wrong, one line each, and with none when it is done; what
 * it refuses leaves everything as it was before the step.
 */
public interface SharedFiles {
    /** The largest change, in characters of all its texts. */
    int LARGEST = 4 * 1024 * 1024;

    /** The files as they are now. */
    Standing standing();

    /** Checks everything as it would be with this change, and keeps other changes away for a while. */
    List<String> prepare(String id, String who, Change change);

    /** Writes what was prepared, and reloads: all of it is in force, or nothing of it. */
    List<String> apply(String id);

    /** What was applied stays. */
    List<String> keep(String id);

    /** What was prepared is forgotten, and what was applied is undone; a change that comes later with this id is refused. */
    List<String> takeBack(String id);

    /**
     * A change of files.
     *
     * @param files the texts by name, such as {@code plugins/spf.yaml}
     * @param removed the names of those that go
     */
    record Change(Map<String, String> files, Set<String> removed) {
        public Change {
            files = Map.copyOf(files);
            removed = Set.copyOf(removed);
        }

        /** All names. */
        public Set<String> names() {
            Set<String> names = new HashSet<>(files.keySet());
            names.addAll(removed);
            return names;
        }
    }

    /**
     * How it stands.
     *
     * @param files the SHA-256 of each file by its name
     * @param open the change that is applied and neither stays nor was taken back yet, or null
     * @param last the change that ended last, or null
     */
    record Standing(
            Map<String, String> files,
            @Nullable Open open,
            @Nullable Ended last) {
        public Standing {
            files = new TreeMap<>(files);
        }
    }

    /** A change that is applied, who wants it, since when, and what it is about. */
    record Open(String id, String who, Instant since, Set<String> names) {}

    /** A change that ended, and whether it stayed. */
    record Ended(String id, boolean kept) {}
}
