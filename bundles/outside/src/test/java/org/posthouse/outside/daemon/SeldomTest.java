// SPDX-License-Identifier: Apache-2.0
package org.posthouse.outside.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

final class SeldomTest {
    private final AtomicLong now = new AtomicLong(-5);
    private final Seldom seldom = new Seldom(now::get);

    @Test
    void isToldAtOnceAndThenOnceAMinuteWithHowOftenItHappened() {
        assertEquals(1, seldom.times());
        assertEquals(0, seldom.times());
        now.addAndGet(Duration.ofSeconds(59).toNanos());
        assertEquals(0, seldom.times());
        now.addAndGet(Duration.ofSeconds(1).toNanos());
        assertEquals(3, seldom.times());
        assertEquals(0, seldom.times());
    }
}
