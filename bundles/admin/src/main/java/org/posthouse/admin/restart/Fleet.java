// SPDX-License-Identifier: Apache-2.0
package org.posthouse.admin.restart;

import java.time.Duration;
import java.util.List;

/** The members of a cluster, as one that has them started anew sees them. */
interface Fleet {
    /**
     * A member.
     *
     * @param mail whether it stores mail; one that only votes takes none
     */
    record Ship(String name, boolean mail) {}

    /** All members but this one. */
    List<Ship> others();

    /** This one. */
    Ship self();

    /**
     * How a member is.
     *
     * @throws Unheard when it can not be told
     */
    Sight look(String member) throws Unheard;

    /**
     * Has a member restart.
     *
     * @throws Unheard when it does not, or that can not be told
     */
    void restart(String member, Duration drain) throws Unheard;

    /** A member did not do what it was asked; why, as a sentence. */
    final class Unheard extends Exception {
        private static final long serialVersionUID = 1L;

        Unheard(String why) {
            super(why, null, false, false);
        }
    }
}
