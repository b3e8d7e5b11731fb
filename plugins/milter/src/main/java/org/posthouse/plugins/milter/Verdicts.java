// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.milter;

import org.posthouse.api.Reply;
import org.posthouse.api.Stage;
import org.posthouse.api.Verdict;

/** Turns what a milter says into what the server is told; the words are Postfix's, which logs everywhere know. */
final class Verdicts {
    private static final String REFUSED = "Command rejected";

    private Verdicts() {}

    /** The verdict; an answer that lets the mail pass, in whatever way, is no opinion. */
    static Verdict of(Answer answer, Stage stage, String who) {
        boolean banner = stage == Stage.CONNECT;
        return switch (answer) {
            // RFC 5321 3.1: who is not served is told 554 or, for now, 421 in place of the banner.
            case Answer.Reject no ->
                Verdict.reject(banner ? 554 : 550, "5.7.1", REFUSED).because(who + " rejects");
            case Answer.Tempfail later ->
                Verdict.defer(banner ? 421 : 451, "4.7.1", "Service unavailable, try again later")
                        .because(who + " defers");
            case Answer.Refuse own -> refused(worded(own.reply()), who);
            case Answer.Shutdown end ->
                Verdict.disconnect("Service unavailable, closing connection").because(who + " ends the session");
            default -> Verdict.next();
        };
    }

    private static Reply worded(Reply reply) {
        return reply.text().isEmpty() ? new Reply(reply.code(), reply.enhanced(), REFUSED) : reply;
    }

    private static Verdict refused(Reply reply, String who) {
        String why = who + " answers " + reply;
        if (reply.code() == 421) {
            return new Verdict.Disconnect(reply, why);
        }
        return reply.permanent() ? new Verdict.Reject(reply, why) : new Verdict.Defer(reply, why);
    }
}
