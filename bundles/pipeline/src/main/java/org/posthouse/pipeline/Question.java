// SPDX-License-Identifier: Apache-2.0
package org.posthouse.pipeline;

import org.jspecify.annotations.Nullable;

/** What one stage asks each of its hooks, and what becomes of the answers. */
interface Question {
    /** The listener the question comes from; hooks that do not apply to it are skipped. */
    String listener();

    /** The bucket of the session that is asked about; see {@link Terms#bucket}. */
    int bucket();

    /** Who the mail is accounted to, as far as it is known; hooks for certain tenants are asked of their mail alone. */
    default String tenant() {
        return "";
    }

    /** Asks the hook; runs on the hook's thread, may throw and may never return. */
    @Nullable
    Object ask(Object hook, Overlay overlay) throws Throwable;

    /**
     * Takes an answer that came in time, with all that the hook staged.
     *
     * @return whether the stage ends
     * @throws RuntimeException when the answer or the staged edits are not legal; nothing of it was taken
     */
    boolean take(Place place, Overlay overlay, @Nullable Object answer, long nanos);

    /**
     * Applies the failure verdict of the hook.
     *
     * @return whether the stage ends
     */
    boolean fail(Place place, Failure failure, String detail, @Nullable Throwable cause, long nanos);
}
