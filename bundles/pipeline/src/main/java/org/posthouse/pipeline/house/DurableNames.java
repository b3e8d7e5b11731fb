// SPDX-License-Identifier: Apache-2.0
package org.posthouse.pipeline.house;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;

/** A set of names of plugins that outlives the process. Used by one thread. */
final class DurableNames {
    private final StateFile file;
    private final Set<String> names;

    /**
     * Reads the set.
     *
     * @throws IOException when it is damaged
     */
    DurableNames(Path path) throws IOException {
        file = new StateFile(path);
        names = new TreeSet<>(file.read());
    }

    boolean contains(String name) {
        return names.contains(name);
    }

    Set<String> all() {
        return Set.copyOf(names);
    }

    /** Puts a name in or takes it out; when this returns it is on stable storage. */
    void set(String name, boolean member) throws IOException {
        if (contains(name) == member) {
            return;
        }
        Set<String> next = new TreeSet<>(names);
        if (member) {
            next.add(name);
        } else {
            next.remove(name);
        }
        file.write(java.util.List.copyOf(next));
        names.clear();
        names.addAll(next);
    }
}
