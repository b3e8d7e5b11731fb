// SPDX-License-Identifier: Apache-2.0
package org.posthouse.smtp.sasl;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.posthouse.pipeline.spi.Conversation;

/** One SASL exchange as the server sees it: a response of the client goes in, a step comes out. Belongs to one session. */
public interface Mechanism {
    /** The challenge for a client that sent no initial response; empty octets where the mechanism has none. */
    byte[] begin();

    /** Takes the next response; asks the authenticators when there is enough to ask. */
    Step respond(byte[] response);

    /** The names that this client can be offered, the best first. */
    static List<String> offered(Conversation conversation) {
        List<String> names = new ArrayList<>();
        if (conversation.scram()) {
            names.add(ScramSha256.NAME);
        }
        names.add(Plain.NAME);
        names.add(Login.NAME);
        return names;
    }

    /** A new exchange of the mechanism with this name in upper case; null when it can not be offered. */
    static @Nullable Mechanism named(String name, Conversation conversation) {
        return switch (name) {
            case Plain.NAME -> new Plain(conversation);
            case Login.NAME -> new Login(conversation);
            case ScramSha256.NAME -> conversation.scram() ? new ScramSha256(conversation) : null;
            default -> null;
        };
    }
}
