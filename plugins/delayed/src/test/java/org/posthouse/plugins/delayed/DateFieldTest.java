// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.delayed;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class DateFieldTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "Wed, 25 Nov 2026 12:00:00 +0100|2026-11-25T11:00:00Z",
                "25 Nov 2026 12:00:00 -0330|2026-11-25T15:30:00Z",
                "Wed, 25 Nov 2026 12:00 GMT|2026-11-25T12:00:00Z",
                "Mon, 5 Jan 2026 12:00:00 UT|2026-01-05T12:00:00Z",
                "Fri, 25 Nov 2026 12:00:00 +0000 (the day is wrong)|2026-11-25T12:00:00Z",
                "Wed,   25 Nov (a (nested\\) one)) 2026 12:00:00\t+0000 (UTC)|2026-11-25T12:00:00Z",
                "wed, 25 nov 2026 12:00:00 +0000|2026-11-25T12:00:00Z",
            })
    void reads(String value, Instant time) {
        assertEquals(Optional.of(time), DateField.read(value));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "tomorrow", "Wed, 31 Nov 2026 12:00:00 +0000", "25 Nov 2026", "((((", "2026-11-25T12:00Z"})
    void readsNothingElse(String value) {
        assertEquals(Optional.empty(), DateField.read(value));
    }
}
