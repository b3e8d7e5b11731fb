// SPDX-License-Identifier: Apache-2.0
package org.posthouse.queue.spi;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** The stream of parcels for one connection to a site; holding a lane is holding the permit for a connection. */
public interface Lane {
    /** The site. */
    Planner.Site site();

    /**
     * The next parcel; waits this long for one. Every parcel that is taken must be settled.
     *
     * @return null when there is none in time, or the lane is to end
     */
    @Nullable
    Parcel next(Duration idle) throws InterruptedException;

    /** The site can not be reached: no further lane is opened and waiting parcels are given back for this long. */
    void unreachable(Duration pause, String why);
}
