// SPDX-License-Identifier: Apache-2.0
package org.posthouse.delivery.client;

import java.io.IOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketTimeoutException;
import org.posthouse.api.Reply;

/** Replies for what goes wrong without anybody saying a word. */
public final class Troubles {
    static final Reply WITHDRAWN = new Reply(451, "4.3.2", "The transfer was withdrawn");

    private Troubles() {}

    /** A connection that broke; after the dot this can mean that the message was taken (RFC 1047). */
    static Reply lost(IOException e, String stage) {
        if (e instanceof NotSmtp) {
            return new Reply(
                    451, "4.5.0", "Protocol error " + stage + ": " + Text.line(String.valueOf(e.getMessage())));
        }
        String what = e instanceof SocketTimeoutException ? "Timed out" : "Connection lost";
        return new Reply(451, "4.4.2", what + " " + stage);
    }

    /** A connection that was not made (RFC 3463 3.5). */
    static Reply unreached(IOException e) {
        if (e instanceof SocketTimeoutException) {
            return new Reply(451, "4.4.1", "Connection timed out");
        }
        if (e instanceof NoRouteToHostException) {
            return new Reply(451, "4.4.1", "No route to host");
        }
        if (e instanceof ConnectException) {
            return new Reply(451, "4.4.1", "Connection refused");
        }
        if (e instanceof NotSmtp) {
            return new Reply(451, "4.5.0", "Protocol error in greeting: " + Text.line(String.valueOf(e.getMessage())));
        }
        return new Reply(451, "4.4.2", "Connection lost in greeting");
    }

    /**
     * Whether a recipient was refused only because there were too many before it. RFC 5321 4.5.3.1.10 wants 552 taken for 452
     * here, because old servers say it of too many recipients; one that gives another reason by an enhanced code means it.
     */
    static boolean tooManyRecipients(Reply reply) {
        boolean code = reply.code() == 452 || reply.code() == 552;
        boolean reason = !reply.enhanced().isEmpty()
                || reply.text().startsWith("4.")
                || reply.text().startsWith("5.");
        return code && (!reason || reply.enhanced().endsWith(".5.3"));
    }

    /** The temporary form of that refusal. */
    static Reply tooMany(Reply reply) {
        String enhanced =
                reply.enhanced().isEmpty() ? "" : "4" + reply.enhanced().substring(1);
        return new Reply(452, enhanced, reply.text());
    }
}
