// SPDX-License-Identifier: Apache-2.0
package org.posthouse.smtp;

import java.io.IOException;
import java.net.InetSocketAddress;
import javax.net.ssl.SSLEngine;

/**
 * One connection as its session sees it: blocking, for a virtual thread. What is written is gathered and sent before the
 * next wait, so that the replies to a group of pipelined commands leave in one packet (RFC 2920 3.2).
 */
interface Wire extends Octets.Source {
    /** The address at the other end, which may be a proxy's. */
    InetSocketAddress peer();

    /** The address here. */
    InetSocketAddress local();

    /** Puts octets behind those that wait to be sent. */
    void write(byte[] octets);

    /** Whether octets arrived that {@link #next} has not given out. */
    boolean pending();

    /** Whether nothing is open: a listener that closes may end the session now. */
    void idle(boolean now);

    /**
     * Begins TLS and waits for the handshake.
     *
     * @param reply what to say in clear first; when there is a reply, nothing may have arrived behind the command
     * @param early octets that belong to the handshake, taken from this wire before
     * @return protocol and cipher
     * @throws IOException when octets came too early or the handshake failed
     */
    String secure(SSLEngine engine, byte[] reply, byte[] early, long timeoutMillis) throws IOException;

    /**
     * Sends what waits and closes.
     *
     * @param gently whether to wait until the client has had time to read it, though it may still be sending
     */
    void close(boolean gently);

    /** Called about once a second, so that a wait whose deadline passed ends. */
    void lookAtTheClock(long now);

    /** A listener closes: sessions with nothing open end now, the others when it is urgent. */
    void stop(boolean urgent);

    /** The listener closes, so this session ends. */
    final class Stopped extends IOException {
        private static final long serialVersionUID = 1L;

        Stopped() {
            super("The listener closes");
        }
    }
}
