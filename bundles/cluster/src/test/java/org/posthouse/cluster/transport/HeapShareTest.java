// SPDX-License-Identifier: Apache-2.0
package org.posthouse.cluster.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class HeapShareTest {
    private static final long MB = 1 << 20;

    @Test
    void isAPartOfTheHeapBetweenItsBounds() {
        assertEquals(8 * MB, HeapShare.of(256 * MB, 32, 32 * MB));
        assertEquals(4 * MB, HeapShare.of(64 * MB, 32, 32 * MB));
        assertEquals(32 * MB, HeapShare.of(8192 * MB, 32, 32 * MB));
    }
}
