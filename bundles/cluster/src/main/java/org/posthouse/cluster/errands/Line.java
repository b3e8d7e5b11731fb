// SPDX-License-Identifier: Apache-2.0
package org.posthouse.cluster.errands;

import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * The letters to one member. They take turns, and only a few pieces are on their way at a time: what keeps leases alive
 * waits for no more than these.
 */
final class Line {
    private static final int AT_ONCE = 4;

    private final Deque<Sending> waiting = new ArrayDeque<>();
    private final Deque<Sending> resting = new ArrayDeque<>();
    private int flying;

    void add(Sending sending) {
        waiting.add(sending);
    }

    /** It was not taken; it waits until it is tried again. */
    void rest(Sending sending) {
        resting.add(sending);
    }

    void rested() {
        waiting.addAll(resting);
        resting.clear();
    }

    /** Whose turn it is, if anything may go; that piece is on its way from now on. */
    @Nullable
    Sending next(long now) {
        if (flying >= AT_ONCE) {
            return null;
        }
        Sending next = waiting.poll();
        while (next != null && next.isOver(now)) {
            next = waiting.poll();
        }
        flying += next == null ? 0 : 1;
        return next;
    }

    void landed() {
        flying--;
    }
}
