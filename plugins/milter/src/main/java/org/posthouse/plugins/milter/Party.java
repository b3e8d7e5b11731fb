// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.milter;

import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.posthouse.api.Address;
import org.posthouse.api.Recipient;
import org.posthouse.api.Reply;
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
    private static final int CHUNK = 65_535;

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
        Verdict verdict = verdict(answer, stage);
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
        Duration timeout = milter.terms().content();
        Dialogue with = standing();
        Answer answer = tell(with, Step.DATA, facts, new byte[0], timeout, deadline);
        if (answer instanceof Answer.Continue) {
            answer = headers(with, facts, revision, deadline);
        }
        if (answer instanceof Answer.Continue) {
            answer = tell(with, Step.END_OF_HEADERS, facts, new byte[0], timeout, deadline);
        }
        if (answer instanceof Answer.Continue) {
            answer = body(with, facts, revision, deadline);
        }
        if (answer instanceof Answer.Continue || answer instanceof Answer.Skip) {
            boolean spaced = with.options().has(Options.LEADING_SPACE);
            answer = with.tell(saying(Step.END_OF_MESSAGE, facts, new byte[0]), timeout, deadline, change -> {
                milter.changed(change);
                revision.make(change, spaced);
            });
            milter.said(Step.END_OF_MESSAGE, answer);
            begun = false;
        }
        Verdict verdict = ofMessage(answer, Stage.DATA);
        changed = !discarded && !(verdict instanceof Verdict.Refusal);
        return changed && !revision.hold().isEmpty() ? Verdict.hold(milter + ": " + revision.hold()) : verdict;
    }

    /** Whether what the milter made of the message is what becomes of it. */
    boolean changed() {
        return changed;
    }

    private Answer headers(Dialogue with, Facts facts, Revision revision, Deadline deadline) throws MilterException {
        if (!with.options().tells(Step.HEADER)) {
            return new Answer.Continue();
        }
        boolean spaced = with.options().has(Options.LEADING_SPACE);
        for (HeaderSheet.Field field : revision.fields()) {
            String value =
                    !spaced && field.text().startsWith(" ") ? field.text().substring(1) : field.text();
            byte[] data = new Dialogue.Text().raw(field.name()).raw(value).octets();
            Answer answer = tell(with, Step.HEADER, facts, data, milter.terms().content(), deadline);
            if (!(answer instanceof Answer.Continue)) {
                return answer;
            }
        }
        return new Answer.Continue();
    }

    private Answer body(Dialogue with, Facts facts, Revision revision, Deadline deadline) throws IOException {
        if (!with.options().tells(Step.BODY)) {
            return new Answer.Continue();
        }
        try (InputStream in = revision.body()) {
            for (byte[] chunk = in.readNBytes(CHUNK); chunk.length > 0; chunk = in.readNBytes(CHUNK)) {
                Answer answer =
                        tell(with, Step.BODY, facts, chunk, milter.terms().content(), deadline);
                if (!(answer instanceof Answer.Continue)) {
                    return answer;
                }
            }
        }
        return new Answer.Continue();
    }

    private Dialogue standing() throws MilterException {
        if (dialogue == null) {
            throw new MilterException("the connection was closed");
        }
        return dialogue;
    }

    private Answer ask(Step step, Facts facts, byte[] data, Deadline deadline) throws MilterException {
        return tell(standing(), step, facts, data, milter.terms().command(), deadline);
    }

    private Answer tell(Dialogue with, Step step, Facts facts, byte[] data, Duration timeout, Deadline deadline)
            throws MilterException {
        Answer answer = with.tell(saying(step, facts, data), timeout, deadline);
        milter.said(step, answer);
        return answer;
    }

    private Dialogue.Saying saying(Step step, Facts facts, byte[] data) throws MilterException {
        List<String> macros = step.macroStage() == Step.NO_MACROS
                ? List.of()
                : facts.macros(standing().options().macros(step));
        return new Dialogue.Saying(step, macros, data);
    }

    private Verdict ofMessage(Answer answer, Stage stage) {
        accepted = answer instanceof Answer.Accept;
        discarded = answer instanceof Answer.Discard;
        return verdict(answer, stage);
    }

    /** What the server is told; the words are Postfix's, which logs everywhere know. */
    private Verdict verdict(Answer answer, Stage stage) {
        String who = milter.toString();
        boolean banner = stage == Stage.CONNECT;
        return switch (answer) {
            // RFC 5321 3.1: who is not served is told 554 or, for now, 421 in place of the banner.
            case Answer.Reject no ->
                Verdict.reject(banner ? 554 : 550, "5.7.1", "Command rejected").because(who + " rejects");
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
        return reply.text().isEmpty() ? new Reply(reply.code(), reply.enhanced(), "Command rejected") : reply;
    }

    private static Verdict refused(Reply reply, String who) {
        String why = who + " answers " + reply;
        if (reply.code() == 421) {
            return new Verdict.Disconnect(reply, why);
        }
        return reply.permanent() ? new Verdict.Reject(reply, why) : new Verdict.Defer(reply, why);
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
