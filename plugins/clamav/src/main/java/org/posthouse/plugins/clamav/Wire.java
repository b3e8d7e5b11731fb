// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.clamav;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.SocketAddress;
import java.net.SocketTimeoutException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;

/** A connection to clamd, over TCP or a UNIX socket: whatever the other side does, it ends by its deadline. */
final class Wire implements AutoCloseable {
    private static final int CHUNK = 64 * 1024;
    private static final int ANSWER_LIMIT = 1024;

    private final SocketChannel channel;
    private final Selector selector;
    private final SelectionKey key;
    private final long deadline;

    private Wire(SocketChannel channel, Selector selector, long deadline) throws IOException {
        this.channel = channel;
        this.selector = selector;
        this.deadline = deadline;
        channel.configureBlocking(false);
        this.key = channel.register(selector, 0);
    }

    /**
     * Connects.
     *
     * @param deadline {@link System#nanoTime()} at which the whole conversation ends
     */
    static Wire to(SocketAddress address, long deadline) throws IOException {
        Selector selector = Selector.open();
        try {
            SocketChannel channel = address instanceof UnixDomainSocketAddress
                    ? SocketChannel.open(StandardProtocolFamily.UNIX)
                    : SocketChannel.open();
            try {
                Wire wire = new Wire(channel, selector, deadline);
                if (!channel.connect(address)) {
                    do {
                        wire.await(SelectionKey.OP_CONNECT);
                    } while (!channel.finishConnect());
                }
                return wire;
            } catch (IOException | RuntimeException e) {
                channel.close();
                throw e;
            }
        } catch (IOException | RuntimeException e) {
            selector.close();
            throw e;
        }
    }

    /** Waits for one of these operations, and tells which of them are possible. */
    private int await(int operations) throws IOException {
        key.interestOps(operations);
        while (true) {
            long left = deadline - System.nanoTime();
            if (left <= 0) {
                throw new SocketTimeoutException("no answer in time");
            }
            boolean any = selector.select(Math.max(1, TimeUnit.NANOSECONDS.toMillis(left))) > 0;
            selector.selectedKeys().clear();
            if (Thread.currentThread().isInterrupted()) {
                throw new InterruptedIOException("interrupted");
            }
            if (any) {
                return key.readyOps();
            }
        }
    }

    /** Sends a command that ends with NUL. */
    void command(String word) throws IOException {
        write(ByteBuffer.wrap(("z" + word + "\0").getBytes(StandardCharsets.US_ASCII)));
    }

    /**
     * Sends a stream in chunks, each behind its length, up to the one of length 0.
     *
     * @return whether all of it was sent: no more is when clamd speaks before
     */
    boolean stream(InputStream octets) throws IOException {
        byte[] chunk = new byte[CHUNK];
        while (true) {
            int length = octets.readNBytes(chunk, Integer.BYTES, CHUNK - Integer.BYTES);
            ByteBuffer framed = ByteBuffer.wrap(chunk, 0, Integer.BYTES + length);
            framed.putInt(0, length);
            if (spoke() || !write(framed)) {
                return false;
            }
            if (length == 0) {
                return true;
            }
        }
    }

    /** Whether there is something to read already. */
    private boolean spoke() throws IOException {
        key.interestOps(SelectionKey.OP_READ);
        boolean any = selector.selectNow() > 0;
        selector.selectedKeys().clear();
        return any;
    }

    /** Whether all of it could be sent before clamd said something. */
    private boolean write(ByteBuffer octets) throws IOException {
        while (octets.hasRemaining()) {
            if (channel.write(octets) == 0) {
                int ready = await(SelectionKey.OP_WRITE | SelectionKey.OP_READ);
                if ((ready & SelectionKey.OP_READ) != 0) {
                    return false;
                }
            }
        }
        return true;
    }

    /** Reads an answer that ends with NUL or with the connection. */
    String answer() throws IOException {
        ByteBuffer answer = ByteBuffer.allocate(ANSWER_LIMIT);
        while (answer.hasRemaining()) {
            int count = channel.read(answer);
            int end = answer.position();
            if (end > 0 && answer.get(end - 1) == 0) {
                return new String(answer.array(), 0, end - 1, StandardCharsets.UTF_8).strip();
            }
            if (count < 0) {
                return text(answer, end);
            }
            if (count == 0) {
                await(SelectionKey.OP_READ);
            }
        }
        throw new IOException("an answer of more than " + ANSWER_LIMIT + " octets");
    }

    private static String text(ByteBuffer answer, int end) throws IOException {
        String text = new String(answer.array(), 0, end, StandardCharsets.UTF_8).strip();
        if (text.isEmpty()) {
            throw new EOFException("closed without an answer");
        }
        return text;
    }

    @Override
    public void close() throws IOException {
        try {
            channel.close();
        } finally {
            selector.close();
        }
    }
}
