// SPDX-License-Identifier: Apache-2.0
package org.posthouse.state;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.function.Executable;
import org.posthouse.pipeline.spi.HookScope;

/** Does something as a hook that is asked in shadow or replay. */
final class Scoped {
    private Scoped() {}

    static void run(String plugin, HookScope.Mode mode, HookScope.@Nullable Answers answers, Executable work) {
        HookScope.Closing scope = HookScope.open(plugin, mode, answers);
        try {
            work.execute();
        } catch (Throwable e) {
            throw new AssertionError(e);
        } finally {
            scope.close();
        }
    }
}
