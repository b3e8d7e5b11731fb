// SPDX-License-Identifier: Apache-2.0
package org.posthouse.mailauth.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class ReadingsTest {
    private final List<String> read = new ArrayList<>();
    private final Readings<Integer> lengths = new Readings<>(100_000, text -> {
        read.add(text);
        return text.length();
    });

    @Test
    void readsATextOnce() {
        assertEquals(3, lengths.of("abc"));
        assertEquals(3, lengths.of("abc"));
        assertEquals(2, lengths.of("ab"));
        assertEquals(List.of("abc", "ab"), read);
    }

    @Test
    void forgetsWhatWasNotAskedForTheLongestTime() {
        lengths.of("first");
        for (int i = 0; i < 1000; i++) {
            lengths.of("text " + i);
            lengths.of("first");
        }
        assertTrue(lengths.size() > 30 && lengths.size() < 50, () -> lengths.size() + " are kept");
        assertEquals(1001, read.size());
        lengths.of("text 0");
        assertEquals("text 0", read.getLast());
    }
}
