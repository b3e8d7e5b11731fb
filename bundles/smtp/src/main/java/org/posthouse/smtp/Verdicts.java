// SPDX-License-Identifier: Apache-2.0
package org.posthouse.smtp;

import org.posthouse.api.Reply;
import org.posthouse.api.Stage;
import org.posthouse.pipeline.spi.Decision;

/** Turns what a stage decided against a client into what the client is told, and notes it. */
final class Verdicts {
    private static final Reply UNSAID = new Reply(451, "4.3.0", "Try again later");

    private Verdicts() {}

    /** The answer for a decision that refuses. */
    static Answer refusal(Journal journal, Dialogue dialogue, Stage stage, Decision decision, String about) {
        Reply reply = decision.reply() == null ? UNSAID : decision.reply();
        Answer answer = refusal(journal, dialogue, stage, enhanced(reply), about, decision.hook(), decision.reason());
        return decision.action() == Decision.Action.DISCONNECT ? answer.thenClose() : answer;
    }

    /** The answer for something that the server itself refuses. */
    static Answer refusal(Journal journal, Dialogue dialogue, Stage stage, Answer answer, String about, String reason) {
        journal.rejected(dialogue, stage, answer.reply(), about, "", reason);
        return answer;
    }

    private static Answer refusal(
            Journal journal, Dialogue dialogue, Stage stage, Reply reply, String about, String hook, String reason) {
        journal.rejected(dialogue, stage, reply, about, hook, reason);
        Answer answer = Answer.of(reply);
        // RFC 5321 3.8: 421 means that the connection is closed.
        return reply.code() == 421 ? answer.thenClose() : answer;
    }

    /** RFC 2034 4: once offered, every reply has an enhanced code. */
    private static Reply enhanced(Reply reply) {
        return reply.enhanced().isEmpty() ? new Reply(reply.code(), reply.code() / 100 + ".0.0", reply.text()) : reply;
    }
}
