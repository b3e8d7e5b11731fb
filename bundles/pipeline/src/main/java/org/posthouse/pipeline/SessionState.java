// SPDX-License-Identifier: Apache-2.0
package org.posthouse.pipeline;

import java.net.InetSocketAddress;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import org.posthouse.api.Peer;
import org.posthouse.pipeline.spi.Pipeline.Facts;
import org.posthouse.spool.spi.Envelope;

/** What is known of one session now. Written by the thread whose turn it is; overdue hooks may still read. */
final class SessionState {
    private final Facts facts;
    private final Notebook notes = new Notebook();
    private final Minutes minutes = new Minutes();
    private volatile String helo = "";
    private volatile boolean extended;
    private volatile String tls;
    private volatile String user = "";
    private volatile Set<String> withdrawn = Set.of();

    SessionState(Facts facts) {
        this.facts = facts;
        this.tls = facts.tls();
    }

    /** The stand-in of a session for mail that is not in one any more. */
    static SessionState internal(Envelope.Origin origin) {
        InetSocketAddress nobody = new InetSocketAddress(0);
        SessionState state =
                new SessionState(new Facts(origin.session(), "internal", "internal", nobody, nobody, "", true));
        state.helo = origin.helo();
        return state;
    }

    void greeted(String name, boolean withEhlo) {
        helo = name;
        extended = withEhlo;
        withdrawn = Set.of();
    }

    void secured(String protocol) {
        helo = "";
        extended = false;
        withdrawn = Set.of();
        tls = protocol;
    }

    void authenticated(String principal) {
        user = principal;
    }

    void withdraw(Iterable<String> extensions) {
        Set<String> more = new TreeSet<>(withdrawn);
        extensions.forEach(extension -> more.add(extension.toUpperCase(Locale.ROOT)));
        withdrawn = Set.copyOf(more);
    }

    Facts facts() {
        return facts;
    }

    Notebook notes() {
        return notes;
    }

    Minutes minutes() {
        return minutes;
    }

    String helo() {
        return helo;
    }

    boolean extended() {
        return extended;
    }

    boolean authenticated() {
        return !user.isEmpty();
    }

    Set<String> withdrawn() {
        return withdrawn;
    }

    Peer peer() {
        return new Peer(facts.peer(), facts.local(), tls, user);
    }

    Envelope.Origin origin() {
        InetSocketAddress peer = facts.peer();
        String address = peer.getAddress() == null ? "" : peer.getAddress().getHostAddress();
        return new Envelope.Origin(facts.session(), facts.listener(), address, helo, tls, user);
    }
}
