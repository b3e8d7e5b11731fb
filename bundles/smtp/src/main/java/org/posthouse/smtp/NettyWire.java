// SPDX-License-Identifier: Apache-2.0
package org.posthouse.smtp;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A wire over a Netty channel. The event loop puts what arrives into a queue, the session takes it out; when more waits than
 * the session takes, the channel is not read, so that a fast client fills its own buffers and not our heap.
 */
final class NettyWire extends ChannelInboundHandlerAdapter implements Wire {
    private static final Logger LOG = LoggerFactory.getLogger(NettyWire.class);
    private static final ByteBuffer END = ByteBuffer.allocate(0);
    private static final ByteBuffer WAKE = ByteBuffer.allocate(0);
    private static final long NEVER = Long.MIN_VALUE;
    private static final int HIGH = 256 * 1024;
    private static final int LOW = 128 * 1024;
    private static final int OVERHEAD = 128;
    private static final int BULK = 64 * 1024;
    private static final int SMALL = 8 * 1024;
    private static final int SPARE = 4;
    private static final int UNSENT = 32 * 1024;
    private static final long SEND_SECONDS = 300;
    private static final long LINGER_SECONDS = 2;
    private static final long LAST_WORDS_SECONDS = 30;

    private final Channel channel;
    private final Consumer<NettyWire> onActive;
    private final BlockingQueue<ByteBuffer> arrived = new LinkedBlockingQueue<>();

    /** Arrays to fill again while a large message passes, or it would leave its whole size behind as garbage. */
    private final Queue<byte[]> spare = new ArrayBlockingQueue<>(SPARE);

    private final AtomicLong waiting = new AtomicLong();
    private final ByteArrayOutputStream unsent = new ByteArrayOutputStream(128);

    /** When the session gives up waiting. A timer for each wait would cost more than all the rest of a command. */
    private volatile long waitsUntil = NEVER;

    private volatile boolean idle;
    private volatile boolean stopping;
    private volatile boolean urgent;
    private volatile boolean discarding;

    NettyWire(Channel channel, Consumer<NettyWire> onActive) {
        this.channel = channel;
        this.onActive = onActive;
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
        onActive.accept(this);
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        try {
            if (discarding) {
                return;
            }
            ByteBuf buffer = (ByteBuf) message;
            int length = buffer.readableBytes();
            ByteBuffer octets = ByteBuffer.wrap(array(length), 0, length);
            buffer.readBytes(octets.array(), 0, length);
            arrived.add(octets);
            if (waiting.addAndGet(cost(octets)) > HIGH) {
                channel.config().setAutoRead(false);
                // The session may have taken everything in between.
                resume();
            }
        } finally {
            ReferenceCountUtil.release(message);
        }
    }

    private byte[] array(int length) {
        if (length <= SMALL || length > BULK) {
            return new byte[length];
        }
        byte[] again = spare.poll();
        return again == null ? new byte[BULK] : again;
    }

    @Override
    public void used(byte[] array) {
        if (array.length == BULK) {
            spare.offer(array);
        }
    }

    /** What waiting octets take of the heap: a client that sends them one by one must not fill it with what is around them. */
    private static long cost(ByteBuffer octets) {
        return octets.capacity() + OVERHEAD;
    }

    private void resume() {
        if (waiting.get() < LOW && !channel.config().isAutoRead()) {
            channel.config().setAutoRead(true);
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        arrived.add(END);
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (event instanceof ChannelInputShutdownEvent) {
            arrived.add(END);
            if (discarding) {
                channel.close();
            }
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        // A reset, or octets that are no TLS: either way nothing more can be said.
        channel.close();
    }

    @Override
    public InetSocketAddress peer() {
        return (InetSocketAddress) channel.remoteAddress();
    }

    @Override
    public InetSocketAddress local() {
        return (InetSocketAddress) channel.localAddress();
    }

    @Override
    public boolean pending() {
        return waiting.get() > 0;
    }

    @Override
    public void idle(boolean now) {
        idle = now;
        if (now) {
            spare.clear();
        }
    }

    @Override
    public @Nullable ByteBuffer next(long deadline) throws IOException {
        // A client that never stops sending and never reads must not fill the heap with replies.
        if (arrived.isEmpty() || unsent.size() > UNSENT) {
            flush();
        }
        while (true) {
            ByteBuffer octets = poll(deadline);
            if (octets == END) {
                arrived.add(END);
                return null;
            }
            if (octets.limit() > 0) {
                waiting.addAndGet(-cost(octets));
                resume();
                return octets;
            }
        }
    }

    private ByteBuffer poll(long deadline) throws IOException {
        if (urgent) {
            // Even amid octets that arrive without end.
            throw new Stopped();
        }
        ByteBuffer octets = arrived.poll();
        if (octets != null && octets != WAKE) {
            return octets;
        }
        if (urgent || (stopping && idle)) {
            throw new Stopped();
        }
        waitsUntil = deadline;
        try {
            octets = arrived.take();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("Interrupted");
        }
        waitsUntil = NEVER;
        if (octets == WAKE && (urgent || (stopping && idle))) {
            throw new Stopped();
        }
        if (octets == WAKE && System.nanoTime() - deadline > 0) {
            throw new SocketTimeoutException("Nothing came");
        }
        return octets;
    }

    @Override
    public void lookAtTheClock(long now) {
        long until = waitsUntil;
        if (until != NEVER && now - until > 0) {
            arrived.add(WAKE);
        }
    }

    @Override
    public void write(byte[] octets) {
        unsent.writeBytes(octets);
    }

    private void flush() throws IOException {
        if (unsent.size() == 0) {
            return;
        }
        ChannelFuture sent = channel.writeAndFlush(Unpooled.wrappedBuffer(unsent.toByteArray()));
        unsent.reset();
        if (!channel.isWritable()) {
            await(sent, SEND_SECONDS * 1000, "The client does not read");
        }
    }

    private static void await(Future<?> future, long millis, String otherwise) throws IOException {
        try {
            if (!future.await(millis)) {
                throw new SocketTimeoutException(otherwise);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("Interrupted");
        }
    }

    @Override
    public String secure(SSLEngine engine, byte[] reply, byte[] early, long timeoutMillis) throws IOException {
        flush();
        SslHandler ssl = new SslHandler(engine);
        ssl.setHandshakeTimeoutMillis(timeoutMillis);
        // One task of the event loop, so that no octet can slip in between reply and handler.
        Future<Boolean> added = channel.eventLoop().submit(() -> insert(ssl, reply, early));
        await(added, timeoutMillis, "The event loop is stuck");
        if (!Boolean.TRUE.equals(added.getNow())) {
            throw new SSLException("Commands behind STARTTLS");
        }
        Future<Channel> handshake = ssl.handshakeFuture();
        await(handshake, timeoutMillis + 1000, "No handshake");
        if (!handshake.isSuccess()) {
            throw new SSLException("Handshake failed", handshake.cause());
        }
        SSLSession session = engine.getSession();
        return session.getProtocol() + " " + session.getCipherSuite();
    }

    private boolean insert(SslHandler ssl, byte[] reply, byte[] early) {
        List<ByteBuffer> belated = new ArrayList<>();
        if (reply.length > 0 && pending()) {
            return false;
        }
        arrived.drainTo(belated);
        waiting.set(0);
        if (reply.length > 0) {
            channel.writeAndFlush(Unpooled.wrappedBuffer(reply));
        }
        channel.pipeline().addFirst(ssl);
        channel.config().setAutoRead(true);
        belated.addFirst(ByteBuffer.wrap(early));
        for (ByteBuffer octets : belated) {
            if (octets == END || octets == WAKE) {
                arrived.add(octets);
            } else if (octets.limit() > 0) {
                channel.pipeline().fireChannelRead(Unpooled.wrappedBuffer(octets));
            }
        }
        channel.pipeline().fireChannelReadComplete();
        return true;
    }

    @Override
    public void close(boolean gently) {
        byte[] last = unsent.toByteArray();
        unsent.reset();
        try {
            channel.eventLoop().execute(() -> finish(last, gently));
        } catch (RejectedExecutionException e) {
            LOG.debug("The event loops ended before a session did, and its channel with them", e);
        }
    }

    private void finish(byte[] last, boolean gently) {
        discarding = true;
        arrived.clear();
        boolean clear = channel.pipeline().get(SslHandler.class) == null;
        ChannelFuture sent = channel.writeAndFlush(Unpooled.wrappedBuffer(last));
        if (!gently || !clear) {
            sent.addListener(ChannelFutureListener.CLOSE);
            closeWithin(LAST_WORDS_SECONDS);
            return;
        }
        // A close with unread octets is a reset, which takes the reply away from the client that is still sending.
        channel.config().setAutoRead(true);
        sent.addListener(done -> ((DuplexChannel) channel).shutdownOutput());
        closeWithin(LINGER_SECONDS);
    }

    /** A client that reads nothing would keep the connection, which no session watches any more, for ever. */
    private void closeWithin(long seconds) {
        if (channel.isOpen()) {
            Future<?> end = channel.eventLoop().schedule(() -> channel.close(), seconds, TimeUnit.SECONDS);
            channel.closeFuture().addListener(closed -> end.cancel(false));
        }
    }

    @Override
    public void stop(boolean atOnce) {
        urgent |= atOnce;
        stopping = true;
        arrived.add(WAKE);
    }
}
