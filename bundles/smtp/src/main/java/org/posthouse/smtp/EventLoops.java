// SPDX-License-Identifier: Apache-2.0
package org.posthouse.smtp;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollEventLoopGroup;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;

/** The threads that move octets for all listeners; they never wait for anything else. */
@Component(service = EventLoops.class)
public final class EventLoops {
    private static final int THREADS = 2;

    private final EventLoopGroup group;
    private final Class<? extends ServerChannel> serverChannel;

    @Activate
    public EventLoops() {
        ThreadFactory threads = new DefaultThreadFactory("smtp-io", true);
        if (epoll()) {
            group = new EpollEventLoopGroup(THREADS, threads);
            serverChannel = EpollServerSocketChannel.class;
        } else {
            group = new NioEventLoopGroup(THREADS, threads);
            serverChannel = NioServerSocketChannel.class;
        }
    }

    /** Whether Linux' epoll can be used; the bundle with it need not be there. */
    private static boolean epoll() {
        try {
            return Epoll.isAvailable();
        } catch (LinkageError e) {
            return false;
        }
    }

    EventLoopGroup group() {
        return group;
    }

    Class<? extends ServerChannel> serverChannel() {
        return serverChannel;
    }

    @Deactivate
    void close() {
        group.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly(TimeUnit.SECONDS.toMillis(3));
    }
}
