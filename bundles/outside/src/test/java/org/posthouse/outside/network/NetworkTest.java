// SPDX-License-Identifier: Apache-2.0
package org.posthouse.outside.network;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class NetworkTest {
    @ParameterizedTest
    @CsvSource({
        "192.0.2.0/24, 192.0.2.255",
        "192.0.2.7/24, 192.0.2.255",
        "192.0.2.128/25, 192.0.2.128",
        "192.0.2.1, 192.0.2.1",
        "0.0.0.0/0, 203.0.113.9",
        "2001:db8::/33, 2001:db8:7fff::1",
        "::1, ::1",
        "::/0, 2001:db8::1"
    })
    void hasAnAddressWhoseLeadingBitsAreTheSame(String network, String address) {
        assertTrue(Network.of(network).contains(Network.literal(address)));
    }

    @ParameterizedTest
    @CsvSource({
        "192.0.2.0/24, 192.0.3.0",
        "192.0.2.128/25, 192.0.2.127",
        "192.0.2.1, 192.0.2.2",
        "0.0.0.0/0, ::1",
        "::/0, 192.0.2.1",
        "2001:db8::/33, 2001:db8:8000::1"
    })
    void hasNoOther(String network, String address) {
        assertFalse(Network.of(network).contains(Network.literal(address)));
    }

    /** Java asks the resolver of the system for some of these, and makes another address of others. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "/",
                "/8",
                "localhost",
                "beef",
                "1.2.3.999",
                "10.1",
                "1.2.3.4.",
                "1.2.3.4.5",
                "1::2::3",
                ".:",
                "fe80::1%lo",
                "[::1]",
                "192.0.2.0/33",
                "192.0.2.0/-1",
                "192.0.2.0/+8",
                "192.0.2.0/x",
                "192.0.2.0/",
                "192.0.2.0/24/8",
                "::/129"
            })
    void refusesWhatIsNone(String text) {
        assertThrows(IllegalArgumentException.class, () -> Network.of(text));
    }

    @Test
    void isNamedByItsFirstAddress() {
        assertEquals("192.0.2.0/24", Network.of("192.0.2.7/24").toString());
        assertEquals(Network.of("192.0.2.0/24"), Network.of("192.0.2.7/24"));
        assertEquals("2001:db8:0:0:0:0:0:0/64", new Network(Network.literal("2001:db8::1"), 64).toString());
    }

    @Test
    void mayBeAskedToBeWrittenByItsFirstAddress() {
        assertEquals(Network.of("192.0.2.0/24"), Network.exactly("192.0.2.0/24"));
        assertEquals(Network.of("2001:db8::1"), Network.exactly("2001:db8::1"));
        String why = assertThrows(IllegalArgumentException.class, () -> Network.exactly("192.0.2.7/24"))
                .getMessage();
        assertEquals("192.0.2.7/24 has bits set behind its prefix", why);
    }

    @Test
    void standsForAClient() {
        InetAddress four = Network.literal("192.0.2.129");
        InetAddress six = Network.literal("2001:db8:1:2:3::4");
        assertEquals("192.0.2.128/25", Network.around(four, 25, 64).toString());
        assertEquals("2001:db8:1:0:0:0:0:0/48", Network.around(six, 25, 48).toString());
        assertEquals("192.0.2.129", Network.client(four, 64));
        assertEquals("2001:db8:1:2:0:0:0:0/64", Network.client(six, 64));
    }

    @Test
    void isInOneOfSeveral() {
        Networks networks = new Networks("192.0.2.0/24", "2001:db8::/32");
        InetAddress within = Network.literal("2001:db8::1");
        assertTrue(networks.contain(within));
        assertFalse(networks.contain(Network.literal("198.51.100.1")));
        assertFalse(new Networks().contain(within));
        assertThrows(IllegalArgumentException.class, () -> new Networks("192.0.2.0/24", "host.example.org"));
    }
}
