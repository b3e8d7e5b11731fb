// SPDX-License-Identifier: Apache-2.0
package org.posthouse.itests.fuzz;

import java.util.function.Supplier;

/** What a target says of every input; where it does not hold the fuzzer stops and keeps the input. */
public final class Claim {
    private Claim() {}

    /** Claims that this holds. */
    public static void that(boolean holds, Supplier<String> otherwise) {
        if (!holds) {
            throw new AssertionError(otherwise.get());
        }
    }

    /** Claims that both are equal. */
    public static void same(Object expected, Object actual) {
        that(expected.equals(actual), () -> "expected <" + expected + "> but was <" + actual + ">");
    }
}
