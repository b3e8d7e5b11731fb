// SPDX-License-Identifier: Apache-2.0
package org.posthouse.queue;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.posthouse.queue.spi.Planner;

class SiteQueueTest {
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
    private static final int RETURNS = 6_000;

    private final SiteQueue queue =
            new SiteQueue(new Planner.Site("x", "x.example"), new ReentrantLock().newCondition());

    @Test
    void whatFindsACrowdIsBackSoonEnoughToKeepASiteBusyThatWasSlowForAWhile() {
        Duration last = last(() -> queue.behindCrowd(NOW));
        assertTrue(last.compareTo(Duration.ofSeconds(12)) <= 0, "back only after " + last);
    }

    @Test
    void whatADeadSiteGivesBackIsSpreadWide() {
        queue.pause(NOW, "dead");
        Duration last = last(queue::back);
        assertTrue(last.compareTo(Duration.ofSeconds(59)) >= 0, "all back after " + last);
    }

    @Test
    void nothingIsPutOffForEver() {
        queue.pause(NOW, "dead");
        for (int i = 0; i < 100; i++) {
            Duration last = last(queue::back);
            assertTrue(last.compareTo(Duration.ofMinutes(31)) <= 0, "back only after " + last);
        }
    }

    private static Duration last(Supplier<Instant> back) {
        Instant last = NOW;
        for (int i = 0; i < RETURNS; i++) {
            Instant due = back.get();
            last = due.isAfter(last) ? due : last;
        }
        return Duration.between(NOW, last);
    }
}
