// SPDX-License-Identifier: Apache-2.0
package org.posthouse.pipeline;

import org.jspecify.annotations.Nullable;
import org.posthouse.pipeline.spi.HookScope;

/** Says on a hook's thread what it is asked for, so that services know what they may keep and what is recorded. */
final class Scopes {
    private Scopes() {}

    /** Asks a hook. */
    @FunctionalInterface
    interface Asking {
        @Nullable
        Object ask() throws Throwable;
    }

    /**
     * Asks within the scope that fits.
     *
     * @param place the hook
     * @param answers recorded answers in a replay, else null
     * @param noting who notes answers of services, or null
     */
    static @Nullable Object within(
            Place place, HookScope.@Nullable Answers answers, HookScope.@Nullable Noting noting, Asking asking)
            throws Throwable {
        if (noting != null) {
            HookScope.Closing noted = HookScope.note(noting);
            try {
                return within(place, answers, null, asking);
            } finally {
                noted.close();
            }
        }
        if (answers == null && !place.terms().shadow()) {
            return asking.ask();
        }
        HookScope.Mode mode = answers == null ? HookScope.Mode.SHADOW : HookScope.Mode.REPLAY;
        HookScope.Closing scope = HookScope.open(place.spec().plugin(), mode, answers);
        try {
            return asking.ask();
        } finally {
            scope.close();
        }
    }
}
