// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.spf;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What was judged in a session, so that no identity is judged twice.
 *
 * @param judgements by who the client said it was, as one text: hashing a record of ours by way of the JDK kept the class
 *     loader of the plugin after it went
 */
record Checked(Map<String, Judgement> judgements) {
    static final Checked NOTHING = new Checked(Map.of());
    /** A client that sends for more identities than these pays again. */
    private static final int MOST = 32;

    Checked {
        judgements = Map.copyOf(judgements);
    }

    Optional<Judgement> of(String said) {
        return Optional.ofNullable(judgements.get(said));
    }

    /** With one more; what could not be told now is asked again. */
    Checked with(String said, Judgement judgement) {
        if (judgement.result() == Result.TEMPERROR) {
            return this;
        }
        Map<String, Judgement> more = judgements.size() < MOST ? new HashMap<>(judgements) : new HashMap<>();
        more.put(said, judgement);
        return new Checked(more);
    }
}
