// SPDX-License-Identifier: Apache-2.0
package org.posthouse.pipeline.spi;

import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import org.posthouse.api.Sender;
import org.posthouse.api.hook.Authenticator;
import org.posthouse.spool.spi.Envelope;
import org.posthouse.spool.spi.MessageId;

/**
 * One SMTP session as the pipeline sees it. Asking blocks the (virtual) thread for the time budgets of the hooks at most.
 * Used by one thread at a time.
 */
public interface Conversation extends AutoCloseable {
    /**
     * Hooks that want to know whether the client spoke before its turn ask this one, from threads of their own; until it is
     * given they are told that it did not.
     */
    void spokeEarly(BooleanSupplier who);

    /** Asks the connect hooks. */
    Decision connect();

    /** Asks the helo hooks. */
    Decision helo(String name, boolean extended);

    /** Extensions that hooks withdrew from this client at the last HELO, in upper case. */
    Set<String> withdrawn();

    /** TLS was negotiated: what was said before is forgotten (RFC 3207 4.2). */
    void secured(String tls);

    /** Whether any authenticator is in force or expected; if not, AUTH is not offered. */
    boolean authenticates();

    /** Whether SCRAM can be offered: all authenticators have the power, and serve now. */
    boolean scram();

    /** Asks the authenticators: the first Granted wins, else any Unavailable (a failed or missing one too), else Denied. */
    Authenticator.Answer authenticate(Authenticator.Credentials credentials);

    /** The SCRAM keys of a user from the first authenticator, where all have them; empty when they can not be told now. */
    Optional<Authenticator.ScramKeys.Keys> scramKeys(String user);

    /** The client authenticated as this principal. */
    void authenticated(String principal);

    /** Begins a transaction with the snapshot of hooks in force now; ask {@link Turn#mail()} next. */
    Turn begin(MessageId id, Sender sender);

    /** Where messages of this session come from. */
    Envelope.Origin origin();

    /** The session is over: its notes are closed. */
    @Override
    void close();
}
