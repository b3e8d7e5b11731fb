// SPDX-License-Identifier: Apache-2.0
package org.posthouse.config.spi;

import java.util.List;

/** Hears of every reload; registered as a service by whoever counts and reports them. */
@FunctionalInterface
public interface ReloadListener {
    /** A reload ended. Called on the thread of the reload, so it must be quick. */
    void reloaded(Result result);

    /**
     * How a reload ended.
     *
     * @param applied whether the new values are in force
     * @param changed the PIDs that were changed, added or deleted
     * @param findings why it was refused, one line each
     */
    record Result(boolean applied, List<String> changed, List<String> findings) {
        public Result {
            changed = List.copyOf(changed);
            findings = List.copyOf(findings);
        }
    }
}
