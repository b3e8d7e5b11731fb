// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.recipientlimits;

import java.time.Duration;

/**
 * How many recipients a session asked for in vain.
 *
 * <p>That one was refused is known at the next RCPT, since it is not among the recipients then; that it was unknown is told
 * by an event, which may come later. So whoever needs to know waits until both counts agree.
 */
final class Tally {
    private String transaction = "";
    private int asked;
    private long refused;
    private long refusedBefore;
    private long told;
    private int unknown;

    /**
     * A recipient is asked for.
     *
     * @param id the transaction
     * @param accepted how many of it were accepted before
     */
    synchronized void ask(String id, int accepted) {
        if (!transaction.equals(id)) {
            // Whether the last recipient of the transaction before was accepted is not known: an event may tell.
            transaction = id;
            asked = 0;
            refusedBefore = Math.max(refused, told);
        }
        refused = Math.max(refused, refusedBefore + Math.max(0, asked - accepted));
        asked++;
    }

    /** An event tells of a refusal. */
    synchronized void tell(boolean wasUnknown) {
        told++;
        unknown += wasUnknown ? 1 : 0;
        notifyAll();
    }

    /** How many were unknown, when that can be so many at all: waits for events that are still on their way. */
    synchronized int unknown(int most, Duration patience) throws InterruptedException {
        long end = System.nanoTime() + patience.toNanos();
        while (told < refused && unknown + (refused - told) >= most) {
            long left = (end - System.nanoTime()) / 1_000_000;
            if (left <= 0) {
                told = refused; // Events can be lost; they are not waited for a second time.
                break;
            }
            wait(left);
        }
        return unknown;
    }
}
