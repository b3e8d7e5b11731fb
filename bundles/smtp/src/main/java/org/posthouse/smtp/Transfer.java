// SPDX-License-Identifier: Apache-2.0
package org.posthouse.smtp;

import java.io.IOException;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.posthouse.api.Stage;
import org.posthouse.pipeline.spi.Decision;
import org.posthouse.pipeline.spi.HeaderBlock;
import org.posthouse.pipeline.spi.Pipeline;
import org.posthouse.pipeline.spi.Sealed;
import org.posthouse.queue.spi.Custodian;
import org.posthouse.queue.spi.Intake;
import org.posthouse.spool.spi.Draft;
import org.posthouse.spool.spi.Envelope;
import org.posthouse.spool.spi.Spool;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** DATA: opens the draft, and at the final dot asks the hooks, commits, and says 250. */
final class Transfer {
    /** What is said when the server itself fails: unknown state is 4yz. */
    static final Answer INTERNAL = Answer.of(451, "4.3.0", "Internal error, try again later");

    private static final Logger LOG = LoggerFactory.getLogger(Transfer.class);

    private final String hostname;
    private final Pipeline pipeline;
    private final Spool spool;
    private final Intake intake;
    private final Journal journal;

    Transfer(String hostname, Pipeline pipeline, Spool spool, Intake intake, Journal journal) {
        this.hostname = hostname;
        this.pipeline = pipeline;
        this.spool = spool;
        this.intake = intake;
        this.journal = journal;
    }

    Answer data(Dialogue dialogue, @Nullable String argument) {
        Dialogue.Transaction transaction = dialogue.transaction();
        Answer early = outOfPlace(transaction);
        if (transaction == null || early != null) {
            return early == null ? Answer.of(503, "5.5.1", "Say MAIL first") : early;
        }
        if (transaction.incoming() != null) {
            // RFC 3030 2: DATA and BDAT can not be mixed.
            return Answer.of(503, "5.5.1", "BDAT has begun");
        }
        open(dialogue, transaction);
        return Answer.of(354, "", "End data with <CR><LF>.<CR><LF>").then(Answer.Next.DATA);
    }

    /** What to say when no message may come now; null when it may. */
    static @Nullable Answer outOfPlace(Dialogue.@Nullable Transaction transaction) {
        if (transaction == null) {
            return Answer.of(503, "5.5.1", "Say MAIL first");
        }
        if (transaction.allRefused()) {
            return Answer.of(554, "5.5.1", "No valid recipients");
        }
        return transaction.recipients() == 0 ? Answer.of(503, "5.5.1", "Say RCPT first") : null;
    }

    /** Opens the draft of the message. */
    Incoming open(Dialogue dialogue, Dialogue.Transaction transaction) {
        Incoming incoming = new Incoming(
                spool.draft(transaction.turn().id()),
                dialogue.settings().limits().messageSize(),
                block -> judgeHeaders(dialogue, transaction, block));
        transaction.receives(incoming);
        return incoming;
    }

    private @Nullable Answer judgeHeaders(Dialogue dialogue, Dialogue.Transaction transaction, String block) {
        if (hops(block) > dialogue.settings().limits().hops()) {
            // RFC 5321 6.3.
            return refuse(dialogue, Answer.of(554, "5.4.6", "Too many hops"), "");
        }
        Decision decision = transaction.turn().headers(block);
        return decision.refuses() ? Verdicts.refusal(journal, dialogue, Stage.DATA, decision, "") : null;
    }

    private static int hops(String block) {
        return HeaderBlock.parse(block).all("Received").size();
    }

    /** The message is complete: whatever is answered, the transaction is over. */
    Answer finish(Dialogue dialogue, Dialogue.Transaction transaction, Incoming incoming) {
        long began = System.nanoTime();
        try {
            return decide(dialogue, transaction, incoming, began);
        } catch (IOException e) {
            return refuse(dialogue, Incoming.trouble(e), e.toString());
        } catch (RuntimeException e) {
            LOG.error(
                    "Session {}: message {} failed",
                    dialogue.id(),
                    transaction.turn().id(),
                    e);
            return refuse(dialogue, INTERNAL, e.toString());
        } finally {
            dialogue.reset();
        }
    }

    private Answer decide(Dialogue dialogue, Dialogue.Transaction transaction, Incoming incoming, long began)
            throws IOException {
        incoming.end();
        Answer refusal = incoming.refusal();
        if (refusal != null) {
            return incoming.told() ? refusal : refuse(dialogue, refusal, "");
        }
        Envelope.BodyRef body = incoming.draft().finish();
        Decision decision = transaction.turn().message(incoming.draft(), body, trace(dialogue, transaction));
        if (decision.refuses()) {
            return Verdicts.refusal(journal, dialogue, Stage.DATA, decision, "");
        }
        // Queue hooks are asked of what is to be discarded too: one of them may hold it.
        Sealed sealed = transaction.turn().queue();
        if (sealed.decision().refuses() || sealed.admissions().isEmpty()) {
            closeReplacement(sealed);
        }
        if (sealed.decision().refuses()) {
            return Verdicts.refusal(journal, dialogue, Stage.QUEUE, sealed.decision(), "");
        }
        if (sealed.admissions().isEmpty()) {
            return discard(dialogue, transaction, incoming, sealed.decision());
        }
        Intake.Receipt receipt = keep(sealed, incoming);
        if (!receipt.accepted()) {
            return shortOf(dialogue, receipt);
        }
        dialogue.forgive();
        long nanos = System.nanoTime() - began;
        String stamp = sealed.admissions().get(0).envelope().stamp();
        journal.received(dialogue, transaction, incoming.size(), nanos, receipt.copies(), stamp);
        return Answer.of(250, "2.0.0", "queued as " + receipt.id() + " copies=" + receipt.copies());
    }

    /**
     * Too few nodes have it. 451 only when nobody will ever deliver it; when somebody may, the client hears nothing, and
     * may send it again.
     */
    private Answer shortOf(Dialogue dialogue, Intake.Receipt receipt) {
        String reason = "message " + receipt.id() + " is on " + receipt.copies() + " nodes";
        if (receipt.kind() == Custodian.Word.Kind.DEFERRED) {
            return refuse(dialogue, Answer.of(451, "4.3.0", "Not enough copies now, try again later"), reason);
        }
        LOG.warn("Session {}: closed without a reply, {}", dialogue.id(), reason);
        journal.ended(dialogue.id(), dialogue.peer(), "no reply", reason);
        return Answer.silence();
    }

    /** Commits the draft that a hook put in the place of the received one, else the received one. */
    private Intake.Receipt keep(Sealed sealed, Incoming incoming) throws IOException {
        Draft replacement = sealed.replacement();
        if (replacement == null) {
            Intake.Receipt receipt = intake.accept(sealed.admissions(), incoming.draft());
            incoming.taken();
            return receipt;
        }
        try {
            return intake.accept(sealed.admissions(), replacement);
        } catch (IOException | RuntimeException e) {
            closeReplacement(sealed);
            throw e;
        }
    }

    private static void closeReplacement(Sealed sealed) {
        Draft replacement = sealed.replacement();
        if (replacement != null) {
            replacement.close();
        }
    }

    /** Accepted and thrown away: the client sees no difference, the log does. */
    private Answer discard(Dialogue dialogue, Dialogue.Transaction transaction, Incoming incoming, Decision decision) {
        dialogue.forgive();
        journal.discarded(dialogue, transaction, incoming.size(), decision.hook(), decision.reason());
        return Answer.of(250, "2.0.0", "accepted as " + transaction.turn().id());
    }

    private Answer refuse(Dialogue dialogue, Answer answer, String reason) {
        return Verdicts.refusal(journal, dialogue, Stage.DATA, answer, "", reason);
    }

    private String trace(Dialogue dialogue, Dialogue.Transaction transaction) {
        boolean utf8 = transaction.sender().smtpUtf8();
        String protocol =
                Received.protocol(dialogue.extended(), utf8, !dialogue.tls().isEmpty(), dialogue.authenticated());
        return Received.line(new Received.Facts(
                dialogue.helo(),
                dialogue.peer().getAddress(),
                hostname,
                protocol,
                dialogue.tls(),
                transaction.turn().id().toString(),
                transaction.onlyRecipient(),
                Instant.now()));
    }
}
