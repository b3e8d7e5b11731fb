// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.dmarc;

import java.util.Optional;

/** How far the wishes of domain owners are followed. */
enum Action {
    /** What they want is done. */
    ENFORCE("enforce"),
    /** What they want refused is held. */
    QUARANTINE_ONLY("quarantineOnly"),
    /** It is written down, and nothing is done. */
    REPORT("report");

    private final String word;

    Action(String word) {
        this.word = word;
    }

    static Optional<Action> of(String text) {
        for (Action action : values()) {
            if (action.word.equals(text)) {
                return Optional.of(action);
            }
        }
        return Optional.empty();
    }

    String word() {
        return word;
    }
}
