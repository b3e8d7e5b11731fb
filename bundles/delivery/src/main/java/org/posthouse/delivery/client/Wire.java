// SPDX-License-Identifier: Apache-2.0
package org.posthouse.delivery.client;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/** A socket with a buffer for each direction; used by one thread. */
final class Wire implements Outlet, AutoCloseable {
    /** Large enough that envelope, small message and final dot leave in one write each. */
    private static final int SMALL = 16 * 1024;

    private static final int LARGE = 128 * 1024;

    private final StalledWrites watch;
    private final byte[] inBuffer = new byte[4 * 1024];
    private final Socket plain;
    private Socket socket;
    private InputStream in;
    private OutputStream out;
    private int inStart;
    private int inEnd;
    private byte[] outBuffer = new byte[SMALL];
    private int outEnd;
    private long readDeadline;

    Wire(Socket socket, StalledWrites watch) throws IOException {
        this.plain = socket;
        this.socket = socket;
        this.in = socket.getInputStream();
        this.out = socket.getOutputStream();
        this.watch = watch;
    }

    Socket socket() {
        return socket;
    }

    /** Goes on over this socket, which encrypts. What was buffered must have been looked at before. */
    void secure(Socket encrypted) throws IOException {
        socket = encrypted;
        in = encrypted.getInputStream();
        out = encrypted.getOutputStream();
    }

    /** From now on until {@link #done} something is under way that the other side can only delay for so long. */
    void begin() {
        watch.begin(this);
    }

    void done() {
        watch.end(this);
    }

    /** Whether octets were received that nobody asked for yet. */
    boolean unread() {
        return inStart < inEnd;
    }

    /** Reads until then may take this long, all together: a reply that drips in is cut off too. */
    void readWithin(Duration time) {
        readDeadline = System.nanoTime() + time.toNanos();
    }

    /** The next octet, or -1 at the end of the stream. */
    int read() throws IOException {
        if (inStart == inEnd && !fill()) {
            return -1;
        }
        return inBuffer[inStart++] & 0xff;
    }

    private boolean fill() throws IOException {
        long millis = (readDeadline - System.nanoTime()) / 1_000_000;
        if (millis <= 0) {
            throw new SocketTimeoutException("timed out");
        }
        socket.setSoTimeout((int) Math.min(millis, Integer.MAX_VALUE));
        int n = in.read(inBuffer, 0, inBuffer.length);
        inStart = 0;
        inEnd = Math.max(n, 0);
        return n > 0;
    }

    /** Buffers a command line and its end. */
    void command(String line) throws IOException {
        for (int i = 0; i < line.length(); i++) {
            char c = line.charAt(i);
            if (c == '\r' || c == '\n' || c == 0) {
                // An edit of a hook must not smuggle a second command.
                throw new IllegalArgumentException("Line end within a command");
            }
        }
        byte[] octets = line.getBytes(StandardCharsets.UTF_8);
        write(octets, 0, octets.length);
        write((byte) '\r');
        write((byte) '\n');
    }

    @Override
    public void write(byte b) throws IOException {
        if (outEnd == outBuffer.length) {
            flush();
        }
        outBuffer[outEnd++] = b;
    }

    @Override
    public void write(byte[] octets, int offset, int length) throws IOException {
        if (length > outBuffer.length - outEnd) {
            flush();
            if (length > outBuffer.length) {
                send(octets, offset, length);
                return;
            }
        }
        System.arraycopy(octets, offset, outBuffer, outEnd, length);
        outEnd += length;
    }

    /** A large body follows: fewer, larger writes. */
    void widen() throws IOException {
        if (outBuffer.length < LARGE) {
            byte[] wider = new byte[LARGE];
            System.arraycopy(outBuffer, 0, wider, 0, outEnd);
            outBuffer = wider;
        }
    }

    void flush() throws IOException {
        if (outEnd > 0) {
            int length = outEnd;
            outEnd = 0;
            send(outBuffer, 0, length);
        }
    }

    private void send(byte[] octets, int offset, int length) throws IOException {
        begin();
        try {
            out.write(octets, offset, length);
        } finally {
            done();
        }
    }

    /**
     * Gives up at once, from any thread. It is the plain socket that is closed: an encrypted one wants to say goodbye, for
     * which it waits for the very write that is stuck, or for an answer of the other side.
     */
    void abort() {
        try {
            plain.close();
        } catch (IOException e) {
            // It is given up either way; there is nobody left to tell.
            return;
        }
    }

    /** Ends what is encrypted as TLS wants it (RFC 8446 6.1), then the connection. */
    @Override
    public void close() {
        begin();
        try {
            if (socket != plain) {
                socket.shutdownOutput();
            }
        } catch (IOException e) {
            // The connection ends either way, and nothing is lost with it.
            return;
        } finally {
            done();
            abort();
        }
    }

    static EOFException closed() {
        return new EOFException("connection closed by the other side");
    }
}
