// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.milter;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.posthouse.api.Address;
import org.posthouse.api.Recipient;
import org.posthouse.api.Stage;
import org.posthouse.api.Transaction;
import org.posthouse.api.Verdict;

/**
 * One milter as one SMTP session meets it: what it was told, and what it said that still holds.
 *
 * <p>A milter goes through a message step by step, the server asks stage by stage, and some that it asked are undone: a later
 * hook refuses the recipient, another changes the envelope. So this remembers what the milter was told, and tells it anew when
 * that is not the truth any more. Used under the lock of its {@link Round}.
 */
final class Party {
    private final Milter milter;
    private @Nullable Dialogue dialogue;
    private boolean fresh;
    private boolean introduced;
    private String helo = "";
    private boolean spared;
    private @Nullable Verdict refusal;

    private boolean begun;
    private boolean accepted;
    private boolean discarded;
    private boolean changed;
    private @Nullable String lost;
    private Address sender = Address.NULL;
    private final List<Address> recipients = new ArrayList<>();

    Party(Milter milter) {
        this.milter = milter;
    }

    /** At the connection; a milter that is down is tried again at MAIL, where its absence counts. */
    Verdict connect(Facts facts, Deadline deadline) {
        return session(facts, deadline, Step.CONNECT);
    }

    /** At EHLO, which after STARTTLS is said again. */
    Verdict helo(Facts facts, Deadline deadline) {
        helo = "";
        return session(facts, deadline, Step.HELO);
    }

    private Verdict session(Facts facts, Deadline deadline, Step step) {
        if (spared) {
            return Verdict.next();
        }
        try {
            return again(facts, deadline, () -> stand(facts, deadline));
        } catch (MilterException e) {
            lose(step, e);
            return Verdict.next().because(milter + " gives no answer: " + e.reason());
        }
    }

    /** A question that may be put anew on a new connection. */
    @FunctionalInterface
    private interface Question {
        Verdict ask() throws MilterException;
    }

    /** Asks, and asks anew when the connection was an old one that is gone, as after a restart of the milter. */
    private Verdict again(Facts facts, Deadline deadline, Question question) throws MilterException {
        fresh = false;
        try {
            return question.ask();
        } catch (MilterException e) {
            if (!e.gone() || fresh) {
                throw e;
            }
            hangUp();
            fresh = true;
            return question.ask();
        }
    }

    /** Stands before the next transaction: connected, and client and greeting told. */
    private Verdict stand(Facts facts, Deadline deadline) throws MilterException {
        Dialogue now = dialogue;
        if (now == null) {
            now = fresh ? null : milter.inherit();
            if (now == null) {
                fresh = true;
                now = milter.open(deadline);
            }
            dialogue = now;
            introduced = false;
            helo = "";
            refusal = null;
        }
        if (refusal != null) {
            return refusal;
        }
        if (!introduced) {
            introduced = true;
            Verdict verdict = ofSession(ask(Step.CONNECT, facts, facts.connected(), deadline), Stage.CONNECT);
            if (spared || refusal != null) {
                return verdict;
            }
        }
        String greeting = facts.session().helo();
        if (!greeting.isEmpty() && !greeting.equals(helo)) {
            helo = greeting;
            return ofSession(ask(Step.HELO, facts, facts.greeted(), deadline), Stage.HELO);
        }
        return Verdict.next();
    }

    private Verdict ofSession(Answer answer, Stage stage) throws MilterException {
        if (answer instanceof Answer.Accept) {
            spared = true;
            leave();
            return Verdict.next();
        }
        if (answer instanceof Answer.Discard) {
            throw new MilterException("there is no message yet to discard");
        }
        Verdict verdict = Verdicts.of(answer, stage, milter.toString());
        refusal = verdict instanceof Verdict.Refusal ? verdict : null;
        return verdict;
    }

    /** At MAIL: whatever was before is over. */
    Verdict mail(Facts facts, Deadline deadline) {
        abort();
        lost = null;
        discarded = false;
        accepted = false;
        if (spared) {
            return Verdict.next();
        }
        try {
            return again(facts, deadline, () -> begin(facts, deadline));
        } catch (MilterException e) {
            lose(Step.MAIL, e);
            return down(Stage.MAIL);
        }
    }

    private Verdict begin(Facts facts, Deadline deadline) throws MilterException {
        Verdict standing = stand(facts, deadline);
        if (spared || standing instanceof Verdict.Refusal) {
            return standing;
        }
        begun = true;
        recipients.clear();
        sender = facts.tx().orElseThrow().sender().address();
        return ofMessage(ask(Step.MAIL, facts, facts.sender(), deadline), Stage.MAIL);
    }

    /** At RCPT. */
    Verdict rcpt(Facts facts, Deadline deadline) {
        if (lost != null) {
            return down(Stage.RCPT);
        }
        if (spared || accepted || discarded || !begun) {
            return Verdict.next();
        }
        try {
            return recipient(facts, deadline);
        } catch (MilterException e) {
            lose(Step.RCPT, e);
            return down(Stage.RCPT);
        }
    }

    private Verdict recipient(Facts facts, Deadline deadline) throws MilterException {
        Verdict verdict = ofMessage(ask(Step.RCPT, facts, facts.forward(), deadline), Stage.RCPT);
        if (!(verdict instanceof Verdict.Refusal)) {
            recipients.add(facts.recipient().orElseThrow().address());
        }
        return verdict;
    }

    /**
     * At the end of the message.
     *
     * @param revision the message, which the milter may change
     * @throws IOException when the message can not be read or written
     */
    Verdict message(Facts facts, Revision revision, Deadline deadline) throws IOException {
        changed = false;
        if (lost != null) {
            return down(Stage.DATA);
        }
        if (spared || accepted) {
            return Verdict.next();
        }
        boolean whole = false;
        try {
            Verdict verdict = envelope(facts, deadline);
            if (!(verdict instanceof Verdict.Refusal) && !accepted && !discarded && !spared) {
                verdict = content(facts, revision, deadline);
            }
            whole = true;
            return discarded ? Verdict.discard().because(milter + " discards the message") : verdict;
        } catch (MilterException e) {
            lose(Step.END_OF_MESSAGE, e);
            return down(Stage.DATA);
        } finally {
            if (!whole) {
                // In the middle of a packet or of its answers nothing can be said any more.
                hangUp();
            }
        }
    }

    /** The envelope as it stands now, told anew when the milter knows another one. */
    private Verdict envelope(Facts facts, Deadline deadline) throws MilterException {
        Transaction tx = facts.tx().orElseThrow();
        List<Address> now = tx.recipients().stream().map(Recipient::address).toList();
        if (discarded || begun && sender.equals(tx.sender().address()) && recipients.equals(now)) {
            return Verdict.next();
        }
        abort();
        Verdict verdict = again(facts, deadline, () -> begin(facts, deadline));
        for (Recipient one : tx.recipients()) {
            if (verdict instanceof Verdict.Refusal || accepted || discarded || spared) {
                return verdict;
            }
            verdict = recipient(facts.about(one), deadline);
        }
        return verdict;
    }

    private Verdict content(Facts facts, Revision revision, Deadline deadline) throws IOException {
        Recital recital = recital(facts, deadline);
        Answer answer = recital.message(revision);
        begun = !recital.finished();
        Verdict verdict = ofMessage(answer, Stage.DATA);
        changed = !discarded && !(verdict instanceof Verdict.Refusal);
        return changed && !revision.hold().isEmpty() ? Verdict.hold(milter + ": " + revision.hold()) : verdict;
    }

    /** Whether what the milter made of the message is what becomes of it. */
    boolean changed() {
        return changed;
    }

    private Answer ask(Step step, Facts facts, byte[] data, Deadline deadline) throws MilterException {
        return recital(facts, deadline).command(step, data);
    }

    private Recital recital(Facts facts, Deadline deadline) throws MilterException {
        if (dialogue == null) {
            throw new MilterException("the connection was closed");
        }
        return new Recital(milter, dialogue, facts, deadline);
    }

    private Verdict ofMessage(Answer answer, Stage stage) {
        accepted = answer instanceof Answer.Accept;
        discarded = answer instanceof Answer.Discard;
        return Verdicts.of(answer, stage, milter.toString());
    }

    private Verdict down(Stage stage) {
        return milter.terms().down().verdict(stage, milter + " gives no answer: " + lost);
    }

    private void lose(Step step, MilterException e) {
        lost = e.reason();
        hangUp();
        milter.failed(step, e);
    }

    private void hangUp() {
        begun = false;
        introduced = false;
        helo = "";
        if (dialogue != null) {
            dialogue.close();
            dialogue = null;
        }
    }

    /** Nothing comes of the message that was begun, if one was. */
    void abort() {
        if (!begun) {
            return;
        }
        begun = false;
        try {
            if (dialogue != null) {
                dialogue.abort();
            }
        } catch (MilterException e) {
            // The next transaction begins with a new connection.
            hangUp();
        }
    }

    /** The session is over. */
    void leave() {
        abort();
        if (dialogue != null) {
            milter.leave(dialogue);
            dialogue = null;
        }
    }
}
