// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.earlytalker;

import java.time.Duration;

/** Lets time pass before the banner. */
@FunctionalInterface
interface Wait {
    /**
     * Waits for this long.
     *
     * @throws InterruptedException when the server has given up on the hook
     */
    void pass(Duration time) throws InterruptedException;
}
