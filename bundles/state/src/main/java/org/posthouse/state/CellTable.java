// SPDX-License-Identifier: Apache-2.0
package org.posthouse.state;

import java.time.Duration;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.posthouse.api.service.SharedState;

/** A map over cells. */
final class CellTable<V> implements SharedState.Table<V> {
    private final Space space;
    private final Class<V> type;

    CellTable(Space space, Class<V> type) {
        this.space = space;
        this.type = Values.checked(type);
    }

    @Override
    public Optional<V> get(String key) {
        Cell cell = space.use((cells, table) -> cells.get(new Cell.Place(table, key)));
        return Optional.ofNullable(given(cell));
    }

    private @Nullable V given(Cell cell) {
        return Values.given(type, cell.value(space.clock().millis()));
    }

    private Cell cell(V value, Duration life) {
        return Cell.of(Values.kept(value), Life.end(space.clock().millis(), life));
    }

    @Override
    public void put(String key, V value, Duration life) {
        Cell cell = cell(value, life);
        space.use((cells, table) -> {
            cells.put(new Cell.Place(table, key), cell);
            return cell;
        });
    }

    /**
     * Computes outside of any lock and tries again when somebody was quicker: a function that hangs hangs its caller, and
     * nobody else.
     */
    @Override
    public Optional<V> update(String key, Duration life, UnaryOperator<V> change) {
        return space.use((cells, table) -> {
            Cell.Place place = new Cell.Place(table, key);
            while (true) {
                Cell old = cells.get(place);
                V before = given(old);
                @Nullable V after = applied(change, before);
                if (before == null && after == null) {
                    return Optional.empty();
                }
                Cell next = after == null ? Cell.NONE : cell(after, life);
                // Not the same object: what is too large for the cache is read anew by each look.
                if (cells.change(place, now -> now.same(old) ? next : now) == next) {
                    return Optional.ofNullable(after);
                }
            }
        });
    }

    @SuppressWarnings("NullAway") // The contract of update: null is no value, both ways.
    private static <V> @Nullable V applied(UnaryOperator<V> change, @Nullable V before) {
        return change.apply(before);
    }

    @Override
    public void remove(String key) {
        space.use((cells, table) -> {
            cells.put(new Cell.Place(table, key), Cell.NONE);
            return Cell.NONE;
        });
    }
}
