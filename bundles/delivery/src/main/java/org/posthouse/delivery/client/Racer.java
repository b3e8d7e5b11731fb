// SPDX-License-Identifier: Apache-2.0
package org.posthouse.delivery.client;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Connects to the first of several addresses that answers; each next one starts a little later (RFC 8305 5). */
final class Racer {
    private static final Logger LOG = LoggerFactory.getLogger(Racer.class);
    private static final Duration STAGGER = Duration.ofMillis(250);

    private final Duration timeout;
    private final @Nullable InetSocketAddress source;

    /** @param source the local address, or null for any */
    Racer(Duration timeout, @Nullable InetSocketAddress source) {
        this.timeout = timeout;
        this.source = source;
    }

    /** A socket and the address it is connected to. */
    record Winner(Socket socket, InetSocketAddress address) {}

    private record Result(@Nullable Winner winner, @Nullable IOException failure) {}

    /**
     * Connects.
     *
     * @param addresses at least one
     * @throws IOException the last failure, when none answers
     */
    Winner connect(List<InetSocketAddress> addresses) throws IOException, InterruptedException {
        return addresses.size() == 1 ? direct(addresses.get(0)) : race(addresses);
    }

    private Winner direct(InetSocketAddress address) throws IOException {
        Socket socket = new Socket();
        try {
            socket.setTcpNoDelay(true);
            if (source != null) {
                socket.bind(source);
            }
            socket.connect(address, (int) timeout.toMillis());
            return new Winner(socket, address);
        } catch (IOException e) {
            socket.close();
            throw e;
        }
    }

    private Winner race(List<InetSocketAddress> addresses) throws IOException, InterruptedException {
        BlockingQueue<Result> results = new LinkedBlockingQueue<>();
        AtomicBoolean won = new AtomicBoolean();
        int started = 0;
        int failed = 0;
        try {
            while (true) {
                if (started < addresses.size()) {
                    start(addresses.get(started++), won, results);
                }
                Duration wait = started < addresses.size() ? STAGGER : timeout.plus(STAGGER);
                Result result = results.poll(wait.toMillis(), TimeUnit.MILLISECONDS);
                if (result == null && started == addresses.size()) {
                    throw new SocketTimeoutException("connect timed out");
                }
                if (result != null && result.winner() != null) {
                    return result.winner();
                }
                if (result != null && result.failure() != null && ++failed == addresses.size()) {
                    throw result.failure();
                }
            }
        } catch (IOException | InterruptedException e) {
            // Who connects from now on closes again; who did at this very moment is closed here.
            if (!won.compareAndSet(false, true)) {
                Thread.ofVirtual().name("delivery-connect-late").start(() -> closeWinner(results));
            }
            throw e;
        }
    }

    private static void closeWinner(BlockingQueue<Result> results) {
        try {
            Winner winner = null;
            while (winner == null) {
                winner = results.take().winner();
            }
            winner.socket().close();
        } catch (IOException | InterruptedException e) {
            LOG.debug("A connection that came too late could not be closed", e);
        }
    }

    private void start(InetSocketAddress address, AtomicBoolean won, BlockingQueue<Result> results) {
        Thread.ofVirtual().name("delivery-connect").start(() -> {
            try {
                Winner winner = direct(address);
                if (won.compareAndSet(false, true)) {
                    results.add(new Result(winner, null));
                } else {
                    winner.socket().close();
                }
            } catch (IOException e) {
                results.add(new Result(null, e));
            }
        });
    }
}
