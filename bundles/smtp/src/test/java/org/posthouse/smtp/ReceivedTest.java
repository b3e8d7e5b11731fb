// SPDX-License-Identifier: Apache-2.0
package org.posthouse.smtp;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.net.InetAddress;
import java.time.Instant;
import org.junit.jupiter.api.Test;

final class ReceivedTest {
    private static String line(String helo, String peer, String protocol, String tls, String forPath) {
        InetAddress address = Networks.address(peer);
        Instant when = Instant.parse("2026-11-21T03:04:05Z");
        return Received.line(
                new Received.Facts(helo, address, "mx.example.org", protocol, tls, "01ABC", forPath, when));
    }

    @Test
    void tellsWhoByWhomHowAndWhen() {
        assertEquals(
                "Received: from client.example.com ([192.0.2.7])\r\n\tby mx.example.org (Posthouse) with ESMTPS id 01ABC\r\n"
                        + "\t(TLSv1.3 TLS_AES_256_GCM_SHA384)\r\n\tfor <a@b.example>;\r\n"
                        + "\tSat, 21 Nov 2026 03:04:05 +0000\r\n",
                line("client.example.com", "192.0.2.7", "ESMTPS", "TLSv1.3 TLS_AES_256_GCM_SHA384", "a@b.example"));
    }

    @Test
    void namesNobodyWhenThereAreSeveral() {
        assertEquals(
                "Received: from [IPv6:2001:db8::1] ([IPv6:2001:db8:0:0:0:0:0:1])\r\n"
                        + "\tby mx.example.org (Posthouse) with SMTP id 01ABC;\r\n\tSat, 21 Nov 2026 03:04:05 +0000\r\n",
                line("[IPv6:2001:db8::1]", "2001:db8::1", "SMTP", "", ""));
    }

    @Test
    void letsNoHeloBreakTheLine() {
        assertEquals("evil___by_x_", Received.clean("evil( \rby(x\u00ff"));
    }

    @Test
    void saysTheProtocolOfRfc3848() {
        assertEquals("SMTP", Received.protocol(false, false, false, false));
        assertEquals("ESMTP", Received.protocol(true, false, false, false));
        assertEquals("ESMTPSA", Received.protocol(true, false, true, true));
        assertEquals("UTF8SMTPS", Received.protocol(true, true, true, false));
    }
}
