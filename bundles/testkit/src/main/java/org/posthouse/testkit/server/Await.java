// SPDX-License-Identifier: Apache-2.0
package org.posthouse.testkit.server;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

/** Waits for a condition, and says what it waited for when it does not come. */
public final class Await {
    private Await() {}

    /** Waits until the condition holds; one that throws does not hold yet. */
    public static void until(String what, Duration limit, Callable<Boolean> condition) {
        until(() -> what, limit, condition);
    }

    /** The same, where what was waited for is only said when it did not come. */
    public static void until(Supplier<String> what, Duration limit, Callable<Boolean> condition) {
        long end = System.nanoTime() + limit.toNanos();
        while (!holds(condition)) {
            if (System.nanoTime() > end) {
                throw new AssertionError("Not within " + limit.toSeconds() + " s: " + what.get());
            }
            LockSupport.parkNanos(20_000_000);
        }
    }

    private static boolean holds(Callable<Boolean> condition) {
        try {
            return condition.call();
        } catch (Exception e) {
            return false;
        }
    }
}
