// SPDX-License-Identifier: Apache-2.0
package org.posthouse.smtp;

import java.io.EOFException;
import java.io.IOException;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Cuts the octets of a client into command lines, message data and chunks. Only CRLF ends a line, only CRLF.CRLF ends the
 * data (RFC 5321 2.3.8, 4.1.1.4); a lone CR or LF never ends anything.
 */
final class Framer {
    /** RFC 5321 4.5.3.1.4 asks for 512 octets; extensions (SMTPUTF8, DSN) add some hundreds each. */
    static final int LINE_LIMIT = 4096;

    /** A line without an end is read this far; then the client is no mail client. */
    static final int ENDLESS = 256 * 1024;

    private static final int TLS_HANDSHAKE = 0x16;

    /** Takes octets of a message. */
    @FunctionalInterface
    interface Sink {
        /** Takes octets; never fails: what is wrong is remembered until the message ends. */
        void write(byte[] octets, int offset, int length);
    }

    /** What is wrong with a command line. */
    enum Fault {
        NONE,
        /** Longer than the limit. */
        TOO_LONG,
        /** A CR or LF stood alone in it. */
        BARE,
        /** It does not end. */
        ENDLESS,
        /** The client speaks TLS where it should not yet. */
        TLS
    }

    /** A command line without CRLF; empty when there is a fault. */
    record Line(byte[] octets, Fault fault) {
        private static final byte[] NONE = {};

        static Line bad(Fault fault) {
            return new Line(NONE, fault);
        }
    }

    private final Octets in;

    Framer(Octets in) {
        this.in = in;
    }

    /** Whether the client sent more than was asked for so far. */
    boolean pending() {
        return !in.isEmpty();
    }

    /** Waits for the next command line, all of it within the time; null at the end of the stream. */
    @Nullable
    Line line(long timeoutMillis) throws IOException {
        return line(timeoutMillis, LINE_LIMIT);
    }

    /** Waits for the next line of so many octets at most, CRLF aside. */
    @Nullable
    Line line(long timeoutMillis, int limit) throws IOException {
        long deadline = deadline(timeoutMillis);
        if (!in.fill(deadline)) {
            return null;
        }
        if ((in.array()[in.position()] & 0xFF) == TLS_HANDSHAKE) {
            return Line.bad(Fault.TLS);
        }
        Line whole = wholeLine(limit);
        return whole != null ? whole : piecedLine(deadline, limit);
    }

    /** The common case: the line lies in one piece. */
    private @Nullable Line wholeLine(int limit) {
        byte[] array = in.array();
        int start = in.position();
        int hit = LineEnds.next(array, start, in.end());
        if (hit < 0 || hit + 1 >= in.end() || array[hit] != '\r' || array[hit + 1] != '\n') {
            return null;
        }
        if (hit - start > limit) {
            return null;
        }
        byte[] line = Arrays.copyOfRange(array, start, hit);
        in.use(hit + 2);
        return new Line(line, Fault.NONE);
    }

    private @Nullable Line piecedLine(long deadline, int limit) throws IOException {
        byte[] line = new byte[256];
        int length = 0;
        boolean bare = false;
        boolean cr = false;
        while (true) {
            int octet = in.read(deadline);
            if (octet < 0) {
                return null;
            }
            if (cr && octet == '\n') {
                return piece(line, length - 1, limit, bare);
            }
            bare |= cr || octet == '\n';
            cr = octet == '\r';
            if (length == line.length && length <= limit) {
                line = Arrays.copyOf(line, length * 2);
            }
            if (length < line.length) {
                line[length] = (byte) octet;
            }
            if (++length > ENDLESS) {
                return Line.bad(Fault.ENDLESS);
            }
        }
    }

    private static Line piece(byte[] line, int length, int limit, boolean bare) {
        if (length > limit) {
            return Line.bad(Fault.TOO_LONG);
        }
        return bare ? Line.bad(Fault.BARE) : new Line(Arrays.copyOf(line, length), Fault.NONE);
    }

    /**
     * Reads message data up to CRLF.CRLF, dots unstuffed (RFC 5321 4.5.2), in pieces as large as they came.
     *
     * @param idleMillis how long to wait for each piece
     * @return whether all line ends were CRLF
     * @throws EOFException when the stream ended before the data did
     */
    boolean data(Sink sink, long idleMillis) throws IOException {
        DataScan scan = new DataScan(sink);
        while (true) {
            if (!in.fill(deadline(idleMillis))) {
                throw new EOFException("Closed before the final dot");
            }
            in.use(scan.scan(in.array(), in.position(), in.end()));
            if (scan.ended()) {
                return scan.clean();
            }
        }
    }

    /**
     * Reads exactly so many octets (RFC 3030 2).
     *
     * @throws EOFException when the stream ended before
     */
    void chunk(long length, Sink sink, long idleMillis) throws IOException {
        long left = length;
        while (left > 0) {
            if (!in.fill(deadline(idleMillis))) {
                throw new EOFException("Closed inside a chunk");
            }
            int start = in.position();
            int piece = (int) Math.min(left, in.end() - start);
            sink.write(in.array(), start, piece);
            in.use(start + piece);
            left -= piece;
        }
    }

    private static long deadline(long millis) {
        return System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
    }
}
