// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.postfixpolicy;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.SocketAddress;
import java.net.SocketTimeoutException;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.posthouse.api.service.Dns;
import org.posthouse.outside.daemon.Endpoint;
import org.posthouse.outside.daemon.Outage;
import org.posthouse.outside.daemon.Watchdog;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The policy server: asked over connections that are used again, and anew where one of these is gone. */
final class PolicyServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(PolicyServer.class);

    private final Endpoint endpoint;
    private final Dns dns;
    private final Watchdog watchdog;
    private final Outage outage;
    private final Duration timeout;
    private final Duration mostIdle;
    private final int keep;
    private final ConcurrentLinkedDeque<Line> idle = new ConcurrentLinkedDeque<>();
    private final AtomicInteger kept = new AtomicInteger();

    PolicyServer(
            Endpoint endpoint,
            Dns dns,
            Watchdog watchdog,
            Outage outage,
            Duration timeout,
            Duration mostIdle,
            int keep) {
        this.endpoint = endpoint;
        this.dns = dns;
        this.watchdog = watchdog;
        this.outage = outage;
        this.timeout = timeout;
        this.mostIdle = mostIdle;
        this.keep = keep;
    }

    /** A connection. */
    private static final class Line extends InputStream {
        private final SocketChannel socket;
        private final ActionReader answers = new ActionReader(new BufferedInputStream(this, 1 << 10));
        private long since;

        Line(SocketChannel socket) {
            this.socket = socket;
        }

        String exchange(byte[] request) throws IOException {
            ByteBuffer octets = ByteBuffer.wrap(request);
            while (octets.hasRemaining()) {
                socket.write(octets);
            }
            return answers.next();
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
        }

        @Override
        public int read(byte[] octets, int offset, int length) throws IOException {
            return socket.read(ByteBuffer.wrap(octets, offset, length));
        }

        @Override
        public void close() {
            try {
                socket.close();
            } catch (IOException e) {
                LOG.debug("closing a connection with a policy server", e);
            }
        }
    }

    /**
     * Asks.
     *
     * @return the action
     * @throws IOException when there is no answer within the timeout, or one that makes no sense
     */
    String ask(byte[] request) throws IOException {
        long deadline = System.nanoTime() + timeout.toNanos();
        Line old = inherit();
        if (old != null) {
            try {
                return exchange(old, request, deadline);
            } catch (SocketTimeoutException | ClosedByInterruptException e) {
                throw failed(e);
            } catch (IOException e) {
                // A server may end a connection that it finds idle; that says nothing of the next one.
                LOG.debug("a kept connection is gone", e);
            }
        }
        if (outage.resting()) {
            throw failed(new IOException(outage.reason()));
        }
        Line fresh = open(deadline);
        try {
            String action = exchange(fresh, request, deadline);
            outage.over();
            return action;
        } catch (IOException e) {
            throw failed(e);
        }
    }

    private IOException failed(IOException e) {
        if (!(e instanceof ClosedByInterruptException)) {
            outage.failed(String.valueOf(e.getMessage()));
        }
        return e;
    }

    private String exchange(Line line, byte[] request, long deadline) throws IOException {
        try {
            String action = watchdog.within(deadline - System.nanoTime(), line.socket, () -> line.exchange(request));
            leave(line);
            return action;
        } catch (IOException e) {
            line.close();
            throw e;
        }
    }

    private @Nullable Line inherit() {
        for (Line line = idle.pollFirst(); line != null; line = idle.pollFirst()) {
            kept.decrementAndGet();
            if (System.nanoTime() - line.since < mostIdle.toNanos()) {
                return line;
            }
            line.close();
        }
        return null;
    }

    private void leave(Line line) {
        if (kept.incrementAndGet() > keep) {
            kept.decrementAndGet();
            line.close();
        } else {
            line.since = System.nanoTime();
            idle.addFirst(line);
        }
    }

    private Line open(long deadline) throws IOException {
        try {
            return connect(deadline);
        } catch (ClosedByInterruptException e) {
            throw e;
        } catch (IOException e) {
            String why = endpoint + " can not be reached: " + e;
            outage.unreachable(why);
            throw failed(new IOException(why, e));
        }
    }

    private Line connect(long deadline) throws IOException {
        IOException last = new IOException("no address");
        for (SocketAddress address : endpoint.addresses(dns)) {
            SocketChannel socket = address instanceof UnixDomainSocketAddress
                    ? SocketChannel.open(StandardProtocolFamily.UNIX)
                    : SocketChannel.open();
            try {
                watchdog.within(deadline - System.nanoTime(), socket, () -> socket.connect(address));
                if (socket.supportedOptions().contains(StandardSocketOptions.TCP_NODELAY)) {
                    socket.setOption(StandardSocketOptions.TCP_NODELAY, true);
                }
                return new Line(socket);
            } catch (ClosedByInterruptException e) {
                throw e;
            } catch (IOException e) {
                socket.close();
                last = e;
            }
        }
        throw last;
    }

    @Override
    public void close() {
        for (Line line = idle.pollFirst(); line != null; line = idle.pollFirst()) {
            line.close();
        }
    }
}
