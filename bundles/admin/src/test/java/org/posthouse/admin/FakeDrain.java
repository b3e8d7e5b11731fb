// SPDX-License-Identifier: Apache-2.0
package org.posthouse.admin;

import java.time.Instant;
import java.util.List;
import org.posthouse.queue.spi.Drain;

/** A drain that has as much left as it is told. */
final class FakeDrain implements Drain {
    private static final Instant SINCE = Instant.parse("2026-11-21T03:00:00Z");

    List<String> left = List.of();
    private volatile boolean drains;

    @Override
    public Progress begin(String who) {
        drains = true;
        return progress();
    }

    @Override
    public Progress end(String who) {
        drains = false;
        return progress();
    }

    @Override
    public Progress progress() {
        return !drains
                ? new Progress(Phase.OPEN, null, List.of())
                : new Progress(left.isEmpty() ? Phase.DRAINED : Phase.DRAINING, SINCE, left);
    }
}
