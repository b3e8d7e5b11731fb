// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.rewriting;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.posthouse.api.Address;
import org.posthouse.testkit.service.SettableClock;

final class MappingsTest {
    private static String mapped(String address, String... mappings) {
        return Mappings.parse(List.of(mappings), i -> "entry " + i)
                .of(Address.of(address))
                .map(Address::toString)
                .orElse("");
    }

    @ParameterizedTest
    @CsvSource({
        "a@b.test -> c@d.test,            A@B.test,           c@d.test",
        "a@b.test -> c@d.test,            x@b.test,           ''",
        "*@b.test -> *@d.test,            Anna@b.test,        Anna@d.test",
        "*@b.test -> all@d.test,          anna@b.test,        all@d.test",
        "*@*.b.test -> *@b.test,          anna@host.b.test,   anna@b.test",
        "*@*.b.test -> *@b.test,          anna@b.test,        ''",
        "*@*.b.test -> *@*.c.test,        a@x.y.b.test,       a@x.y.c.test",
        "*@* -> *@c.test,                 a@b.test,           a@c.test",
        "sales-*@b.test -> *@s.test,      SALES-north@b.test, north@s.test",
        "sales-*@b.test -> *@s.test,      sales-@b.test,      ''",
        "*-x@b.test -> *@s.test,          a-x@b.test,         a@s.test",
    })
    void maps(String mapping, String address, String to) {
        assertEquals(to, mapped(address, mapping));
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '\'',
            value = {
                "*@b.test -> *@d.test,       \"a>b\"@b.test,    \"a>b\"@d.test",
                "*@b.test -> all@d.test,     \"a b\"@b.test,    all@d.test",
                "\"*\"@b.test -> *@d.test,   \"ab\"@b.test,     ab@d.test",
                "\"a*\"@b.test -> \"*\"@d.test, \"a b\"@b.test, \" b\"@d.test",
                "*@b.test -> old-*@d.test,   \"a b\"@b.test,    ''",
                "*@b.test -> *-old@d.test,   \"a b\"@b.test,    ''",
                "\"*\"@b.test -> *@d.test,   \"a>b\"@b.test,    ''",
            })
    void makesNoAddressOfTextAroundQuotes(String mapping, String address, String to) {
        assertEquals(to, mapped(address, mapping));
    }

    @Test
    void theWholeAddressComesFirstThenTheFirstThatFits() {
        String[] mappings = {"*@b.test -> one@c.test", "*@* -> two@c.test", "a@b.test -> three@c.test"};
        assertEquals("three@c.test", mapped("a@b.test", mappings));
        assertEquals("one@c.test", mapped("x@b.test", mappings));
        assertEquals("two@c.test", mapped("x@y.test", mappings));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a@b.test",
                "a@b.test c@d.test",
                "a -> c@d.test",
                "a@b.test -> c",
                "a@b.test -> *@d.test",
                "*@b.test -> *@*.test",
                "**@b.test -> a@b.test",
                "a@b.test -> <a@b.test>",
                "a b@b.test -> a@b.test",
                "a@b.test -> \"a\" b@b.test",
                "a@b.test -> a\"b\"@b.test",
                "a@b.test -> a@b.test, c@d.test"
            })
    void refusesWhatIsNoMapping(String text) {
        String message = assertThrows(IllegalArgumentException.class, () -> mapped("a@b.test", text))
                .getMessage();
        assertTrue(String.valueOf(message).startsWith("entry 0: "), message);
    }

    @Test
    void refusesAnAddressThatStandsThereTwice() {
        assertThrows(
                IllegalArgumentException.class,
                () -> mapped("a@b.test", "a@b.test -> c@d.test", "A@b.test -> e@f.test"));
    }

    @Test
    void followsAFileAndKeepsWhatWasGoodInIt(@TempDir Path folder) throws IOException {
        SettableClock clock = SettableClock.at(Instant.parse("2026-11-25T12:00:00Z"));
        Path path = write(folder, "# comment\n\n a@b.test -> one@c.test \n", 1);
        MappingFile file = new MappingFile(path, clock);
        assertEquals("one@c.test", of(file));
        write(folder, "a@b.test -> two@c.test\n", 2);
        assertEquals("one@c.test", of(file), "not looked at within a second");
        clock.pass(Duration.ofSeconds(1));
        assertEquals("two@c.test", of(file));
        write(folder, "a@b.test -> \n", 3);
        clock.pass(Duration.ofSeconds(1));
        assertEquals("two@c.test", of(file));
        Files.delete(path);
        clock.pass(Duration.ofSeconds(1));
        assertThrows(UncheckedIOException.class, () -> of(file));
    }

    @Test
    void refusesAFileThatIsWrongOrNotThereAtFirst(@TempDir Path folder) throws IOException {
        SettableClock clock = SettableClock.at(Instant.EPOCH);
        assertThrows(UncheckedIOException.class, () -> new MappingFile(folder.resolve("none"), clock));
        Path path = write(folder, "# fine\nnot so\n", 1);
        String message = assertThrows(IllegalArgumentException.class, () -> new MappingFile(path, clock))
                .getMessage();
        assertTrue(String.valueOf(message).startsWith("map, line 2: "), message);
    }

    private static String of(MappingFile file) {
        return file.now().of(Address.of("a@b.test")).map(Address::toString).orElse("");
    }

    private static Path write(Path folder, String text, long second) throws IOException {
        Path path = Files.writeString(folder.resolve("map"), text);
        return Files.setLastModifiedTime(path, FileTime.from(Instant.ofEpochSecond(second)));
    }
}
