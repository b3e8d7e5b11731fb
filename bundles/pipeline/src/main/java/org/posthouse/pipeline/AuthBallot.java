// SPDX-License-Identifier: Apache-2.0
package org.posthouse.pipeline;

import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.posthouse.api.Need;
import org.posthouse.api.hook.Authenticator;
import org.posthouse.api.hook.Authenticator.Answer;
import org.posthouse.api.hook.Authenticator.Credentials;

/**
 * One question to the authenticators about credentials: the first Granted wins and ends the stage, else any Unavailable
 * decides, else it is Denied. One that fails or is missing is Unavailable whatever its failure verdict, so that losing it
 * lets nobody in and calls nobody's password wrong.
 */
final class AuthBallot implements Question {
    private final SessionState session;
    private final Failures failures;
    private final Credentials credentials;
    private final Consumer<Overlay> join;
    private @Nullable Answer granted;
    private @Nullable Answer unavailable;
    private @Nullable Answer denied;

    AuthBallot(SessionState session, Failures failures, Credentials credentials, Consumer<Overlay> join) {
        this.session = session;
        this.failures = failures;
        this.credentials = credentials;
        this.join = join;
    }

    @Override
    public String listener() {
        return session.facts().listener();
    }

    @Override
    public int bucket() {
        return Terms.bucket(session.facts().session());
    }

    @Override
    public @Nullable Object ask(Object hook, Overlay overlay) throws Throwable {
        overlay.require(Need.SECRETS);
        Authenticator asked = (Authenticator) hook;
        // A replay takes the user as recorded and asks nobody, so there is nothing to note or to answer from.
        return Scopes.within(
                overlay.place(), null, null, () -> asked.authenticate(new SessionView(session, overlay), credentials));
    }

    @Override
    public boolean take(Place place, Overlay overlay, @Nullable Object answer, long nanos) {
        if (!(answer instanceof Answer said)) {
            throw new IllegalStateException("no answer");
        }
        if (said instanceof Answer.Granted g && g.principal().isBlank()) {
            throw new IllegalStateException("Granted without a principal");
        }
        String reason = reason(said);
        boolean counts = !place.terms().shadow();
        if (counts) {
            join.accept(overlay);
        }
        minute(place, said.getClass().getSimpleName(), reason, nanos);
        return counts && count(said);
    }

    private boolean count(Answer said) {
        switch (said) {
            case Answer.Granted g -> granted = g;
            case Answer.Unavailable u -> unavailable = unavailable == null ? u : unavailable;
            case Answer.Denied d -> denied = denied == null ? d : denied;
        }
        return granted != null;
    }

    private String reason(Answer said) {
        String reason = switch (said) {
            case Answer.Granted g -> g.principal();
            case Answer.Denied d -> d.reason();
            case Answer.Unavailable u -> u.reason();
        };
        return reason.contains(secret()) && !secret().isEmpty() ? "not shown, for it quotes the secret" : reason;
    }

    private String secret() {
        return switch (credentials) {
            case Credentials.Password p -> p.password();
            case Credentials.Bearer b -> b.token();
        };
    }

    @Override
    public boolean fail(Place place, Failure kind, String detail, @Nullable Throwable cause, long nanos) {
        if (!place.terms().shadow() && unavailable == null) {
            unavailable = new Answer.Unavailable("hook " + place.name() + " failed: " + kind.word());
        }
        minute(place, "failed: " + kind.word(), Failures.type(cause), nanos);
        failures.reportWordless(place, kind, cause, session.facts().session());
        return false;
    }

    private void minute(Place place, String answer, String reason, long nanos) {
        session.minutes().add(HookAnswer.plain(place, answer, reason, nanos));
    }

    /** What the authenticators said together. */
    Answer answer() {
        if (granted != null) {
            return granted;
        }
        if (unavailable != null) {
            return unavailable;
        }
        return denied != null ? denied : new Answer.Unavailable("no authenticator");
    }
}
