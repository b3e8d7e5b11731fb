// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.recipientlimits;

import java.util.LinkedHashMap;
import java.util.Map;

/** How many unknown recipients the sessions that are open now asked for; of too many sessions the longest silent are forgotten. */
final class Guesses {
    private static final int MOST = 20_000;

    private final Map<String, Integer> bySession = new LinkedHashMap<>(64, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Integer> eldest) {
            return size() > MOST;
        }
    };

    /** Counts for this session from now on; gives how many it asked for so far. */
    synchronized int follow(String session) {
        Integer count = bySession.get(session);
        if (count == null) {
            bySession.put(session, 0);
            return 0;
        }
        return count;
    }

    /** One more; whether the session is followed. */
    synchronized boolean add(String session) {
        return bySession.computeIfPresent(session, (s, count) -> count + 1) != null;
    }
}
