// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.authfile;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class MailboxesTest {
    private static Optional<List<String>> read(String value) {
        return Mailboxes.of(value);
    }

    private static Optional<List<String>> all(String... addresses) {
        return Optional.of(List.of(addresses));
    }

    @Test
    void readsWhatPeopleWrite() {
        assertEquals(all("anna@local.test"), read("anna@local.test"));
        assertEquals(all("anna@local.test"), read("Anna <anna@local.test>"));
        assertEquals(all("anna@local.test"), read("\"bert@b.test\" <anna@local.test> (comment (in it) \\) )"));
        assertEquals(all("anna@local.test"), read("A. N. Na <anna @ local.test>"));
        assertEquals(all("anna@local.test"), read("=?utf-8?q?a=40b?= <anna@local.test>"));
        assertEquals(all("a@b.test", "c@d.test"), read("A <a@b.test>, c@d.test"));
        assertEquals(all("a@b.test", "c@d.test"), read("Team: A <a@b.test>, c@d.test;"));
        assertEquals(all("anna@[192.0.2.1]"), read("anna@[192.0.2.1]"));
        assertEquals(all("\"an na\"@local.test"), read("\"an na\"@local.test"));
        assertEquals(all("p\u00e9@local.test"), read("p\u00e9@local.test"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "anna",
                "<>",
                "Anna <anna@local.test",
                "Anna anna@local.test>",
                "bert@b.test <anna@local.test>",
                "anna@local.test <bert@b.test>",
                "<anna@local.test> bert@b.test",
                "<anna@local.test> <bert@b.test>",
                "<@b.test:anna@local.test>",
                "anna@local.test bert@b.test",
                "anna bert@b.test",
                "an@na@local.test",
                "@local.test",
                "anna@",
                "undisclosed:;",
                "\"anna@local.test",
                "anna@local.test (",
                "anna@[local.test",
                "anna)@local.test"
            })
    void readsNothingThatCouldMeanTwoThings(String value) {
        assertEquals(Optional.empty(), read(value));
    }
}
