// SPDX-License-Identifier: Apache-2.0
package org.posthouse.pipeline.spi;

import java.net.InetSocketAddress;
import java.util.List;
import org.posthouse.api.Route;
import org.posthouse.spool.spi.Spool;

/**
 * The stages. Registered as a service once the first scan of the plugins is complete, so that no listener opens before.
 */
public interface Pipeline {
    /** A new connection: takes the snapshot of hooks in force now. Cheap; asks nothing. */
    Conversation open(Facts facts);

    /** Asks the queue hooks about mail that the server made itself, before its first dispatch. */
    Sealed judge(Spool.Stored message);

    /** The deliver hooks around one attempt. */
    AttemptStage attempt(Spool.Stored message, Route route, List<Integer> recipients);

    /**
     * What is known when a connection begins.
     *
     * @param session the id of the session
     * @param listener the name of the listener
     * @param profile {@code relay}, {@code mx} or {@code submission}
     * @param peer the client
     * @param local the address it connected to
     * @param tls protocol and cipher when TLS came first (implicit TLS), or empty
     * @param trusted whether the client is in the trusted networks of the listener
     */
    record Facts(
            String session,
            String listener,
            String profile,
            InetSocketAddress peer,
            InetSocketAddress local,
            String tls,
            boolean trusted) {}
}
