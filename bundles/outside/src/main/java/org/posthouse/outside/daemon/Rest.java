// SPDX-License-Identifier: Apache-2.0
package org.posthouse.outside.daemon;

import java.util.function.LongSupplier;

/**
 * Whether a server is left alone: after some failures in a row for a while, and then one message alone tries it.
 *
 * <p>One failure is not enough: a message that takes a server too long would else keep the others from it.
 */
public final class Rest {
    /** What an attempt meant for the server. */
    public enum Turn {
        /** As before. */
        NONE,
        /** It is left alone from now on. */
        BEGINS,
        /** It serves again. */
        ENDS
    }

    private static final int IN_A_ROW = 3;

    private final long nanos;
    private final LongSupplier clock;
    private int failures;
    private boolean trying;
    private long until;

    /**
     * A server that is not left alone.
     *
     * @param nanos how long it will be
     * @param clock the time, as {@link System#nanoTime()} tells it
     */
    public Rest(long nanos, LongSupplier clock) {
        this.nanos = nanos;
        this.clock = clock;
    }

    /** Whether the caller may ask; then it must say how it ended. */
    public synchronized boolean over() {
        if (failures < IN_A_ROW) {
            return true;
        }
        if (trying || until - clock.getAsLong() > 0) {
            return false;
        }
        trying = true;
        return true;
    }

    /** The server answered. */
    public synchronized Turn answered() {
        boolean rested = failures >= IN_A_ROW;
        failures = 0;
        trying = false;
        return rested ? Turn.ENDS : Turn.NONE;
    }

    /** The server gave no answer. */
    public synchronized Turn failed() {
        failures++;
        trying = false;
        until = clock.getAsLong() + nanos;
        return failures == IN_A_ROW ? Turn.BEGINS : Turn.NONE;
    }

    /** The caller gave up for reasons of its own. */
    public synchronized void leftOpen() {
        trying = false;
    }
}
