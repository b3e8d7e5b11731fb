// SPDX-License-Identifier: Apache-2.0
package org.posthouse.smtp;

import java.util.Set;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** The commands that move no mail: NOOP, HELP, VRFY, EXPN, QUIT, STARTTLS, and what is no command. */
final class Basics {
    private static final Set<String> HTTP =
            Set.of("GET", "POST", "PUT", "HEAD", "OPTIONS", "DELETE", "CONNECT", "PATCH", "TRACE");

    private final BooleanSupplier tlsReady;

    /**
     * The commands.
     *
     * @param tlsReady whether there is a certificate
     */
    Basics(BooleanSupplier tlsReady) {
        this.tlsReady = tlsReady;
    }

    Answer noop(Dialogue dialogue, @Nullable String argument) {
        return Answer.of(250, "2.0.0", "Ok");
    }

    Answer help(Dialogue dialogue, @Nullable String argument) {
        return Answer.of(214, "2.0.0", "See RFC 5321");
    }

    /** RFC 5321 7.3: says nothing about who exists, but is not unknown. */
    Answer vrfy(Dialogue dialogue, @Nullable String argument) {
        return argument == null
                ? Answer.of(501, "5.5.4", "Syntax: VRFY address")
                : Answer.of(252, "2.5.0", "Send some mail, it will be tried");
    }

    Answer expn(Dialogue dialogue, @Nullable String argument) {
        return Answer.of(502, "5.5.1", "Lists are not shown");
    }

    Answer quit(Dialogue dialogue, @Nullable String argument) {
        return Answer.of(221, "2.0.0", "Bye").thenClose();
    }

    /** RFC 3207 4. */
    Answer startTls(Dialogue dialogue, @Nullable String argument) {
        if (!dialogue.tls().isEmpty()) {
            return Answer.of(503, "5.5.1", "TLS is on");
        }
        if (dialogue.settings().tls() != ListenerSettings.Tls.STARTTLS || !dialogue.offers("STARTTLS")) {
            return Answer.of(502, "5.5.1", "Not offered");
        }
        return tlsReady.getAsBoolean()
                ? Answer.of(220, "2.0.0", "Begin TLS").then(Answer.Next.TLS)
                : Answer.of(454, "4.7.0", "TLS not available now");
    }

    /**
     * What is no command. A browser made to talk to this port would deliver its body as commands, so HTTP ends the
     * connection.
     */
    Answer unknown(String verb) {
        return HTTP.contains(verb)
                ? Answer.of(554, "5.7.1", "This is not HTTP").thenClose()
                : Answer.of(500, "5.5.1", "Command not recognized");
    }
}
