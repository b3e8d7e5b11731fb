// SPDX-License-Identifier: Apache-2.0
package org.posthouse.outside.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** On sockets whose other end says nothing. */
@Timeout(30)
final class WatchdogTest {
    private static final long LONG = Duration.ofMinutes(1).toNanos();

    private final Watchdog watchdog = new Watchdog("test");
    private ServerSocketChannel server;
    private SocketChannel socket;

    @BeforeEach
    void connect() throws IOException {
        server = ServerSocketChannel.open().bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        socket = SocketChannel.open(server.getLocalAddress());
    }

    @AfterEach
    void close() throws IOException {
        watchdog.close();
        socket.close();
        server.close();
    }

    private int read() throws IOException {
        return socket.read(ByteBuffer.allocate(1));
    }

    @Test
    void endsWhatTakesTooLong() {
        assertThrows(
                SocketTimeoutException.class,
                () -> watchdog.within(Duration.ofMillis(50).toNanos(), socket, this::read));
        assertFalse(socket.isOpen());
    }

    @Test
    void leavesAloneWhatEndsInTime() throws IOException {
        assertEquals("done", watchdog.within(LONG, socket, () -> "done"));
        watchdog.cut();
        assertTrue(socket.isOpen());
    }

    @Test
    void beginsNothingThatHasNoTime() {
        assertThrows(SocketTimeoutException.class, () -> watchdog.within(0, socket, () -> "done"));
    }

    @Test
    void cutsTheWorkOfNow() throws Exception {
        CountDownLatch working = new CountDownLatch(1);
        FutureTask<Integer> work = new FutureTask<>(() -> watchdog.within(LONG, socket, () -> {
            working.countDown();
            return read();
        }));
        Thread.ofVirtual().start(work);
        working.await();
        watchdog.cut();
        Throwable end = assertThrows(ExecutionException.class, work::get).getCause();
        assertTrue(end instanceof ClosedChannelException, String.valueOf(end));
    }

    @Test
    void beginsNothingOnceItIsClosed() {
        watchdog.close();
        assertThrows(IOException.class, () -> watchdog.within(LONG, socket, () -> "done"));
    }
}
