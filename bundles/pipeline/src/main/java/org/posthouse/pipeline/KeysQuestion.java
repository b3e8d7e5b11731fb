// SPDX-License-Identifier: Apache-2.0
package org.posthouse.pipeline;

import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.posthouse.api.Need;
import org.posthouse.api.hook.Authenticator.ScramKeys;

/** One question to one authenticator for the SCRAM keys of a user; without a legal answer in time there are none. */
final class KeysQuestion implements Question {
    /** RFC 7677 3: the hash is SHA-256, and so long are its keys. */
    private static final int KEY_OCTETS = 32;

    private final SessionState session;
    private final Failures failures;
    private final String user;
    private Optional<ScramKeys.Keys> keys = Optional.empty();

    KeysQuestion(SessionState session, Failures failures, String user) {
        this.session = session;
        this.failures = failures;
        this.user = user;
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
    public @Nullable Object ask(Object hook, Overlay overlay) {
        overlay.require(Need.SECRETS);
        return ((ScramKeys) hook).scramKeys(user);
    }

    @Override
    public boolean take(Place place, Overlay overlay, @Nullable Object answer, long nanos) {
        if (!(answer instanceof Optional<?> said)) {
            throw new IllegalStateException("no answer");
        }
        if (said.isPresent() && !(said.get() instanceof ScramKeys.Keys told && usable(told))) {
            throw new IllegalStateException("keys that are none of SCRAM-SHA-256");
        }
        keys = said.map(ScramKeys.Keys.class::cast);
        minute(place, said.isPresent() ? "Keys" : "Unavailable", "", nanos);
        return true;
    }

    private static boolean usable(ScramKeys.Keys told) {
        return told.salt().length > 0
                && told.iterations() > 0
                && told.storedKey().length == KEY_OCTETS
                && told.serverKey().length == KEY_OCTETS;
    }

    @Override
    public boolean fail(Place place, Failure kind, String detail, @Nullable Throwable cause, long nanos) {
        minute(place, "failed: " + kind.word(), Failures.type(cause), nanos);
        failures.reportWordless(place, kind, cause, session.facts().session());
        return true;
    }

    private void minute(Place place, String answer, String reason, long nanos) {
        session.minutes().add(HookAnswer.plain(place, answer, reason, nanos));
    }

    Optional<ScramKeys.Keys> keys() {
        return keys;
    }
}
