// SPDX-License-Identifier: Apache-2.0
package org.posthouse.config.load;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.posthouse.api.config.Unit;

class UnitsTest {
    private static final Path DATA = Path.of("/var/lib/data");

    @ParameterizedTest
    @EnumSource
    void everyUnitOfTheApiIsKnown(Unit.Kind kind) {
        assertFalse(Units.expected(kind.name()).contains("unknown"));
    }

    @ParameterizedTest
    @CsvSource({
        "0,0",
        "500ms,500",
        "30s,30000",
        "5m,300000",
        "4h,14400000",
        "5d,432000000",
        "1h30m,5400000",
        "1w,604800000"
    })
    void readsDurations(String text, long millis) throws Units.BadValue {
        assertEquals(millis, Units.convert("DURATION", text, DATA));
    }

    @ParameterizedTest
    @CsvSource({"0,0", "17,17", "64kB,64000", "25MB,25000000", "1GiB,1073741824", "1.5kB,1500", "2 kib,2048", "3B,3"})
    void readsSizes(String text, long octets) throws Units.BadValue {
        assertEquals(octets, Units.convert("SIZE", text, DATA));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "RATE|100/hour", "RATE|10/s", "SOCKET|127.0.0.1:25", "SOCKET|[::1]:2525", "SOCKET|mail.example.org:587",
                "SOCKET|localhost:0", "NETWORK|192.0.2.0/24", "NETWORK|::1", "NETWORK|2001:db8::/32",
                        "NETWORK|10.0.0.1",
                "DOMAIN|example.org", "DOMAIN|*", "DOMAIN|*.example.org", "DOMAIN|_dmarc.example.org",
                        "DOMAIN|bücher.example",
                "SCHEDULE|1m,5m*2,15m,1h*6,4h", "HOP|mx", "HOP|smtp://127.0.0.1:10025", "HOP|lmtp:///run/lmtp.sock"
            })
    void acceptsGoodValues(String unit, String text) throws Units.BadValue {
        assertEquals(text, Units.convert(unit, text, DATA));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "DURATION|5",
                "DURATION|5 m",
                "DURATION|m",
                "DURATION|-5m",
                "DURATION|999999999999999w",
                "SIZE|25M",
                "SIZE|-1",
                "SIZE|0.5B",
                "SIZE|1ib",
                "SIZE|999999999999999TB",
                "RATE|100",
                "RATE|0/s",
                "RATE|10/fortnight",
                "SOCKET|127.0.0.1",
                "SOCKET|::1:25",
                "SOCKET|300.1.1.1:25",
                "SOCKET|[nope]:25",
                "SOCKET|h:70000",
                "NETWORK|192.0.2.0/33",
                "NETWORK|::/129",
                "NETWORK|example.org",
                "NETWORK|1.2.3",
                "DOMAIN|a..b",
                "DOMAIN|-a",
                "DOMAIN|a b",
                "DOMAIN|*.*",
                "SCHEDULE|1m,,2m",
                "SCHEDULE|1m*0",
                "SCHEDULE|soon",
                "HOP|MX",
                "HOP|host:25",
                "FILE|folder/",
                "FILE|a\0b",
                "NOSUCH|1"
            })
    void refusesBadValues(String unit, String text) {
        assertThrows(Units.BadValue.class, () -> Units.convert(unit, text, DATA));
    }

    @Test
    void domainsArriveInLowerCase() throws Units.BadValue {
        assertEquals("example.org", Units.convert("DOMAIN", "Example.ORG", DATA));
    }

    @ParameterizedTest
    @CsvSource({
        "users,/var/lib/data/users",
        "lists/a b,/var/lib/data/lists/a b",
        "./x/../users,/var/lib/data/users",
        "/etc/users,/etc/users"
    })
    void filesStandInTheDataFolderUnlessTheyAreAbsolute(String text, String path) throws Units.BadValue {
        assertEquals(path, Units.convert("FILE", text, DATA));
    }

    @Test
    void filesAreAbsoluteAlsoWhereTheDataFolderIsNot() throws Units.BadValue {
        assertEquals(
                Path.of("data/users").toAbsolutePath().toString(), Units.convert("FILE", "users", Path.of("data")));
    }
}
