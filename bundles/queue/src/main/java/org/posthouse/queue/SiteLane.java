// SPDX-License-Identifier: Apache-2.0
package org.posthouse.queue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.posthouse.queue.spi.Lane;
import org.posthouse.queue.spi.Parcel;
import org.posthouse.queue.spi.Planner;

/** A lane of the yard; remembers what it handed out until that is settled. Used by the one thread that serves it. */
final class SiteLane implements Lane {
    private final Yard yard;
    private final SiteQueue queue;
    private final Flights flights;
    private final List<Parcel> handed = new ArrayList<>();
    /** Opened and not asked yet; guarded by the yard. */
    boolean starting = true;

    private volatile int asked;
    private volatile boolean failed;

    SiteLane(Yard yard, SiteQueue queue, Flights flights) {
        this.yard = yard;
        this.queue = queue;
        this.flights = flights;
    }

    @Override
    public Planner.Site site() {
        return queue.site;
    }

    @Override
    public @Nullable Parcel next(Duration idle) throws InterruptedException {
        handed.removeIf(parcel -> flights.unsettled(parcel).isEmpty());
        asked = asked + 1;
        while (true) {
            Parcel parcel = yard.take(queue, this, idle);
            if (parcel == null) {
                return null;
            }
            Parcel fresh = flights.refresh(parcel);
            if (fresh != null) {
                handed.add(fresh);
                return fresh;
            }
        }
    }

    @Override
    public void unreachable(Duration pause, String why) {
        failed = true;
        yard.pause(queue, pause, why);
    }

    /** How often it was asked for a parcel. */
    int asked() {
        return asked;
    }

    /** Whether the site could not be reached. */
    boolean failed() {
        return failed;
    }

    /** What was handed out and neither settled nor given back. */
    List<Parcel> left() {
        return handed.stream()
                .filter(parcel -> !flights.unsettled(parcel).isEmpty())
                .toList();
    }
}
