// SPDX-License-Identifier: Apache-2.0
package org.posthouse.pipeline;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * The overdue threads of a plugin that still run, over all hooks and generations. A thread can not be stopped, so a plugin
 * that gets a new generation again and again must not get a new allowance with each.
 */
public final class Burden {
    /** A plugin with so many is not asked any more until some of them end, which may take a restart of the server. */
    public static final int MOST = 16;

    private final AtomicInteger living = new AtomicInteger();

    void add(int change) {
        living.addAndGet(change);
    }

    /** Overdue threads that still run. */
    public int living() {
        return living.get();
    }

    boolean full() {
        return living.get() >= MOST;
    }
}
