// SPDX-License-Identifier: Apache-2.0
package org.posthouse.state;

import java.time.Duration;
import java.util.List;
import org.posthouse.api.service.SharedState;
import org.posthouse.spool.spi.SpoolException;

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
        return space.use((cells, table) -> {
            List<Cell.TableName> slots = space.slots(table);
            Others others = others(cells, slots, key, now);
            Cell cell = cells.change(new Cell.Place(slots.getFirst(), key), old -> {
                boolean lives = old.value(now) instanceof Long;
                // What others began ends for all at once.
                return Cell.of(sum(old, now) + amount, lives ? old.expires() : Math.min(end, others.expires()));
            });
            return sum(cell, now) + others.sum();
        });
    }

    @Override
    public long get(String key) {
        long now = space.clock().millis();
        return space.use((cells, table) -> {
            List<Cell.TableName> slots = space.slots(table);
            Cell own = cells.get(new Cell.Place(slots.getFirst(), key));
            return sum(own, now) + others(cells, slots, key, now).sum();
        });
    }

    /** What other nodes have added, and when the first of it ends. */
    private record Others(long sum, long expires) {}

    private static Others others(Cells cells, List<Cell.TableName> slots, String key, long now) throws SpoolException {
        long sum = 0;
        long expires = Long.MAX_VALUE;
        for (Cell.TableName slot : slots.subList(1, slots.size())) {
            Cell cell = cells.get(new Cell.Place(slot, key));
            if (cell.value(now) instanceof Long some) {
                sum += some;
                expires = Math.min(expires, cell.expires());
            }
        }
        return new Others(sum, expires);
    }

    private static long sum(Cell cell, long now) {
        return cell.value(now) instanceof Long sum ? sum : 0;
    }
}
