// SPDX-License-Identifier: Apache-2.0
package org.posthouse.queue.spi;

/** Carries the parcels of a lane; implemented by delivery. Called on a fresh virtual thread per lane. */
public interface Carrier {
    /** Serves the lane until it is drained or broken; every parcel taken is settled when this returns. */
    void carry(Lane lane);
}
