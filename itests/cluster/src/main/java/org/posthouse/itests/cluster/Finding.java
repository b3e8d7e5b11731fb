// SPDX-License-Identifier: Apache-2.0
package org.posthouse.itests.cluster;

/**
 * Something that must not be.
 *
 * @param fault during or after which fault
 * @param flaw what is wrong
 * @param what about which recipient, letter or node, and how
 */
record Finding(int fault, Flaw flaw, String what) {
    /** What can be wrong. */
    enum Flaw {
        /** Acknowledged, all queues are empty, and it did not arrive. */
        LOST,
        /** Acknowledged, refused by the next hop, and the sender was not told. */
        UNTOLD,
        /** Arrived, or was told, more often than a node said it might. */
        DOUBLED_UNSAID,
        /** Arrived again although the time before was too long ago to be in flight when something failed. */
        DOUBLED_LATE,
        /** Refused by 4xx or 5xx, and arrived all the same. */
        GHOST,
        /** The sender was told that a recipient failed which the next hop takes. */
        TOLD_WRONG,
        /** Nobody sent it. */
        UNSENT,
        /** A queue was not empty in time, or a node did not come back. */
        STUCK
    }
}
