// SPDX-License-Identifier: Apache-2.0
package org.posthouse.state;

import java.time.Duration;
import org.posthouse.api.service.SharedState;

/** Counters over cells. */
final class CellCounters implements SharedState.Counters {
    private final Space space;

    CellCounters(Space space) {
        this.space = space;
    }

    @Override
    public long add(String key, long amount, Duration life) {
        long now = space.clock().millis();
        long end = Life.end(now, life);
        Cell cell = space.use((cells, table) -> cells.change(new Cell.Place(table, key), old -> {
            boolean lives = old.value(now) instanceof Long;
            return Cell.of(sum(old, now) + amount, lives ? old.expires() : end);
        }));
        return sum(cell, now);
    }

    @Override
    public long get(String key) {
        Cell cell = space.use((cells, table) -> cells.get(new Cell.Place(table, key)));
        return sum(cell, space.clock().millis());
    }

    private static long sum(Cell cell, long now) {
        return cell.value(now) instanceof Long sum ? sum : 0;
    }
}
