// SPDX-License-Identifier: Apache-2.0
package org.posthouse.state;

import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.posthouse.api.service.Limiter;
import org.posthouse.spool.spi.SpoolException;
import org.posthouse.state.spi.Kept;

/**
 * A cell of a limit. Alone it holds when the limit is full again; with a cluster also when that was written, and in which
 * run of the process.
 */
final class CellKept implements Kept {
    private static final String TABLE = ":limits";

    private final StateHouse house;
    private final Cell.Place place;

    CellKept(StateHouse house, Cell.Place place) {
        this.house = house;
        this.place = place;
    }

    /** The name by which the nodes of a cluster speak of it. */
    static String name(Cell.Place place) {
        return place.table().text() + "/" + place.key();
    }

    /** The limit of this name, unless this node has it share another one. */
    static Optional<Kept> of(StateHouse house, String name, Limiter.Rate rate) {
        int end = name.indexOf('/');
        if (end < 0
                || !name.startsWith(Space.Kind.LIMITS.prefix())
                || !name.substring(0, end).endsWith(TABLE)) {
            return Optional.empty();
        }
        Cell.TableName table = new Cell.TableName(name.substring(0, end), Space.Kind.LIMITS.synced(), false);
        String key = name.substring(end + 1);
        try {
            Cell.Place place = PluginLimiter.place(house, house.cells(), table, key, rate);
            return place.key().equals(key) ? Optional.of(new CellKept(house, place)) : Optional.empty();
        } catch (SpoolException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** When it is full again; of a limit that was never asked any time in the past. */
    static long full(Cell cell) {
        Object value = cell.value();
        Object full = value instanceof List<?> list && !list.isEmpty() ? list.getFirst() : value;
        return full instanceof Long time ? time : Long.MIN_VALUE;
    }

    @Override
    public @Nullable Fill read() {
        try {
            Cell cell = house.cells().get(place);
            if (cell.value() instanceof List<?> list
                    && list.size() == 4
                    && list.get(0) instanceof Long full
                    && list.get(1) instanceof Long asOf
                    && list.get(2) instanceof Long lent
                    && list.get(3) instanceof Long era) {
                return new Fill(full, asOf, lent, era);
            }
            return cell.value() instanceof Long full ? new Fill(full, Long.MIN_VALUE, 0, 0) : null;
        } catch (SpoolException e) {
            throw new UncheckedIOException("Shared state can not be reached now", e);
        }
    }

    @Override
    public void write(Fill fill, long life) {
        try {
            Duration rest = Duration.ofNanos(life).plusMillis(1);
            house.cells()
                    .put(
                            place,
                            Cell.of(
                                    List.of(fill.full(), fill.asOf(), fill.lent(), fill.era()),
                                    Life.end(house.clock().millis(), rest)));
        } catch (SpoolException e) {
            throw new UncheckedIOException("Shared state can not be reached now", e);
        }
    }
}
