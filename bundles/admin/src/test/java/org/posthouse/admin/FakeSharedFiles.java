// SPDX-License-Identifier: Apache-2.0
package org.posthouse.admin;

import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.posthouse.config.spi.SharedFiles;

/** Shared files in memory: a text with {@code wrong} in it is refused when it is prepared, with {@code late} when it is applied. */
final class FakeSharedFiles implements SharedFiles {
    final Map<String, String> files = new HashMap<>(Map.of("plugins/spf.yaml", "old"));
    Instant since = Instant.parse("2026-11-25T08:00:00Z");

    private @Nullable Change prepared;
    private @Nullable Map<String, String> before;
    private @Nullable Open open;
    private @Nullable Ended last;

    @Override
    public synchronized Standing standing() {
        return new Standing(files, open, last);
    }

    @Override
    public synchronized List<String> prepare(String id, String who, Change change) {
        if (change.files().toString().contains("wrong")) {
            return List.of("plugins/spf.yaml:1: spf.wrong: unknown key");
        }
        if (open != null || prepared != null) {
            return List.of("another change is under way");
        }
        prepared = change;
        open = null;
        return List.of();
    }

    @Override
    public synchronized List<String> apply(String id) {
        Change change = prepared;
        prepared = null;
        if (change == null) {
            return List.of("nothing was prepared");
        }
        if (change.files().toString().contains("late")) {
            return List.of("smtp~a: in use");
        }
        before = Map.copyOf(files);
        files.putAll(change.files());
        files.keySet().removeAll(change.removed());
        open = new Open(id, "ann", since, change.names());
        return List.of();
    }

    @Override
    public synchronized List<String> keep(String id) {
        if (open == null) {
            return last != null && last.equals(new Ended(id, true)) ? List.of() : List.of("it is not in force");
        }
        last = new Ended(id, true);
        open = null;
        return List.of();
    }

    @Override
    public synchronized List<String> takeBack(String id) {
        prepared = null;
        if (open != null && before != null) {
            files.clear();
            files.putAll(before);
            last = new Ended(id, false);
            open = null;
        }
        return List.of();
    }
}
