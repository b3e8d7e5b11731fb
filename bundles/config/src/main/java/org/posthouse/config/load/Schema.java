// SPDX-License-Identifier: Apache-2.0
package org.posthouse.config.load;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** All top-level keys that some bundle declares. */
public final class Schema {
    private final Map<String, Ocd> byPid = new TreeMap<>();

    public Schema(List<Ocd> definitions) {
        definitions.forEach(ocd -> byPid.merge(ocd.pid(), ocd, Ocd::merge));
    }

    /** What a top-level key means, or null when no bundle declares it. */
    public @Nullable Ocd find(String pid) {
        return byPid.get(pid);
    }

    /** All definitions by PID, sorted. */
    public Map<String, Ocd> all() {
        return Collections.unmodifiableMap(byPid);
    }
}
