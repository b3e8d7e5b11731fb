// SPDX-License-Identifier: Apache-2.0
package org.posthouse.queue.spi;

import java.util.List;

/** Carries the parcels of a lane; implemented by delivery. Called on a fresh virtual thread per lane. */
public interface Carrier {
    /** Serves the lane until it is drained or broken; every parcel taken is settled when this returns. */
    void carry(Lane lane);

    /**
     * Settles recipients that are decided without a connection, with events and notices as after an attempt: no route,
     * null MX, DNS trouble, or too old while their site can not be reached. Called on a virtual thread of the queue.
     *
     * @param parcel the recipients; its site and route are for log and events only
     * @param outcomes one for each recipient of the parcel
     */
    void conclude(Parcel parcel, List<Planner.Settled> outcomes);
}
