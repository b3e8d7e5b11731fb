// SPDX-License-Identifier: Apache-2.0
package org.posthouse.pipeline;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.posthouse.api.Sender;
import org.posthouse.api.Verdict;
import org.posthouse.api.hook.Authenticator;
import org.posthouse.api.hook.ConnectHook;
import org.posthouse.api.hook.HeloHook;
import org.posthouse.pipeline.spi.Conversation;
import org.posthouse.pipeline.spi.Decision;
import org.posthouse.pipeline.spi.Turn;
import org.posthouse.spool.spi.Envelope;
import org.posthouse.spool.spi.MessageId;

/**
 * One session, asked of the hooks in force when each of its stages begins. Between stages it holds no snapshot, so that an
 * idle session never keeps an old generation from going.
 */
final class HookConversation implements Conversation {
    private final Engine engine;
    private final SessionState state;
    private Set<?> connected;

    HookConversation(Engine engine, SessionState state) {
        this.engine = engine;
        this.state = state;
        this.connected = state.notes().mark();
    }

    @Override
    public void spokeEarly(BooleanSupplier who) {
        state.spokeEarly(who);
    }

    @Override
    public Decision connect() {
        Decision decision = ask(
                org.posthouse.api.Stage.CONNECT,
                (hook, overlay) -> ((ConnectHook) hook).onConnect(new SessionView(state, overlay)));
        connected = state.notes().mark();
        return decision;
    }

    @Override
    public Decision helo(String name, boolean extended) {
        SessionState.Greeting before = state.greeted(name, extended);
        Decision decision = ask(
                org.posthouse.api.Stage.HELO,
                (hook, overlay) -> ((HeloHook) hook).onHelo(new SessionView(state, overlay)));
        if (decision.refuses()) {
            // RFC 5321 4.1.4: an EHLO that is refused leaves the session as it was.
            state.back(before);
        }
        return decision;
    }

    private Decision ask(org.posthouse.api.Stage stage, SessionCall call) {
        Snapshot snapshot = engine.snapshots().hold();
        try {
            Place[] places = snapshot.places(stage);
            if (places.length == 0) {
                return Decision.PROCEED;
            }
            Ballot ballot =
                    new Ballot(stage, state, "", state.minutes(), engine.failures(), call::ask, o -> join(stage, o));
            Stage.ask(places, 0, ballot);
            return ballot.decision();
        } finally {
            snapshot.release();
        }
    }

    /** Asks one hook about the session. */
    @FunctionalInterface
    private interface SessionCall {
        Verdict ask(Object hook, Overlay overlay);
    }

    private void join(org.posthouse.api.Stage stage, Overlay overlay) {
        overlay.notes().forEach((note, value) -> state.notes().put(note, value, overlay.place()));
        boolean counts = !overlay.place().terms().shadow();
        if (counts
                && stage == org.posthouse.api.Stage.HELO
                && !overlay.withdrawn().isEmpty()) {
            state.withdraw(overlay.withdrawn());
        }
    }

    @Override
    public Set<String> withdrawn() {
        return state.withdrawn();
    }

    @Override
    public void secured(String tls) {
        state.secured(tls);
        state.notes().backTo(connected);
    }

    @Override
    public boolean authenticates() {
        return Stream.of(engine.snapshots().peek().places(org.posthouse.api.Stage.AUTH))
                .anyMatch(this::counts);
    }

    /** A missing authenticator counts as well: AUTH is offered and answered by 454 until it is back. */
    private boolean counts(Place place) {
        return place.appliesTo(state.facts().listener(), "")
                && place.judges(Terms.bucket(state.facts().session()))
                && !place.terms().shadow();
    }

    @Override
    public boolean scram() {
        return keeper(engine.snapshots().peek()).length > 0;
    }

    /**
     * The first authenticator in order, when all that count have keys; else none. Clients take SCRAM before PLAIN when they
     * can, and the users of one without keys would never be let in by it.
     */
    private Place[] keeper(Snapshot snapshot) {
        List<Place> all = Stream.of(snapshot.places(org.posthouse.api.Stage.AUTH))
                .filter(this::counts)
                .toList();
        boolean keys = all.stream().allMatch(place -> place.hook() instanceof Authenticator.ScramKeys);
        return all.isEmpty() || !keys ? new Place[0] : new Place[] {all.getFirst()};
    }

    @Override
    public Authenticator.Answer authenticate(Authenticator.Credentials credentials) {
        Snapshot snapshot = engine.snapshots().hold();
        try {
            AuthBallot ballot = new AuthBallot(
                    state, engine.failures(), credentials, overlay -> join(org.posthouse.api.Stage.AUTH, overlay));
            Stage.ask(snapshot.places(org.posthouse.api.Stage.AUTH), 0, ballot);
            return ballot.answer();
        } finally {
            snapshot.release();
        }
    }

    @Override
    public Optional<Authenticator.ScramKeys.Keys> scramKeys(String user) {
        Snapshot snapshot = engine.snapshots().hold();
        try {
            KeysQuestion question = new KeysQuestion(state, engine.failures(), user);
            Stage.ask(keeper(snapshot), 0, question);
            return question.keys();
        } finally {
            snapshot.release();
        }
    }

    @Override
    public void authenticated(String principal) {
        state.authenticated(principal);
    }

    @Override
    public Turn begin(MessageId id, Sender sender) {
        Snapshot snapshot = engine.snapshots().hold();
        state.notes().keepOnly(snapshot::has);
        return HookTurn.received(engine, snapshot, state.traced(), Dossier.begin(id, sender));
    }

    @Override
    public Envelope.Origin origin() {
        return state.origin();
    }

    @Override
    public void close() {
        state.over();
    }
}
