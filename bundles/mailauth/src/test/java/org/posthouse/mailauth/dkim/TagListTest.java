// SPDX-License-Identifier: Apache-2.0
package org.posthouse.mailauth.dkim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class TagListTest {
    @Test
    void readsTagsWithFoldsAndSpaces() throws Exception {
        TagList tags = TagList.parse(" v = 1;\r\n\ta=rsa-sha256 ; b=ab\r\n cd=\r\n\t= ;x_1=;\r\n ");
        assertEquals(List.of("v", "a", "b", "x_1"), tags.tags());
        assertEquals(Optional.of("1"), tags.value("v"));
        assertEquals(Optional.of("ab\r\n cd=\r\n\t="), tags.value("b"));
        assertEquals(Optional.of("abcd=="), tags.compact("b"));
        assertEquals(Optional.of(""), tags.value("x_1"));
        assertEquals(Optional.empty(), tags.value("V"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", " ", ";", "a", "a=1;;b=2", "a=1;b", "=1", "1a=2", "a-b=1", "a=1; a=2", "a=\u0007", "a=1;;"})
    void refusesWhatIsNoList(String text) {
        assertThrows(MalformedTagsException.class, () -> TagList.parse(text));
    }

    @Test
    void refusesATagTooMany() {
        StringBuilder many = new StringBuilder();
        for (int i = 0; i < 101; i++) {
            many.append("a").append(i).append("=1;");
        }
        assertThrows(MalformedTagsException.class, () -> TagList.parse(many.toString()));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "D: a=1; b=abc; c=2 | D: a=1; b=; c=2",
                "D: a=1; b= a b c | D: a=1; b=",
                "D:b=abc;bh=def | D:b=;bh=def",
                "D: bh=b=1; b =x | D: bh=b=1; b =",
                "D: bh=b;a=1 | D: bh=b;a=1",
            })
    void takesTheValueOfOneTagOut(String field, String emptied) {
        assertEquals(emptied, TagList.emptied(field, "b"));
    }
}
