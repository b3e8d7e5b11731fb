// SPDX-License-Identifier: Apache-2.0
package org.posthouse.state;

import java.time.Duration;
import org.osgi.service.component.ComponentContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ServiceScope;
import org.posthouse.api.service.Limiter;
import org.posthouse.spool.spi.SpoolException;
import org.posthouse.state.spi.Commons;

/** The limits of one bundle, kept like its state: durable, and forgotten when they are full again. */
@Component(service = Limiter.class, scope = ServiceScope.BUNDLE)
public final class PluginLimiter implements Limiter {
    private static final int BUCKETS = 65_536;
    private static final Duration SOON = Duration.ofSeconds(1);

    private final StateHouse house;
    private final String owner;
    private final Space space;

    @Activate
    public PluginLimiter(@Reference StateHouse house, ComponentContext context) {
        this(house, StateHouse.owner(context));
    }

    PluginLimiter(StateHouse house, String owner) {
        this.house = house;
        this.owner = owner;
        this.space = new Space(house, Space.Kind.LIMITS, owner, "limits");
    }

    @Override
    public Grant take(String key, Rate rate, long amount) {
        if (space.inEarnest() && house.member()) {
            return together(key, rate, amount);
        }
        Gcra.Outcome outcome = space.use((cells, table) -> {
            Taking taking = new Taking(space.clock(), rate, amount);
            cells.change(place(house, cells, table, key, rate), taking);
            return taking.outcome;
        });
        return new Grant(outcome.granted(), Duration.ofNanos(outcome.pause()));
    }

    private Grant together(String key, Rate rate, long amount) {
        Commons commons = house.commons();
        if (commons == null) {
            // Which part is this node's is not known: none of it may be given.
            return new Grant(false, SOON);
        }
        Cell.Place place = space.use((cells, table) -> place(house, cells, table, key, rate));
        return commons.take(CellKept.name(place), place.key().equals(key), rate, amount, new CellKept(house, place));
    }

    /**
     * Of keys that somebody makes up without end the later ones share limits, so that disk and heap are bounded: stricter
     * for them, and never more than the limit for anybody. A key that shared one does so until that one is full again, for a
     * limit of its own would begin with a whole burst.
     */
    static Cell.Place place(StateHouse house, Cells cells, Cell.TableName table, String key, Rate rate)
            throws SpoolException {
        Cell.Place own = new Cell.Place(table, key);
        if (cells.get(own).value() != null) {
            return own;
        }
        Cell.Place shared = new Cell.Place(table, bucket(key, rate));
        boolean crowded = house.crowd().enter();
        return crowded || CellKept.full(cells.get(shared)) > house.clock().even() ? shared : own;
    }

    private static String bucket(String key, Rate rate) {
        return "~" + rate.events() + "/" + rate.per() + "/" + rate.burst() + "~"
                + Math.floorMod(key.hashCode(), BUCKETS);
    }

    /** One request; remembers what became of it. */
    private static final class Taking implements Cells.Step {
        private final Clock clock;
        private final Rate rate;
        private final long amount;
        private Gcra.Outcome outcome = new Gcra.Outcome(false, 0, 0);

        Taking(Clock clock, Rate rate, long amount) {
            this.clock = clock;
            this.rate = rate;
            this.amount = amount;
        }

        @Override
        public Cell next(Cell cell) {
            long now = clock.even();
            // Whether the cell is expired is not asked: by its own time it is full then, whatever the clock was set to.
            long full = CellKept.full(cell);
            outcome = Gcra.take(full, now, rate, amount);
            if (!outcome.granted()) {
                return cell;
            }
            Duration life = Duration.ofNanos(outcome.full() - now).plusMillis(1);
            return Cell.of(outcome.full(), Life.end(clock.millis(), life));
        }
    }
}
