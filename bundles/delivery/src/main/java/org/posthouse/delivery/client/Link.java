// SPDX-License-Identifier: Apache-2.0
package org.posthouse.delivery.client;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import javax.net.ssl.SSLSocket;
import org.posthouse.api.Reply;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A connection to a next hop that stands ready for transactions, one after the other. */
public final class Link {
    private static final Logger LOG = LoggerFactory.getLogger(Link.class);

    private final Wire wire;
    private final ReplyReader replies;
    private final Timeouts timeouts;
    private final boolean lmtp;
    private final String host;
    private final String label;
    private Extensions extensions = Extensions.NONE;
    private String tls = "";
    private int transactions;
    private boolean open = true;
    private boolean used;
    private boolean waited;

    Link(Socket socket, String host, InetSocketAddress address, boolean lmtp, Timeouts timeouts, StalledWrites watch)
            throws IOException {
        this.wire = new Wire(socket, watch);
        this.replies = new ReplyReader(wire);
        this.timeouts = timeouts;
        this.lmtp = lmtp;
        this.host = host;
        this.label = host + "[" + address.getAddress().getHostAddress() + "]:" + address.getPort();
    }

    /** Greeting, EHLO and STARTTLS. */
    void greet(String ourName, TlsPolicy policy, boolean plain, TlsClient tlsClient) throws IOException {
        Response greeting = replies.read(timeouts.greeting());
        if (greeting.code() != 220) {
            throw refused(greeting);
        }
        hello(ourName);
        if (policy == TlsPolicy.NONE || plain && !policy.mandatory()) {
            return;
        }
        if (extensions.startTls()) {
            startTls(policy, tlsClient, ourName);
        } else if (policy.mandatory()) {
            throw new Unreached(new Reply(454, "4.7.4", "TLS is required, but not offered by the host"), label);
        }
    }

    private void hello(String ourName) throws IOException {
        wire.command((lmtp ? "LHLO " : "EHLO ") + ourName);
        Response answer = exchange(timeouts.hello());
        if (answer.positive()) {
            extensions = Extensions.of(answer);
            return;
        }
        if (lmtp || answer.code() / 100 != 5) {
            throw refused(answer);
        }
        // RFC 5321 3.2: a server that does not know EHLO is greeted by HELO.
        extensions = Extensions.NONE;
        wire.command("HELO " + ourName);
        Response plain = exchange(timeouts.hello());
        if (!plain.positive()) {
            throw refused(plain);
        }
    }

    private void startTls(TlsPolicy policy, TlsClient tlsClient, String ourName) throws IOException {
        wire.command("STARTTLS");
        Response answer = exchange(timeouts.command());
        if (answer.code() != 220) {
            if (policy.mandatory()) {
                throw new Unreached(new Reply(454, "4.7.4", "TLS is required, but refused by the host"), label);
            }
            return;
        }
        if (wire.unread()) {
            // What came in clear behind the 220 was not said by the server we are about to authenticate: it may have
            // been put there to be taken for an answer (the response injection of "NO STARTTLS", 2021).
            throw new Unreached(new Reply(454, "4.7.0", "Octets in clear behind the reply to STARTTLS"), label);
        }
        try {
            wire.socket().setSoTimeout((int) timeouts.hello().toMillis());
            // The timeout above is one of each read: a handshake that drips in is ended by the watch.
            wire.begin();
            SSLSocket encrypted = tlsClient.wrap(wire.socket(), host, policy);
            wire.secure(encrypted);
            tls = TlsClient.name(encrypted.getSession());
        } catch (IOException e) {
            throw brokenTls(policy, e);
        } finally {
            wire.done();
        }
        hello(ourName);
    }

    private IOException brokenTls(TlsPolicy policy, IOException e) {
        if (policy.mandatory()) {
            Reply reply = new Reply(454, "4.7.5", "TLS handshake failed: " + Text.line(String.valueOf(e.getMessage())));
            return new Unreached(reply, label);
        }
        return new BrokenTls(e);
    }

    private Unreached refused(Response response) {
        return new Unreached(response.reply(), label);
    }

    private Response exchange(java.time.Duration within) throws IOException {
        wire.flush();
        return replies.read(within);
    }

    Wire wire() {
        return wire;
    }

    ReplyReader replies() {
        return replies;
    }

    Extensions extensions() {
        return extensions;
    }

    Timeouts timeouts() {
        return timeouts;
    }

    boolean lmtp() {
        return lmtp;
    }

    /** Host, address and port. */
    public String label() {
        return label;
    }

    /** Protocol and cipher, or empty in clear. */
    public String tls() {
        return tls;
    }

    /** Transactions so far. */
    public int transactions() {
        return transactions;
    }

    void countTransaction() {
        transactions++;
    }

    /** It is taken up again, and may have been closed by the other side meanwhile. */
    public void again() {
        waited = true;
    }

    /** Whether the other side may have closed it before a word of this transaction was said. */
    boolean mayBeStale() {
        return waited || transactions > 0;
    }

    /** Whether a transaction may have been left open, so that RSET must come first. */
    boolean needsReset() {
        return used;
    }

    void needsReset(boolean value) {
        used = value;
    }

    /** Whether more can be sent. */
    public boolean isOpen() {
        return open;
    }

    /** Ends the connection without a word: whatever is under way does not happen. */
    public void drop() {
        open = false;
        wire.abort();
    }

    /** Takes leave (RFC 5321 4.1.1.10). */
    public void quit() {
        if (!open) {
            return;
        }
        try {
            wire.command("QUIT");
            exchange(timeouts.quit());
        } catch (IOException e) {
            LOG.debug("{} did not answer QUIT", label, e);
        } finally {
            open = false;
            wire.close();
        }
    }
}
