// SPDX-License-Identifier: Apache-2.0
package org.posthouse.outside.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

final class RestTest {
    private final AtomicLong now = new AtomicLong(-5);
    private final Rest rest = new Rest(100, now::get);

    private void failed(int times) {
        for (int i = 0; i < times; i++) {
            assertTrue(rest.over());
            rest.failed();
        }
    }

    @Test
    void beginsWithTheThirdFailureInARow() {
        failed(2);
        rest.answered();
        failed(2);
        assertTrue(rest.over());
        assertEquals(Rest.Turn.BEGINS, rest.failed());
        assertFalse(rest.over());
    }

    @Test
    void letsOneAloneTryWhenItIsOver() {
        failed(3);
        now.addAndGet(100);
        assertTrue(rest.over());
        assertFalse(rest.over());
        assertEquals(Rest.Turn.NONE, rest.failed());
        assertFalse(rest.over());
        now.addAndGet(100);
        assertTrue(rest.over());
        rest.leftOpen();
        assertTrue(rest.over());
        assertEquals(Rest.Turn.ENDS, rest.answered());
        assertTrue(rest.over());
        assertTrue(rest.over());
    }
}
