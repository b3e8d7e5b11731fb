// SPDX-License-Identifier: Apache-2.0
package org.posthouse.testkit.service;

import java.util.concurrent.atomic.AtomicInteger;

/** Whether a fake service fails now, and how often it was used. */
final class Mishap {
    private final String service;
    private final AtomicInteger uses = new AtomicInteger();
    private volatile boolean failing;

    Mishap(String service) {
        this.service = service;
    }

    void failing(boolean now) {
        failing = now;
    }

    int uses() {
        return uses.get();
    }

    /** Counts a use, and lets it fail when it shall. */
    void use() {
        uses.incrementAndGet();
        if (failing) {
            throw new IllegalStateException(service + " fails, as the test wants");
        }
    }
}
