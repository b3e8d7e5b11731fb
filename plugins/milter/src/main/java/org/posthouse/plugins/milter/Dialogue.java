// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.milter;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.posthouse.outside.daemon.Watchdog;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection with a milter, and what was agreed on it. Every failure ends the connection and is told as {@link
 * MilterException}. Used by one thread at a time.
 */
final class Dialogue implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Dialogue.class);
    private static final int MOST_WAITING = 1 << 16;
    private static final Duration FAREWELL = Duration.ofSeconds(1);

    private final SocketChannel socket;
    private final Watchdog watchdog;
    private final AnswerReader answers;
    private final ByteArrayOutputStream waiting = new ByteArrayOutputStream(512);
    private Options options = new Options(Options.NEWEST, 0, 0, Map.of());

    Dialogue(SocketChannel socket, Watchdog watchdog) {
        this.socket = socket;
        this.watchdog = watchdog;
        this.answers = new AnswerReader(new BufferedInputStream(new Octets(), 1 << 13));
    }

    /** Offers all that is spoken here, and takes what the milter makes of it. */
    void negotiate(long nanos) throws MilterException {
        Text offer =
                new Text().number(Options.NEWEST).number(Options.ALL_ACTIONS).number(Options.ALL_STEPS);
        packet('O', offer.octets());
        if (!(read(nanos) instanceof Answer.Negotiated negotiated)) {
            throw fail("does not negotiate");
        }
        Options chosen = negotiated.options();
        if (chosen.version() < Options.OLDEST || chosen.version() > Options.NEWEST) {
            throw fail("wants version " + chosen.version() + " of the protocol");
        }
        options = chosen;
    }

    Options options() {
        return options;
    }

    /** What is said at a step: the macros, names and values in turn, and the data of the packet. */
    record Saying(Step step, List<String> macros, byte[] data) {}

    /** Tells a step and gives back the answer; Continue where the milter wants to be spared the one or the other. */
    Answer tell(Saying saying, Duration timeout, Deadline deadline) throws MilterException {
        try {
            return tell(saying, timeout, deadline, change -> {});
        } catch (MilterException e) {
            throw e;
        } catch (IOException e) {
            throw new MilterException(e.toString(), e, false);
        }
    }

    /** Takes the changes of a message. */
    @FunctionalInterface
    interface Changes {
        void make(Answer.Change change) throws IOException;
    }

    /** The same, with changes before the last answer at the end of the message. */
    Answer tell(Saying saying, Duration timeout, Deadline deadline, Changes changes) throws IOException {
        Step step = saying.step();
        // Sendmail sends macros for steps that are skipped as well, and milters rely on it.
        if (!saying.macros().isEmpty()) {
            Text macros = new Text().octet(step.command());
            saying.macros().forEach(macros::text);
            packet('D', macros.octets());
        }
        if (!options.tells(step)) {
            return new Answer.Continue();
        }
        packet(step.command(), saying.data());
        if (!options.answers(step)) {
            if (waiting.size() > MOST_WAITING) {
                flush(deadline.atMost(timeout));
            }
            return new Answer.Continue();
        }
        flush(deadline.atMost(timeout));
        while (true) {
            Answer answer = read(deadline.atMost(timeout));
            switch (answer) {
                case Answer.Progress more -> {}
                case Answer.Change change -> {
                    if (step != Step.END_OF_MESSAGE || !options.may(change.action())) {
                        throw fail("says " + change.getClass().getSimpleName() + " at " + step + " without leave");
                    }
                    changes.make(change);
                }
                case Answer.Negotiated again -> throw fail("negotiates again");
                case Answer.Skip enough -> {
                    if (step != Step.BODY) {
                        throw fail("skips at " + step);
                    }
                    return enough;
                }
                default -> {
                    return answer;
                }
            }
        }
    }

    /** Forgets the message that was begun. */
    void abort() throws MilterException {
        packet('A', new byte[0]);
        flush(FAREWELL.toNanos());
    }

    /** The session is over; whether the milter stays on this connection for another one (SMFIC_QUIT_NC). */
    boolean quitAndStay() {
        try {
            packet('K', new byte[0]);
            flush(FAREWELL.toNanos());
            return true;
        } catch (MilterException e) {
            LOG.debug("a milter did not stay", e);
            return false;
        }
    }

    /** Says that it is over, and closes. */
    void quit() {
        try {
            packet('Q', new byte[0]);
            flush(FAREWELL.toNanos());
        } catch (MilterException e) {
            LOG.debug("a milter went before it was told to", e);
        } finally {
            close();
        }
    }

    private void packet(char command, byte[] data) {
        Text head = new Text().number(data.length + 1).octet(command);
        waiting.writeBytes(head.octets());
        waiting.writeBytes(data);
    }

    private void flush(long nanos) throws MilterException {
        if (waiting.size() == 0) {
            return;
        }
        ByteBuffer octets = ByteBuffer.wrap(waiting.toByteArray());
        waiting.reset();
        exchange(nanos, () -> {
            while (octets.hasRemaining()) {
                socket.write(octets);
            }
            return octets;
        });
    }

    private Answer read(long nanos) throws MilterException {
        flush(nanos);
        return exchange(nanos, answers::next);
    }

    private <T> T exchange(long nanos, Watchdog.Work<T> work) throws MilterException {
        try {
            return watchdog.within(nanos, socket, work);
        } catch (SocketTimeoutException | MalformedAnswer | ClosedByInterruptException e) {
            close();
            throw new MilterException(e.toString(), e, false);
        } catch (IOException e) {
            close();
            throw new MilterException(e.toString(), e, !(e instanceof ClosedChannelException));
        }
    }

    private MilterException fail(String what) {
        close();
        return new MilterException(what);
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException e) {
            LOG.debug("closing a connection with a milter", e);
        }
    }

    /** The octets that the milter sends. */
    private final class Octets extends InputStream {
        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
        }

        @Override
        public int read(byte[] octets, int offset, int length) throws IOException {
            return socket.read(ByteBuffer.wrap(octets, offset, length));
        }
    }

    /** The data of a packet. */
    static final class Text {
        private final ByteArrayOutputStream out = new ByteArrayOutputStream(128);

        Text octet(int value) {
            out.write(value);
            return this;
        }

        Text number(int value) {
            out.write(value >> 24);
            out.write(value >> 16);
            out.write(value >> 8);
            out.write(value);
            return this;
        }

        /** A text and its NUL, in UTF-8; a NUL inside would end it early and is left out. */
        Text text(String value) {
            return octets(value.getBytes(StandardCharsets.UTF_8));
        }

        /** The same of octets that stand in a text as ISO 8859-1. */
        Text raw(String value) {
            return octets(value.getBytes(StandardCharsets.ISO_8859_1));
        }

        private Text octets(byte[] octets) {
            for (byte octet : octets) {
                if (octet != 0) {
                    out.write(octet);
                }
            }
            out.write(0);
            return this;
        }

        byte[] octets() {
            return out.toByteArray();
        }
    }
}
