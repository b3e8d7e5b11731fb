// SPDX-License-Identifier: Apache-2.0
package org.posthouse.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.posthouse.api.Address;

final class DeskTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "postmaster",
                "a@b.test",
                "\"a>b\"@b.test",
                "\"a> SIZE=1 <b\"@b.test",
                "\"a\\\"> b\"@b.test",
                "\"a\\\\\"@b.test",
                "\"\"@b.test",
                "a@[192.0.2.1]"
            })
    void takesAnAddressThatACommandCanHold(String text) {
        assertEquals(Address.of(text), Desk.path(Address.of(text)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a>b@b.test",
                "a<b@b.test",
                "a b@b.test",
                "a b",
                "a@b.test> SIZE=1",
                "a@b.test SIZE=1",
                "a@<b.test",
                "\"a\nb\"@b.test",
                "\"a\u007fb\"@b.test",
                "a@b.test\r",
                "\"a\"> b\"@b.test",
                "\"a\" b@b.test",
                "\"a\\\"> b@b.test",
                "\"a> b@b.test",
                "\"\\\" @b.test",
                "\" @b.test",
                "\"a\"@b.test> <\"c\""
            })
    void refusesAnAddressThatWouldEndACommand(String text) {
        assertThrows(IllegalArgumentException.class, () -> Desk.path(Address.of(text)));
    }
}
