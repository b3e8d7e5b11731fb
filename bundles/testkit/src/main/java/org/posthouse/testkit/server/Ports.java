// SPDX-License-Identifier: Apache-2.0
package org.posthouse.testkit.server;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.concurrent.atomic.AtomicInteger;

/** Hands out free ports below the range that clients' connections come from. */
public final class Ports {
    private static final AtomicInteger NEXT =
            new AtomicInteger(23000 + (int) (ProcessHandle.current().pid() % 2000));

    private Ports() {}

    /** A port of loopback that nobody has. */
    public static int free() {
        while (true) {
            int port = NEXT.getAndIncrement();
            try (ServerSocket probe = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
                return probe.getLocalPort();
            } catch (java.net.BindException taken) {
                continue;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
