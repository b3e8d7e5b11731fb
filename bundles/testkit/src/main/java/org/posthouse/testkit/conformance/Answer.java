// SPDX-License-Identifier: Apache-2.0
package org.posthouse.testkit.conformance;

import org.jspecify.annotations.Nullable;

/**
 * What a hook said to one question.
 *
 * @param question what was asked, for people
 * @param said the verdict; null when it threw
 * @param thrown what it threw; null when it answered
 * @param effects what it left: edits, notes, scores, results
 */
record Answer(
        String question, @Nullable Object said, @Nullable Throwable thrown, String effects) {
    @Override
    public String toString() {
        return question + ": " + (thrown == null ? said : thrown) + (effects.isEmpty() ? "" : " with " + effects);
    }
}
