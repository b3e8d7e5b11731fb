// SPDX-License-Identifier: Apache-2.0
package org.posthouse.outside.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

final class OutageTest {
    private final AtomicLong now = new AtomicLong();
    private final Outage outage =
            new Outage(LoggerFactory.getLogger(OutageTest.class), "milter", Duration.ofSeconds(2), now::get);

    @Test
    void whatCanNotBeReachedIsLeftAloneForAWhile() {
        assertFalse(outage.resting());
        outage.unreachable("refused");
        assertTrue(outage.resting());
        assertEquals("refused", outage.reason());
        now.addAndGet(Duration.ofSeconds(2).toNanos());
        assertFalse(outage.resting());
    }

    @Test
    void anAnswerEndsTheRest() {
        outage.unreachable("refused");
        outage.over();
        assertFalse(outage.resting());
    }
}
