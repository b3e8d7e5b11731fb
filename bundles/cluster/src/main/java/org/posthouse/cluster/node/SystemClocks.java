// SPDX-License-Identifier: Apache-2.0
package org.posthouse.cluster.node;

import org.posthouse.cluster.protocol.Clocks;

/** The clocks of this machine. */
public final class SystemClocks implements Clocks {
    @Override
    public long monotonic() {
        return System.nanoTime() / 1_000_000;
    }

    @Override
    public long wall() {
        return System.currentTimeMillis();
    }
}
