// SPDX-License-Identifier: Apache-2.0
package org.posthouse.cluster.protocol;

import java.util.concurrent.Executor;
import java.util.function.Supplier;

/** Where the protocol runs: one at a time, and nobody on it waits for anything. What is executed is so in order. */
public interface Stage extends Executor {
    /** Goes there for a moment, from any thread. */
    <T> T enter(Supplier<T> what);
}
