// SPDX-License-Identifier: Apache-2.0
package org.posthouse.smtp;

import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.posthouse.pipeline.spi.Conversation;
import org.posthouse.pipeline.spi.Pipeline;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One SMTP session from the first octet to the last, on a virtual thread of its own: reads, asks the adapter, answers. */
final class SmtpSession implements Runnable {
    private static final Logger LOG = LoggerFactory.getLogger(SmtpSession.class);
    private static final byte[] NOTHING = {};
    /** RFC 5321 3.8. */
    static final Answer CLOSING = Answer.of(421, "4.3.2", "Service closes, come back soon");

    private final String id = Long.toHexString(ThreadLocalRandom.current().nextLong());
    private final Wire wire;
    private final Door door;
    private final Octets in;
    private final Framer framer;
    private final ListenerSettings settings;
    private InetSocketAddress peer;
    private InetSocketAddress local;
    private String tls = "";

    /** The proxy does not say who is behind it: the address is its own, which proves nothing. */
    private boolean nameless;

    SmtpSession(Wire wire, Door door) {
        this.wire = wire;
        this.door = door;
        this.settings = door.settings();
        this.in = new Octets(wire);
        this.framer = new Framer(in);
        this.peer = wire.peer();
        this.local = wire.local();
    }

    @Override
    public void run() {
        boolean gently = false;
        try {
            gently = begin();
        } catch (Wire.Stopped e) {
            // The client may be in the middle of a message: it is to read this before the connection goes.
            gently = true;
            wire.write(CLOSING.octets());
        } catch (SocketTimeoutException e) {
            door.journal().ended(id, peer, "timeout", String.valueOf(e.getMessage()));
            wire.write(Answer.of(421, "4.4.2", "Timeout, closing").octets());
        } catch (IOException e) {
            door.journal()
                    .ended(id, peer, e instanceof EOFException ? "vanished" : "broken", String.valueOf(e.getMessage()));
        } catch (RuntimeException e) {
            LOG.error("Session {} failed", id, e);
            wire.write(Transfer.INTERNAL.octets());
        } finally {
            wire.close(gently);
        }
    }

    private boolean begin() throws IOException {
        if (!proxied()) {
            return false;
        }
        boolean trusted = !nameless && settings.trusted().contains(peer.getAddress());
        // Counted before the handshake, or one address could fill the listener with handshakes.
        if (!door.enter(peer.getAddress(), trusted)) {
            door.journal().ended(id, peer, "too many connections", "");
            boolean clear = settings.tls() != ListenerSettings.Tls.IMPLICIT;
            wire.write(clear ? Answer.of(421, "4.7.0", "Too many connections").octets() : NOTHING);
            return clear;
        }
        try {
            return secured() && serve(trusted);
        } finally {
            door.leave(peer.getAddress(), trusted);
        }
    }

    private boolean serve(boolean trusted) throws IOException {
        try (Dialogue dialogue = new Dialogue(id, settings, peer, trusted, tls, door.open(facts(trusted)))) {
            return converse(dialogue, door.adapter().open(dialogue, local));
        }
    }

    private Pipeline.Facts facts(boolean trusted) {
        return new Pipeline.Facts(id, settings.name(), settings.profile().word(), peer, local, tls, trusted);
    }

    /** Reads the PROXY header where the listener wants one; false when the connection is to be dropped without a word. */
    private boolean proxied() throws IOException {
        if (settings.proxyFrom().isEmpty()) {
            return true;
        }
        if (!settings.proxyFrom().contains(peer.getAddress())) {
            door.journal().ended(id, peer, "not a proxy", "");
            return false;
        }
        long deadline = System.nanoTime()
                + TimeUnit.MILLISECONDS.toNanos(settings.timeouts().handshake());
        ProxyHeader header = ProxyHeader.read(in, deadline);
        if (header == null) {
            door.journal().ended(id, peer, "no PROXY header", "");
            return false;
        }
        nameless = header.client() == null;
        peer = header.client() == null ? peer : header.client();
        local = header.target() == null ? local : header.target();
        return true;
    }

    /** Begins TLS where the listener does so at once. */
    private boolean secured() throws IOException {
        if (settings.tls() != ListenerSettings.Tls.IMPLICIT) {
            return true;
        }
        SSLEngine engine = door.engine();
        if (engine == null) {
            door.journal().ended(id, peer, "no certificate", "");
            return false;
        }
        return handshake(engine, NOTHING, in.rest());
    }

    private boolean handshake(SSLEngine engine, byte[] reply, byte[] early) throws IOException {
        try {
            tls = wire.secure(engine, reply, early, settings.timeouts().handshake());
            return true;
        } catch (SSLException | SocketTimeoutException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            door.journal().ended(id, peer, "no TLS", String.valueOf(cause.getMessage()));
            return false;
        }
    }

    /** Talks until one side has enough; whether the client may still be sending. */
    private boolean converse(Dialogue dialogue, SmtpAdapter.Talk talk) throws IOException {
        Manners manners = new Manners(wire, framer);
        dialogue.conversation().spokeEarly(manners);
        Answer answer = talk.banner();
        manners.greeted();
        wire.write(answer.octets());
        while (!answer.close()) {
            wire.idle(dialogue.transaction() == null);
            Framer.Line line = framer.line(settings.timeouts().command());
            if (line == null) {
                return false;
            }
            wire.idle(false);
            boolean awaits = manners.command(line.octets(), dialogue.extended() && dialogue.offers("PIPELINING"));
            answer =
                    strict(dialogue, line.fault() == Framer.Fault.NONE ? exchange(dialogue, talk, line) : faulty(line));
            if (awaits) {
                manners.answered();
            }
            if (answer.next() != Answer.Next.TLS) {
                door.pause(answer.delayMillis());
                wire.write(answer.octets());
            }
        }
        return answer.code() != 221;
    }

    private Answer exchange(Dialogue dialogue, SmtpAdapter.Talk talk, Framer.Line line) throws IOException {
        Answer answer = talk.line(line.octets());
        return switch (answer.next()) {
            case COMMAND -> answer;
            case TLS -> startTls(dialogue, answer);
            case CHUNK -> talk.chunk(line.octets(), framer);
            case AUTH -> authenticate(talk, answer);
            case DATA -> {
                wire.write(answer.octets());
                yield talk.data(framer);
            }
        };
    }

    /** RFC 4954 4: challenge and response in turns until one side has enough. */
    private Answer authenticate(SmtpAdapter.Talk talk, Answer first) throws IOException {
        Answer answer = first;
        while (answer.next() == Answer.Next.AUTH) {
            wire.write(answer.octets());
            Framer.Line line = framer.line(settings.timeouts().command(), Authentication.LINE_LIMIT);
            if (line == null) {
                throw new EOFException("Closed amid AUTH");
            }
            answer = talk.response(line);
        }
        return answer;
    }

    /** RFC 3207 4: says 220 and begins TLS. What came behind the command was injected by somebody between. */
    private Answer startTls(Dialogue dialogue, Answer ready) throws IOException {
        SSLEngine engine = door.engine();
        if (engine == null) {
            return Answer.of(454, "4.7.0", "TLS not available now");
        }
        if (framer.pending() || wire.pending()) {
            door.journal().ended(id, peer, "STARTTLS injection", "");
            return Answer.of(554, "5.7.0", "Commands behind STARTTLS").thenClose();
        }
        if (!handshake(engine, ready.octets(), NOTHING)) {
            return ready.thenClose();
        }
        dialogue.secured(tls);
        return ready;
    }

    private Answer faulty(Framer.Line line) {
        return switch (line.fault()) {
            case TOO_LONG -> Answer.of(500, "5.5.2", "Line too long");
            case BARE -> Answer.of(500, "5.5.2", "Lines must end with CRLF");
            default -> {
                door.journal().ended(id, peer, "garbage", line.fault().name());
                yield Answer.of(554, "5.5.2", "This is not SMTP").thenClose();
            }
        };
    }

    /** A client that only makes mistakes is sent away. */
    private Answer strict(Dialogue dialogue, Answer answer) {
        if (!answer.permanent() || answer.close() || !dialogue.tooManyErrors()) {
            return answer;
        }
        door.journal().ended(id, peer, "too many errors", answer.reply().toString());
        return Answer.of(421, "4.7.0", "Too many errors").thenClose();
    }

    /** Called about once a second. */
    void lookAtTheClock(long now) {
        wire.lookAtTheClock(now);
    }

    /** Ends the session, with its open transaction when it is urgent. */
    void stop(boolean urgent) {
        wire.stop(urgent);
    }

    /** What a session knows of the listener it came through. */
    interface Door {
        ListenerSettings settings();

        Journal journal();

        SmtpAdapter adapter();

        Conversation open(Pipeline.Facts facts);

        /** An engine for a handshake; null when there is no certificate. */
        @Nullable
        SSLEngine engine();

        /**
         * Waits.
         *
         * @throws Wire.Stopped when the listener closes meanwhile
         */
        void pause(long millis) throws IOException;

        /** Counts a client in; false when there are too many. */
        boolean enter(InetAddress address, boolean trusted);

        void leave(InetAddress address, boolean trusted);
    }
}
