// SPDX-License-Identifier: Apache-2.0
package org.posthouse.pipeline;

import java.time.Duration;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.posthouse.api.OnFailure;
import org.posthouse.api.Reply;
import org.posthouse.api.Verdict;

/** One question to the deliver hooks about one attempt: the first answer that is not Proceed ends the stage. */
final class DeliveryBallot implements Question {
    /** A failed hook does not lose mail: the recipients are tried again by the retry schedule, not before this. */
    private static final Duration PAUSE = Duration.ofMinutes(1);

    private final String listener;
    private final String session;
    private final String tx;
    private final String tenant;
    private final Minutes minutes;
    private final String about;
    private final Failures failures;
    private final Call call;
    private final Consumer<Overlay> join;
    private Verdict.Delivery delivery = Verdict.Delivery.proceed();

    /** Asks one hook. */
    @FunctionalInterface
    interface Call {
        Verdict.@Nullable Delivery ask(Object hook, Overlay overlay) throws Throwable;
    }

    DeliveryBallot(
            String listener,
            String session,
            String tx,
            String tenant,
            Minutes minutes,
            String about,
            Failures failures,
            Call call,
            Consumer<Overlay> join) {
        this.listener = listener;
        this.session = session;
        this.tx = tx;
        this.tenant = tenant;
        this.minutes = minutes;
        this.about = about;
        this.failures = failures;
        this.call = call;
        this.join = join;
    }

    @Override
    public String listener() {
        return listener;
    }

    @Override
    public int bucket() {
        return Terms.bucket(session);
    }

    @Override
    public String tenant() {
        return tenant;
    }

    @Override
    public @Nullable Object ask(Object hook, Overlay overlay) throws Throwable {
        return Scopes.within(overlay.place(), null, null, () -> call.ask(hook, overlay));
    }

    @Override
    public boolean take(Place place, Overlay overlay, @Nullable Object answer, long nanos) {
        if (!(answer instanceof Verdict.Delivery verdict)) {
            throw new IllegalStateException("no answer");
        }
        if (!whole(verdict)) {
            throw new IllegalStateException("an answer without its parts: " + verdict);
        }
        join.accept(overlay);
        if (minutes.wants(place)) {
            String name = verdict instanceof Verdict.Delivery.Proceed
                    ? "continue"
                    : verdict.getClass().getSimpleName();
            Reply reply = verdict instanceof Verdict.Delivery.Fail failed ? failed.reply() : null;
            minutes.add(HookAnswer.given(place, overlay, about, name, reply, verdict.reason(), nanos));
        }
        if (place.terms().shadow()) {
            return false;
        }
        delivery = verdict;
        return !(verdict instanceof Verdict.Delivery.Proceed);
    }

    private static boolean whole(Verdict.Delivery verdict) {
        return verdict.reason() != null
                && switch (verdict) {
                    case Verdict.Delivery.Delay delay -> delay.pause() != null;
                    case Verdict.Delivery.Reroute reroute -> reroute.route() != null;
                    default -> true;
                };
    }

    @Override
    public boolean fail(Place place, Failure kind, String detail, @Nullable Throwable cause, long nanos) {
        failures.report(place, kind, detail, cause, session, tx);
        if (minutes.wants(place)) {
            minutes.add(HookAnswer.failed(place, kind, about, detail, nanos));
        }
        return !place.terms().shadow() && count(place, kind);
    }

    private boolean count(Place place, Failure kind) {
        String reason = "hook " + place.name() + " failed: " + kind.word();
        OnFailure verdict = kind == Failure.DRAINED ? OnFailure.DEFER : place.onFailure();
        switch (verdict) {
            case CONTINUE -> {}
            case HOLD -> delivery = new Verdict.Delivery.Hold(reason);
            case DEFER, DISCONNECT -> delivery = new Verdict.Delivery.Delay(PAUSE, reason);
        }
        return verdict != OnFailure.CONTINUE;
    }

    Verdict.Delivery delivery() {
        return delivery;
    }
}
