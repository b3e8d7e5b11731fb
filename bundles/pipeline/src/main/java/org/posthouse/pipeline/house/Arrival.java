// SPDX-License-Identifier: Apache-2.0
package org.posthouse.pipeline.house;

/** How a jar came. */
enum Arrival {
    /** Somebody put it into the folder, or it was there. */
    DROPPED,
    /** By command; it stands in the folder only when it serves. */
    INSTALLED,
    /** It served before and is put back, which is neither watched nor tried on a share. */
    BACK;

    boolean byUs() {
        return this != DROPPED;
    }
}
