// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.recipientlimits;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What is known of the sessions that are open now; of too many the longest silent are forgotten. */
final class Guesses {
    private static final int MOST = 20_000;

    private final Map<String, Tally> bySession = new LinkedHashMap<>(64, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Tally> eldest) {
            return size() > MOST;
        }
    };

    /** The tally of a session, kept from now on. */
    synchronized Tally of(String session) {
        return bySession.computeIfAbsent(session, s -> new Tally());
    }

    /** The tally of a session, if one is kept: of two generations only the one that the session asks counts for it. */
    synchronized @Nullable Tally kept(String session) {
        return bySession.get(session);
    }
}
