// SPDX-License-Identifier: Apache-2.0
package org.posthouse.smtp;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.util.concurrent.ScheduledFuture;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Supplier;
import javax.net.ssl.SSLEngine;
import org.jspecify.annotations.Nullable;
import org.posthouse.pipeline.spi.Conversation;
import org.posthouse.pipeline.spi.Pipeline;
import org.posthouse.queue.spi.Inlet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** An open port: takes connections, gives each a session on a virtual thread, and lets them end when it closes. */
final class Acceptor implements SmtpSession.Door, Inlet, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Acceptor.class);
    private static final int BACKLOG = 4096;
    private static final long URGENT_MILLIS = 1000;
    private static final byte[] NOTHING = {};

    private final ListenerSettings settings;
    private final Pipeline pipeline;
    private final Supplier<@Nullable SSLEngine> engines;
    private final ThreadFactory threads;
    private final Set<SmtpSession> sessions = ConcurrentHashMap.newKeySet();
    private final Map<InetAddress, Integer> byAddress = new ConcurrentHashMap<>();
    private final Object ended = new Object();
    private final Parts parts;
    private final CountDownLatch closed = new CountDownLatch(1);
    private volatile boolean closing;
    private volatile boolean draining;
    private volatile long drainEnds;
    private @Nullable Channel channel;
    private @Nullable ScheduledFuture<?> clock;

    /** What sessions work with; made by the listener, which needs the count of sessions for it. */
    record Parts(Journal journal, SmtpAdapter adapter) {}

    Acceptor(
            ListenerSettings settings,
            Pipeline pipeline,
            Supplier<@Nullable SSLEngine> engines,
            Function<Supplier<Number>, Parts> parts) {
        this.settings = settings;
        this.pipeline = pipeline;
        this.engines = engines;
        this.threads =
                Thread.ofVirtual().name("smtp-" + settings.name() + "-", 0).factory();
        this.parts = parts.apply(sessions::size);
    }

    /**
     * Opens the port.
     *
     * @throws IOException when it is taken or not allowed; names listener and address
     */
    void open(EventLoops loops) throws IOException {
        ServerBootstrap bootstrap = new ServerBootstrap()
                .group(loops.group())
                .channel(loops.serverChannel())
                .option(ChannelOption.SO_BACKLOG, BACKLOG)
                .option(ChannelOption.SO_REUSEADDR, true)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childOption(ChannelOption.ALLOW_HALF_CLOSURE, true)
                .childHandler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel client) {
                        client.pipeline().addLast(new NettyWire(client, Acceptor.this::start));
                    }
                });
        ChannelFuture bound = bootstrap.bind(settings.address()).awaitUninterruptibly();
        if (!bound.isSuccess()) {
            parts.journal().close();
            String why = "Listener " + settings.name() + " can not listen on " + settings.address() + ": "
                    + bound.cause().getMessage();
            LOG.error("{}", why); // In a line of its own: who made this listener logs the whole stack.
            throw new IOException(why, bound.cause());
        }
        channel = bound.channel();
        clock = bound.channel().eventLoop().scheduleWithFixedDelay(this::look, 1, 1, TimeUnit.SECONDS);
        LOG.info(
                "Listener {} ({}) listening on {}",
                settings.name(),
                settings.profile().word(),
                address());
    }

    /** Where it listens, with the port that was chosen when port 0 was asked for. */
    InetSocketAddress address() {
        return channel == null ? settings.address() : (InetSocketAddress) channel.localAddress();
    }

    private void look() {
        long now = System.nanoTime();
        sessions.forEach(s -> s.lookAtTheClock(now));
        if (draining && now - drainEnds > 0) {
            sessions.forEach(s -> s.stop(true));
        }
    }

    private void start(NettyWire wire) {
        parts.journal().connected();
        if (draining) {
            refuse(wire, SmtpSession.CLOSING);
            return;
        }
        if (sessions.size() >= settings.limits().connections()) {
            parts.journal().ended("", wire.peer(), "too many connections", "all");
            refuse(wire, Answer.of(421, "4.7.0", "Too many connections"));
            return;
        }
        SmtpSession session = new SmtpSession(wire, this);
        sessions.add(session);
        if (draining) {
            // Accepted while the drain began.
            session.stop(false);
        }
        if (closing) {
            // Accepted while the port was being closed.
            session.stop(true);
        }
        threads.newThread(() -> run(session)).start();
    }

    private void refuse(NettyWire wire, Answer answer) {
        boolean clear = settings.tls() != ListenerSettings.Tls.IMPLICIT;
        wire.write(clear ? answer.octets() : NOTHING);
        wire.close(clear);
    }

    /** Ends idle sessions, and lets nobody in; open transactions have some time. The port stays, to say so. */
    @Override
    public void shut() {
        drainEnds = System.nanoTime()
                + TimeUnit.MILLISECONDS.toNanos(settings.timeouts().drain());
        draining = true;
        sessions.forEach(s -> s.stop(false));
    }

    @Override
    public void reopen() {
        draining = false;
    }

    @Override
    public int clients() {
        return sessions.size();
    }

    private void run(SmtpSession session) {
        try {
            session.run();
        } finally {
            sessions.remove(session);
            synchronized (ended) {
                ended.notifyAll();
            }
        }
    }

    @Override
    public ListenerSettings settings() {
        return settings;
    }

    @Override
    public Journal journal() {
        return parts.journal();
    }

    @Override
    public SmtpAdapter adapter() {
        return parts.adapter();
    }

    @Override
    public Conversation open(Pipeline.Facts facts) {
        return pipeline.open(facts);
    }

    @Override
    public @Nullable SSLEngine engine() {
        return engines.get();
    }

    @Override
    public void pause(long millis) throws IOException {
        try {
            if (millis > 0 && closed.await(millis, TimeUnit.MILLISECONDS)) {
                throw new Wire.Stopped();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("Interrupted");
        }
    }

    @Override
    public boolean enter(InetAddress address, boolean trusted) {
        if (trusted) {
            return true;
        }
        if (byAddress.merge(address, 1, Integer::sum) <= settings.limits().connectionsPerIp()) {
            return true;
        }
        leave(address, false);
        return false;
    }

    @Override
    public void leave(InetAddress address, boolean trusted) {
        if (!trusted) {
            byAddress.computeIfPresent(address, (a, count) -> count == 1 ? null : count - 1);
        }
    }

    /** Closes the port, ends idle sessions at once and gives open transactions some time. */
    @Override
    public void close() {
        closing = true;
        closed.countDown();
        if (channel != null) {
            channel.close().awaitUninterruptibly();
        }
        sessions.forEach(s -> s.stop(false));
        awaitEnd(settings.timeouts().drain());
        sessions.forEach(s -> s.stop(true));
        awaitEnd(URGENT_MILLIS);
        if (clock != null) {
            clock.cancel(false);
        }
        parts.journal().close();
        LOG.info("Listener {} closed, {} sessions left", settings.name(), sessions.size());
    }

    private void awaitEnd(long millis) {
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
        synchronized (ended) {
            while (!sessions.isEmpty() && System.nanoTime() < deadline) {
                try {
                    TimeUnit.NANOSECONDS.timedWait(ended, deadline - System.nanoTime());
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    return;
                }
            }
        }
    }
}
