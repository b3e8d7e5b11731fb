// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.rules;

import org.posthouse.api.Verdict;

/** What a rule does. None accepts: rules can refuse what others accept, never the other way round. */
sealed interface Action {
    /** The word that begins it. */
    String word();

    /** Gives a verdict, and no further rule of the stage is asked. */
    record End(String word, Verdict verdict) implements Action {}

    /** Adds points under a symbol, and the next rule is asked. */
    record Score(String symbol, double points) implements Action {
        @Override
        public String word() {
            return "score";
        }
    }

    /** Tags the message, and the next rule is asked. */
    record Tag(String tag) implements Action {
        @Override
        public String word() {
            return "tag";
        }
    }
}
