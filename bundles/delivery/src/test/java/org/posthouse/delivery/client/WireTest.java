// SPDX-License-Identifier: Apache-2.0
package org.posthouse.delivery.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.posthouse.delivery.FakeDns;

final class WireTest {
    /** As an encrypted socket while a write is stuck: closing it waits for that write. */
    private static final class Stuck extends Socket {
        @Override
        public InputStream getInputStream() {
            return InputStream.nullInputStream();
        }

        @Override
        public OutputStream getOutputStream() {
            return OutputStream.nullOutputStream();
        }

        @Override
        public void close() {
            throw new AssertionError("This would never return");
        }
    }

    @Test
    void givesUpWithoutWaitingForTheEncryptedSide() throws Exception {
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.getLocalPort());
                Socket other = server.accept();
                StalledWrites watch = new StalledWrites(Duration.ofSeconds(10))) {
            Wire wire = new Wire(socket, watch);
            wire.secure(new Stuck());
            wire.abort();
            assertTrue(socket.isClosed());
            assertEquals(-1, other.getInputStream().read());
        }
    }

    @Test
    void asksNobodyForANameThatOnlyLooksLikeAnAddress() {
        for (String none : List.of("1.2.3.999", "256.1.1.1", "1.2.3", "1.2.3.4.5", "1.2.3.4.", "1..2.3")) {
            assertEquals(Optional.empty(), Addresses.literal(none), none);
        }
        assertEquals(
                "192.0.2.255", Addresses.literal("192.0.2.255").orElseThrow().getHostAddress());
        assertTrue(
                new Addresses(new FakeDns(), true).of("1.2.3.999").addresses().isEmpty());
    }
}
