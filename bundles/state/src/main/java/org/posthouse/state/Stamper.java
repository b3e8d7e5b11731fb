// SPDX-License-Identifier: Apache-2.0
package org.posthouse.state;

import org.posthouse.state.spi.Stamp;

/** Puts time and node on what this node of a cluster sets. */
final class Stamper {
    /** A removal is remembered for so many milliseconds at least, so that an older value elsewhere does not come back. */
    private static final long REMEMBERED = 86_400_000;

    private final String self;
    private final HybridTime time;
    private final Clock clock;

    Stamper(String self, HybridTime time, Clock clock) {
        this.self = self;
        this.time = time;
        this.clock = clock;
    }

    String self() {
        return self;
    }

    /** The cell that takes the place of this one, above it. */
    Cell stamp(Cell old, Cell next) {
        Stamp stamp = new Stamp(time.after(old.stamp().time()), self);
        Object value = next.value();
        return value == null
                ? Cell.removed(Math.max(old.expires(), clock.millis() + REMEMBERED), stamp)
                : Cell.of(value, next.expires(), stamp);
    }

    /** What becomes of a cell when another node tells of one: the later of the two. */
    Cell later(Cell old, Cell told) {
        time.seen(told.stamp());
        boolean nothing = old.value() == null && old.stamp().equals(Stamp.BEFORE);
        return nothing || told.stamp().compareTo(old.stamp()) > 0 ? told : old;
    }
}
