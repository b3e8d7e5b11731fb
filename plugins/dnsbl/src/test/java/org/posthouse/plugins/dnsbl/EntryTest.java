// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.dnsbl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.posthouse.outside.network.Network;

final class EntryTest {
    private static boolean matches(String filter, String address) {
        return AnswerFilter.parse(filter).matches(Network.literal(address).getAddress());
    }

    @Test
    void readsZoneFilterAndWeight() {
        Entry all = Entry.parse(" BL.Example.org=127.0.0.[2..11]*2.5 ");
        assertEquals("bl.example.org", all.zone());
        assertTrue(all.filter().isPresent());
        assertEquals(2.5, all.weight());
        assertEquals(1.0, Entry.parse("bl.example.org").weight());
        assertTrue(Entry.parse("bl.example.org*-4").filter().isEmpty());
        assertEquals(-4.0, Entry.parse("bl.example.org*-4").weight());
        assertEquals(1.0, Entry.parse("bl.example.org=127.0.0.2").weight());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "*2",
                "=127.0.0.2",
                "bl.example.org=",
                "bl.example.org*",
                "bl.example.org*x",
                "bl.example.org*1*2",
                "bl example.org",
                "bl..example.org",
                ".bl.example.org",
                "bl.example.org=127.0.0",
                "bl.example.org=127.0.0.256",
                "bl.example.org=127.0.0.[11..2]",
                "bl.example.org=127.0.0.[2..]",
                "bl.example.org=127.0.0.[2;]",
                "bl.example.org=127.0.0.2..11",
                "bl.example.org=127.0.0.2.3"
            })
    void refusesWhatIsNoEntry(String text) {
        assertThrows(IllegalArgumentException.class, () -> Entry.parse(text));
    }

    @Test
    void filtersByNumbersRangesAndSets() {
        assertTrue(matches("127.0.0.2", "127.0.0.2"));
        assertFalse(matches("127.0.0.2", "127.0.0.3"));
        assertTrue(matches("127.0.0.[2..11]", "127.0.0.2"));
        assertTrue(matches("127.0.0.[2..11]", "127.0.0.11"));
        assertFalse(matches("127.0.0.[2..11]", "127.0.0.12"));
        assertTrue(matches("127.0.[0..255].[1;3..5]", "127.0.200.4"));
        assertFalse(matches("127.0.[0..255].[1;3..5]", "127.0.200.2"));
        assertFalse(matches("127.0.0.2", "::1"));
    }

    @Test
    void namesAddressesAsListsDo() {
        assertEquals("99.2.0.192", Subject.of(Network.literal("192.0.2.99")).prefix());
        // RFC 5782 2.4
        assertEquals(
                "6.5.6.f.0.6.7.4.5.1.f.7.c.0.a.a.8.8.d.0.1.0.0.0.8.b.d.0.1.0.0.2",
                Subject.of(Network.literal("2001:db8:1:d88:aa0c:7f15:4760:f656"))
                        .prefix());
        assertEquals(
                "1.0.0.0.0.0.f.7.f.f.f.f.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0",
                Subject.of(Network.literal("2001:db8::1")).control());
    }

    @Test
    void knowsWhatIsADomain() {
        assertTrue(Subject.isDomain("mail.example.org"));
        assertTrue(Subject.isDomain("b\u00fccher.example"));
        assertFalse(Subject.isDomain("localhost"));
        assertFalse(Subject.isDomain("[192.0.2.1]"));
        assertFalse(Subject.isDomain("192.0.2.1"));
        assertFalse(Subject.isDomain(""));
        assertFalse(Subject.isDomain("a..example"));
        assertFalse(Subject.isDomain("a.".repeat(126) + "example"));
    }

    @Test
    void leavesPrivateNetworksAlone() {
        Unlisted exempt = new Unlisted("198.51.100.0/24");
        for (String one : new String[] {
            "10.1.2.3",
            "127.0.0.1",
            "172.31.0.1",
            "192.168.1.1",
            "169.254.0.1",
            "100.127.0.1",
            "::1",
            "fd00::1",
            "fe80::1",
            "::ffff:10.0.0.1",
            "198.51.100.7"
        }) {
            assertTrue(exempt.has(Network.literal(one)), one);
        }
        for (String one : new String[] {"192.0.2.1", "172.32.0.1", "100.128.0.1", "2001:db8::1", "::ffff:192.0.2.1"}) {
            assertFalse(exempt.has(Network.literal(one)), one);
        }
        assertThrows(IllegalArgumentException.class, () -> new Unlisted("192.0.2.0/33"));
        assertThrows(IllegalArgumentException.class, () -> new Unlisted("host.example.org"));
    }
}
