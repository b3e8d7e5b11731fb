// SPDX-License-Identifier: Apache-2.0
package org.posthouse.pipeline;

import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.posthouse.api.Need;
import org.posthouse.api.OnFailure;
import org.posthouse.api.Reply;
import org.posthouse.api.Verdict;
import org.posthouse.pipeline.spi.Decision;
import org.posthouse.pipeline.spi.HookScope;

/**
 * One question to the hooks of a receiving stage, and the verdicts as they come in: a refusal ends the stage, Hold beats
 * Discard, Accept is a vote.
 */
final class Ballot implements Question {
    private static final String APOLOGY = "Temporary failure, try again later";
    /** Stands for the answer of a hook in shadow mode that would not be asked any more. */
    private static final Object MUTE = new Object();

    private static final Reply LATER = new Reply(451, "4.3.0", APOLOGY);
    private static final Reply CLOSE = new Reply(421, "4.3.0", APOLOGY);

    private final org.posthouse.api.Stage stage;
    private final SessionState session;
    private final String tx;
    private final String about;
    private final Minutes minutes;
    private final @Nullable TurnState turn;
    private final Predicate<Place> mute;
    private final Failures failures;
    private final Call call;
    private final Consumer<Overlay> join;
    private Supplier<String> tenant = () -> "";
    private @Nullable Decision refusal;
    private @Nullable Decision hold;
    private @Nullable Decision discard;
    private boolean accepted;

    /** Asks one hook. */
    @FunctionalInterface
    interface Call {
        @Nullable
        Verdict ask(Object hook, Overlay overlay) throws Throwable;
    }

    /**
     * A question.
     *
     * @param stage the stage
     * @param session the session it is asked in
     * @param tx the id of the transaction, or empty
     * @param minutes where the answers are written down
     * @param failures who is told of failures
     * @param call asks one hook
     * @param join takes what a hook staged; throws when it can not be taken, and took nothing then
     */
    Ballot(
            org.posthouse.api.Stage stage,
            SessionState session,
            String tx,
            Minutes minutes,
            Failures failures,
            Call call,
            Consumer<Overlay> join) {
        this.stage = stage;
        this.session = session;
        this.tx = tx;
        this.about = stage == org.posthouse.api.Stage.HELO ? session.helo() : "";
        this.minutes = minutes;
        this.turn = null;
        this.mute = session::over;
        this.failures = failures;
        this.call = call;
        this.join = join;
    }

    /**
     * A question in a transaction.
     *
     * @param stage the stage
     * @param turn the state of the transaction
     * @param tx its id
     * @param about the recipient that is asked about, or empty
     * @param mute which hooks in shadow mode would not be asked, since they would have refused before
     * @param failures who is told of failures
     * @param call asks one hook
     * @param join takes what a hook staged; throws when it can not be taken, and took nothing then
     */
    Ballot(
            org.posthouse.api.Stage stage,
            TurnState turn,
            String tx,
            String about,
            Predicate<Place> mute,
            Failures failures,
            Call call,
            Consumer<Overlay> join) {
        this.stage = stage;
        this.session = turn.session();
        this.tx = tx;
        this.about = about;
        this.minutes = turn.minutes();
        this.turn = turn;
        this.mute = mute;
        this.failures = failures;
        this.call = call;
        this.join = join;
    }

    @Override
    public String listener() {
        return session.facts().listener();
    }

    /** The same question about mail of this tenant, which earlier hooks of the stage may name. */
    Ballot of(Supplier<String> whose) {
        tenant = whose;
        return this;
    }

    @Override
    public String tenant() {
        return tenant.get();
    }

    @Override
    public int bucket() {
        return Terms.bucket(session.facts().session());
    }

    @Override
    public @Nullable Object ask(Object hook, Overlay overlay) throws Throwable {
        Place place = overlay.place();
        if (place.terms().shadow() && mute.test(place)) {
            return MUTE;
        }
        HookScope.Noting noting = turn == null ? session.noting() : turn.tape();
        return Scopes.within(place, session.answers(), noting, () -> call.ask(hook, overlay));
    }

    @Override
    public boolean take(Place place, Overlay overlay, @Nullable Object answer, long nanos) {
        if (answer == MUTE) {
            return false;
        }
        if (!(answer instanceof Verdict verdict)) {
            throw new IllegalStateException("no answer");
        }
        if (verdict.reason() == null) {
            throw new IllegalStateException(name(verdict) + " with null for a reason");
        }
        if (!legal(place, verdict)) {
            throw new IllegalStateException(name(verdict) + " is not legal at stage " + stage);
        }
        join.accept(overlay);
        if (minutes.wants(place)) {
            Reply reply = verdict instanceof Verdict.Refusal refused ? refused.reply() : null;
            minutes.add(HookAnswer.given(place, overlay, about, name(verdict), reply, verdict.reason(), nanos));
        }
        if (place.terms().shadow()) {
            shade(place, verdict);
            return false;
        }
        return count(place, verdict);
    }

    /** What would have been refused is over for the hooks that would have refused it. */
    private void shade(Place place, Verdict verdict) {
        if (!(verdict instanceof Verdict.Refusal refused)) {
            return;
        }
        if (refused instanceof Verdict.Disconnect || stage == org.posthouse.api.Stage.CONNECT) {
            session.finish(place.generation());
        }
        if (turn != null) {
            turn.shade(place.generation()).refused(stage, refused, about);
        }
    }

    private static String name(Verdict verdict) {
        return verdict.getClass().getSimpleName();
    }

    private boolean legal(Place place, Verdict verdict) {
        return switch (verdict) {
            case Verdict.Continue c -> true;
            case Verdict.Defer d -> true;
            case Verdict.Accept a -> stage == org.posthouse.api.Stage.RCPT && place.has(Need.ACCEPT);
            case Verdict.Reject r -> stage != org.posthouse.api.Stage.QUEUE;
            case Verdict.Disconnect d -> stage != org.posthouse.api.Stage.QUEUE;
            case Verdict.Discard d -> withMessage();
            case Verdict.Hold h -> withMessage();
        };
    }

    private boolean withMessage() {
        return stage == org.posthouse.api.Stage.DATA || stage == org.posthouse.api.Stage.QUEUE;
    }

    private boolean count(Place place, Verdict verdict) {
        switch (verdict) {
            case Verdict.Continue c -> {}
            case Verdict.Accept a -> accepted = true;
            case Verdict.Hold h -> hold = hold == null ? decided(Decision.Action.HOLD, null, place, h.reason()) : hold;
            case Verdict.Discard d ->
                discard = discard == null ? decided(Decision.Action.DISCARD, null, place, d.reason()) : discard;
            case Verdict.Disconnect d -> refusal = decided(Decision.Action.DISCONNECT, d.reply(), place, d.reason());
            case Verdict.Refusal r -> refusal = decided(Decision.Action.REFUSE, r.reply(), place, r.reason());
        }
        told();
        return refusal != null;
    }

    /** A refusal is how it ends, for all that is known now. */
    private void told() {
        Decision decided = refusal;
        if (decided != null) {
            minutes.decided(String.valueOf(decided.reply()));
        }
    }

    private static Decision decided(Decision.Action action, @Nullable Reply reply, Place place, String reason) {
        return new Decision(action, reply, place.name(), reason);
    }

    @Override
    public boolean fail(Place place, Failure kind, String detail, @Nullable Throwable cause, long nanos) {
        failures.report(place, kind, detail, cause, session.facts().session(), tx);
        if (minutes.wants(place)) {
            minutes.add(HookAnswer.failed(place, kind, about, detail, nanos));
        }
        return !place.terms().shadow() && count(place, kind);
    }

    private boolean count(Place place, Failure kind) {
        String reason = "hook failed: " + kind.word();
        // What was left of a generation when its time was over gets 451, whatever its hooks declared.
        OnFailure verdict = kind == Failure.DRAINED ? OnFailure.DEFER : place.onFailure();
        switch (verdict) {
            case CONTINUE -> {}
            case DISCONNECT -> refusal = decided(Decision.Action.DISCONNECT, CLOSE, place, reason);
            case HOLD -> {
                if (withMessage()) {
                    hold = hold == null ? decided(Decision.Action.HOLD, null, place, reason) : hold;
                } else {
                    refusal = decided(Decision.Action.REFUSE, LATER, place, reason);
                }
            }
            case DEFER -> refusal = decided(Decision.Action.REFUSE, LATER, place, reason);
        }
        told();
        return refusal != null;
    }

    /** Whether a hook voted for the recipient. */
    boolean accepted() {
        return accepted;
    }

    /** What the stage decided. */
    Decision decision() {
        if (refusal != null) {
            return refusal;
        }
        if (hold != null) {
            return hold;
        }
        return discard != null ? discard : Decision.PROCEED;
    }
}
