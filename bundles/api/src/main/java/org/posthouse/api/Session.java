// SPDX-License-Identifier: Apache-2.0
package org.posthouse.api;

import java.util.Optional;
import org.osgi.annotation.versioning.ProviderType;

/** One SMTP session, or the stand-in of one for mail that the server made itself. Provided by the core. */
@ProviderType
public interface Session {
    /** The id of the session in log, trace and Received header. */
    String id();

    /** The name of the listener, or {@code internal} for mail that the server made itself. */
    String listener();

    /** The profile of the listener: {@code relay}, {@code mx}, {@code submission} or {@code internal}. */
    String profile();

    /** Who is connected; a hook without {@link Need#PEER} gets the unspecified address. */
    Peer peer();

    /** What HELO or EHLO said; empty before. */
    String helo();

    /** Whether the client said EHLO. */
    boolean extended();

    /** Whether the client is in the trusted networks of the listener. */
    boolean trusted();

    /** Whether the client authenticated. */
    boolean authenticated();

    /**
     * Whether the client spoke before its turn: sent something before the banner (RFC 5321 4.3.1: it should wait for the
     * greeting), or a command behind one whose reply it had to wait for, because that command ends a group or PIPELINING was
     * not offered (RFC 2920 3.1). Before the banner it tells what came until now, so that a connect hook can wait for it; once
     * true it stays true. Octets of a TLS handshake or of a PROXY header are nothing that the client said.
     */
    default boolean spokeEarly() {
        return false;
    }

    /** The value of a note of session scope. */
    <T> Optional<T> get(Note<T> note);

    /** Leaves a note of session scope; it joins when the hook returns in time. */
    <T> void put(Note<T> note, T value);

    /** At HELO: the extension is not offered to this client. Elsewhere it has no effect. */
    void withdraw(String extension);
}
