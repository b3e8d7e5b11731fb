// SPDX-License-Identifier: Apache-2.0
package org.posthouse.smtp;

import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.posthouse.api.Address;
import org.posthouse.api.Recipient;
import org.posthouse.api.Sender;
import org.posthouse.api.Stage;
import org.posthouse.pipeline.spi.Decision;
import org.posthouse.pipeline.spi.Turn;
import org.posthouse.queue.spi.Intake;
import org.posthouse.spool.spi.MessageId;
import org.posthouse.spool.spi.SpoolException;

/** MAIL, RCPT and RSET: who sends to whom. */
final class Envelopes {
    private final Intake intake;
    private final Journal journal;

    Envelopes(Intake intake, Journal journal) {
        this.intake = intake;
        this.journal = journal;
    }

    Answer mail(Dialogue dialogue, @Nullable String argument) {
        Answer early = mailOutOfPlace(dialogue);
        if (early != null) {
            return early;
        }
        Sender sender;
        try {
            sender = MailSyntax.sender(argument, dialogue.withdrawn(), dialogue.offersAuth());
        } catch (SyntaxFault e) {
            return e.answer();
        }
        Answer closed = tooMuch(dialogue, sender);
        if (closed != null) {
            return Verdicts.refusal(
                    journal, dialogue, Stage.MAIL, closed, sender.address().toString(), "");
        }
        return begin(dialogue, sender);
    }

    private static @Nullable Answer mailOutOfPlace(Dialogue dialogue) {
        if (dialogue.helo().isEmpty()) {
            return Answer.of(503, "5.5.1", "Say EHLO first");
        }
        if (dialogue.transaction() != null) {
            return Answer.of(503, "5.5.1", "Sender already given");
        }
        boolean required = dialogue.settings().auth().policy() == ListenerSettings.Policy.REQUIRED;
        if (required && !dialogue.authenticated()) {
            // RFC 3207 4, RFC 4954 6, RFC 6409 4.3. A trusted network is no user.
            return dialogue.tls().isEmpty() && dialogue.settings().tls() == ListenerSettings.Tls.STARTTLS
                    ? Answer.of(530, "5.7.0", "Must issue a STARTTLS command first")
                    : Answer.of(530, "5.7.0", "Authentication required");
        }
        return null;
    }

    /** Whether this message, or any, can not be taken now. */
    private @Nullable Answer tooMuch(Dialogue dialogue, Sender sender) {
        long limit = dialogue.settings().limits().messageSize();
        if (sender.declaredSize() == Long.MAX_VALUE || (limit > 0 && sender.declaredSize() > limit)) {
            return Answer.of(552, "5.3.4", "Message too big");
        }
        Intake.Readiness readiness = intake.readiness();
        if (!readiness.open()) {
            return closed(readiness);
        }
        if (dialogue.tooManyTransactions()) {
            return Answer.of(421, "4.7.0", "Enough for one connection").thenClose();
        }
        return null;
    }

    private static Answer closed(Intake.Readiness readiness) {
        if (readiness.trouble() != null) {
            return Incoming.trouble(new SpoolException(readiness.trouble(), readiness.reason()));
        }
        // RFC 3463 3.4: X.3.2, the system does not accept messages now.
        return (readiness.equals(Intake.Readiness.LEAVING)
                        ? SmtpSession.CLOSING
                        : Answer.of(421, "4.3.2", "No mail is taken now, come back soon"))
                .thenClose();
    }

    private Answer begin(Dialogue dialogue, Sender sender) {
        Turn turn = dialogue.conversation().begin(MessageId.next(), sender);
        dialogue.begin(turn, sender);
        Decision decision = turn.mail();
        if (decision.refuses()) {
            Answer answer = Verdicts.refusal(
                    journal, dialogue, Stage.MAIL, decision, sender.address().toString());
            dialogue.reset();
            return answer;
        }
        return Answer.of(250, "2.1.0", "Sender ok");
    }

    Answer rcpt(Dialogue dialogue, @Nullable String argument) {
        Dialogue.Transaction transaction = dialogue.transaction();
        if (transaction == null) {
            return Answer.of(503, "5.5.1", "Say MAIL first");
        }
        if (transaction.incoming() != null) {
            return Answer.of(503, "5.5.1", "The message has begun");
        }
        Recipient recipient;
        try {
            recipient = MailSyntax.recipient(argument, transaction.sender().smtpUtf8(), dialogue.withdrawn());
        } catch (SyntaxFault e) {
            transaction.refusedRecipient();
            return e.answer();
        }
        Answer answer = ask(dialogue, transaction, recipient);
        if (!answer.positive()) {
            transaction.refusedRecipient();
        }
        return answer;
    }

    private Answer ask(Dialogue dialogue, Dialogue.Transaction transaction, Recipient recipient) {
        String address = recipient.address().toString();
        if (transaction.recipients() >= dialogue.settings().limits().recipients()) {
            // RFC 5321 4.5.3.1.10: 452, so that the client sends the rest in another transaction.
            Answer many = Answer.of(452, "4.5.3", "Too many recipients");
            return Verdicts.refusal(journal, dialogue, Stage.RCPT, many, address, "");
        }
        if (dialogue.settings().strictLocalParts() && isStranger(dialogue) && LocalParts.routes(recipient.address())) {
            Answer route = Answer.of(553, "5.1.3", "Local part not allowed");
            return Verdicts.refusal(journal, dialogue, Stage.RCPT, route, address, "sender-specified routing");
        }
        Decision decision = transaction.turn().rcpt(recipient);
        if (decision.refuses()) {
            return Verdicts.refusal(journal, dialogue, Stage.RCPT, decision, address);
        }
        transaction.accepted(recipient.address());
        return Answer.of(250, "2.1.5", "Recipient ok");
    }

    private static boolean isStranger(Dialogue dialogue) {
        return !dialogue.trusted() && !dialogue.authenticated();
    }

    Answer rset(Dialogue dialogue, @Nullable String argument) {
        dialogue.reset();
        return Answer.of(250, "2.0.0", "Forgotten");
    }

    /** Local parts that some systems behind take for routes, commands or files. */
    private static final class LocalParts {
        private static final Set<Character> ROUTING = Set.of('@', '%', '!', '/', '|');

        private LocalParts() {}

        /**
         * Whether a stranger may not send to this local part: relays behind could follow {@code user%domain},
         * {@code domain!user} or {@code "user@domain"} for us (RFC 5321 3.6.1 and F.2 discourage such routes).
         */
        static boolean routes(Address address) {
            String local = address.local();
            String inside = local.startsWith("\"") ? local.substring(1) : local;
            return inside.startsWith(".") || inside.chars().anyMatch(c -> ROUTING.contains((char) c));
        }
    }
}
