// SPDX-License-Identifier: Apache-2.0
package org.posthouse.state;

import java.util.Map;
import java.util.WeakHashMap;
import org.posthouse.pipeline.spi.HookScope;

/**
 * The state of replays, each in heap alone and gone with its replay. A replay is told by its recorded answers, which all
 * its hooks are asked with; without any, each question is a replay of its own.
 */
final class Scratches {
    private static final long MOST = 4_000_000;

    private final Map<Object, Cells> open = new WeakHashMap<>();
    private final Clock clock;

    Scratches(Clock clock) {
        this.clock = clock;
    }

    synchronized Cells of(HookScope scope) {
        Object replay = scope.answers() == null ? scope : scope.answers();
        return open.computeIfAbsent(replay, key -> new Cells(Cells.Backing.NONE, clock, MOST));
    }
}
