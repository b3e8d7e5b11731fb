// SPDX-License-Identifier: Apache-2.0
package org.posthouse.smtp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

final class NetworksTest {
    @Test
    void knowsWhoIsInside() {
        Networks networks = Networks.of("192.0.2.0/25", "2001:db8::/33", "::1", "0.0.0.0/32");
        assertTrue(networks.contains(Networks.address("192.0.2.127")));
        assertFalse(networks.contains(Networks.address("192.0.2.128")));
        assertTrue(networks.contains(Networks.address("2001:db8:7fff::1")));
        assertFalse(networks.contains(Networks.address("2001:db8:8000::1")));
        assertTrue(networks.contains(Networks.address("::1")));
        assertFalse(networks.contains(Networks.address("::2")));
    }

    @Test
    void asksNoDns() {
        assertThrows(IllegalArgumentException.class, () -> Networks.of("localhost"));
        assertThrows(IllegalArgumentException.class, () -> Networks.of("10.0.0.0/33"));
        for (String none : List.of("1.2.3.999", "256.1.1.1", "1.2.3.4.", "1.2.3.4.5")) {
            Exception e = assertThrows(IllegalArgumentException.class, () -> Networks.address(none));
            assertNull(e.getCause(), "the resolver of the system was asked for " + none);
        }
        assertEquals("/192.0.2.255", Networks.address("192.0.2.255").toString());
    }

    @Test
    void readsSocketAddresses() {
        assertEquals(
                "/[0:0:0:0:0:0:0:1]:2525", ListenerSettings.socket("[::1]:2525").toString());
        assertEquals("/127.0.0.1:25", ListenerSettings.socket("127.0.0.1:25").toString());
        assertTrue(ListenerSettings.socket("*:25").getAddress().isAnyLocalAddress());
        assertThrows(IllegalArgumentException.class, () -> ListenerSettings.socket("127.0.0.1"));
    }
}
