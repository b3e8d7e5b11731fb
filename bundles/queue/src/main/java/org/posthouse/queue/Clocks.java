// SPDX-License-Identifier: Apache-2.0
package org.posthouse.queue;

import java.time.InstantSource;
import java.util.function.LongSupplier;

/**
 * The clocks of the queue.
 *
 * @param wall by which mail is due; it may jump
 * @param nanos by which the scheduler paces itself; it does not
 */
record Clocks(InstantSource wall, LongSupplier nanos) {
    /** Those of this machine. */
    static final Clocks SYSTEM = new Clocks(InstantSource.system(), System::nanoTime);
}
