// SPDX-License-Identifier: Apache-2.0
package org.posthouse.smtp;

import java.net.InetSocketAddress;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.posthouse.api.Address;
import org.posthouse.api.Sender;
import org.posthouse.pipeline.spi.Conversation;
import org.posthouse.pipeline.spi.Turn;

/** The state of one SMTP session: who is there, what was said, which transaction is open. Belongs to one thread. */
final class Dialogue implements AutoCloseable {
    private final String id;
    private final ListenerSettings settings;
    private final InetSocketAddress peer;
    private final boolean trusted;
    private final Conversation conversation;

    private String helo = "";
    private boolean extended;
    private String tls;
    private String user = "";
    private int errors;
    private int transactions;
    private @Nullable Transaction transaction;
    private Authentication.@Nullable Exchange exchange;

    Dialogue(
            String id,
            ListenerSettings settings,
            InetSocketAddress peer,
            boolean trusted,
            String tls,
            Conversation conversation) {
        this.id = id;
        this.settings = settings;
        this.peer = peer;
        this.trusted = trusted;
        this.tls = tls;
        this.conversation = conversation;
    }

    String id() {
        return id;
    }

    ListenerSettings settings() {
        return settings;
    }

    InetSocketAddress peer() {
        return peer;
    }

    boolean trusted() {
        return trusted;
    }

    Conversation conversation() {
        return conversation;
    }

    /** What HELO or EHLO said; empty before. */
    String helo() {
        return helo;
    }

    boolean extended() {
        return extended;
    }

    /** HELO or EHLO was accepted. */
    void greeted(String name, boolean withExtensions) {
        helo = name;
        extended = withExtensions;
    }

    /** Protocol and cipher, or empty. */
    String tls() {
        return tls;
    }

    /** TLS was negotiated: RFC 3207 4.2, what was said before is forgotten. */
    void secured(String protocolAndCipher) {
        reset();
        tls = protocolAndCipher;
        helo = "";
        extended = false;
        user = "";
        exchange = null;
        conversation.secured(protocolAndCipher);
    }

    boolean authenticated() {
        return !user.isEmpty();
    }

    /** The client authenticated as this principal. */
    void authenticated(String principal) {
        user = principal;
        conversation.authenticated(principal);
    }

    /** Whether AUTH is offered on this connection as it is now: never in clear (RFC 4954 4). */
    boolean offersAuth() {
        return settings.auth().policy() != ListenerSettings.Policy.OFF
                && !tls.isEmpty()
                && offers("AUTH")
                && conversation.authenticates();
    }

    /**
     * The SASL exchange that is under way.
     *
     * @throws IllegalStateException when there is none
     */
    Authentication.Exchange exchange() {
        if (exchange == null) {
            throw new IllegalStateException("No exchange is under way");
        }
        return exchange;
    }

    /** A SASL exchange began, or (null) ended. */
    void exchange(Authentication.@Nullable Exchange now) {
        exchange = now;
    }

    /** Whether an extension is offered to this client. */
    boolean offers(String extension) {
        return !conversation.withdrawn().contains(extension);
    }

    Set<String> withdrawn() {
        return new HashSet<>(conversation.withdrawn());
    }

    /** Counts a refused command; whether there were too many. */
    boolean tooManyErrors() {
        return ++errors >= settings.limits().errors() && !trusted;
    }

    /** A message was accepted: earlier mistakes are forgiven. */
    void forgive() {
        errors = 0;
    }

    /** Counts a transaction; whether there were too many. */
    boolean tooManyTransactions() {
        int most = settings.limits().transactions();
        return ++transactions > most && most > 0;
    }

    @Nullable
    Transaction transaction() {
        return transaction;
    }

    void begin(Turn turn, Sender sender) {
        reset();
        transaction = new Transaction(turn, sender);
    }

    /** Forgets the open transaction and what arrived of its message. */
    void reset() {
        if (transaction != null) {
            transaction.close();
            transaction = null;
        }
    }

    @Override
    public void close() {
        reset();
        conversation.close();
    }

    /** One open transaction. */
    static final class Transaction implements AutoCloseable {
        private final Turn turn;
        private final Sender sender;
        private int recipients;
        private int refused;
        private Address onlyRecipient = Address.NULL;
        private @Nullable Incoming incoming;

        Transaction(Turn turn, Sender sender) {
            this.turn = turn;
            this.sender = sender;
        }

        Turn turn() {
            return turn;
        }

        /** The sender as the client gave it. */
        Sender sender() {
            return sender;
        }

        /** Recipients accepted from the client, before hooks add or remove any. */
        int recipients() {
            return recipients;
        }

        boolean allRefused() {
            return recipients == 0 && refused > 0;
        }

        void accepted(Address recipient) {
            recipients++;
            onlyRecipient = recipient;
        }

        void refusedRecipient() {
            refused++;
        }

        /** The recipient when there is just one; else empty. */
        String onlyRecipient() {
            return recipients == 1 && !onlyRecipient.international() ? onlyRecipient.toString() : "";
        }

        /** The message once its first octet was announced. */
        @Nullable
        Incoming incoming() {
            return incoming;
        }

        void receives(Incoming message) {
            incoming = message;
        }

        @Override
        public void close() {
            if (incoming != null) {
                incoming.close();
            }
            turn.close();
        }
    }
}
