// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.dkimsign;

import java.util.List;
import java.util.Set;
import org.posthouse.api.Session;

/** Whose mail is signed: never that of strangers, for whoever can have a message signed can send it to the world. */
final class Clientele {
    private static final String INTERNAL = "internal";

    private final Set<String> clients;
    private final Set<String> listeners;

    Clientele(DkimSign.Config config) {
        clients = Set.copyOf(List.of(config.clients()));
        listeners = Set.copyOf(List.of(config.listeners()));
    }

    boolean signs(Session session) {
        if (session.profile().equals(INTERNAL)) {
            return clients.contains(INTERNAL);
        }
        return listeners.contains(session.listener())
                || session.authenticated() && clients.contains("authenticated")
                || session.trusted() && clients.contains("trusted")
                || session.profile().equals("submission") && clients.contains("submission");
    }
}
