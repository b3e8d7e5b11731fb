// SPDX-License-Identifier: Apache-2.0
package org.posthouse.admin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class AddressTest {
    @ParameterizedTest
    @CsvSource({
        "127.0.0.1:12080, http://127.0.0.1:12080",
        "[::1]:12080, http://[::1]:12080",
        "0.0.0.0:80, http://127.0.0.1:80",
        "[::]:80, http://127.0.0.1:80",
        "*:80, http://127.0.0.1:80",
        "192.0.2.1:80, http://192.0.2.1:80"
    })
    void tellsHowToReachTheSocketFromThisMachine(String address, String url) throws Exception {
        assertEquals(url, Address.url(HostPort.parse(address)));
    }

    @Test
    void isReplacedAtEveryStart(@TempDir Path dataDir) throws Exception {
        Address.write(dataDir, HostPort.parse("127.0.0.1:1"));
        Address.write(dataDir, HostPort.parse("127.0.0.1:2"));
        assertEquals("http://127.0.0.1:2\n", Files.readString(dataDir.resolve("run/api-url")));
    }

    @Test
    void refusesAnAddressWithoutPort() {
        assertThrows(IllegalArgumentException.class, () -> HostPort.parse("localhost"));
    }
}
