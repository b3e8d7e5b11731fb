// SPDX-License-Identifier: Apache-2.0
package org.posthouse.state;

import java.time.Duration;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Assertions;

/** Waits for a condition. */
final class Waiting {
    private Waiting() {}

    static void until(BooleanSupplier condition) {
        long end = System.nanoTime() + Duration.ofSeconds(30).toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > end) {
                Assertions.fail("The condition did not come true in 30 s");
            }
            Thread.onSpinWait();
        }
    }
}
