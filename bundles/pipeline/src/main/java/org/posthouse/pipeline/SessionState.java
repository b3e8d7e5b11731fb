// SPDX-License-Identifier: Apache-2.0
package org.posthouse.pipeline;

import java.net.InetSocketAddress;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.posthouse.api.Peer;
import org.posthouse.pipeline.spi.HookScope;
import org.posthouse.pipeline.spi.Pipeline.Facts;
import org.posthouse.pipeline.trace.Trail;
import org.posthouse.spool.spi.Envelope;

/** What is known of one session now. Written by the thread whose turn it is; overdue hooks may still read. */
final class SessionState {
    private static final int MOST_HEARD = 200;

    private final Engine engine;
    private final Facts facts;
    private final Notebook notes = new Notebook();
    private final Set<Generation> finished = ConcurrentHashMap.newKeySet(0);
    private final HookScope.@Nullable Answers answers;
    private final Map<String, String> heard = new ConcurrentHashMap<>(0);
    private Minutes minutes;
    private volatile String helo = "";
    private volatile boolean extended;
    private volatile String tls;
    private volatile String user = "";
    private volatile Set<String> withdrawn = Set.of();
    private volatile BooleanSupplier early = () -> false;

    SessionState(Engine engine, Facts facts) {
        this(engine, facts, null, engine.tracer().session(facts.session()));
    }

    private SessionState(Engine engine, Facts facts, HookScope.@Nullable Answers answers, @Nullable Trail trail) {
        this.engine = engine;
        this.facts = facts;
        this.answers = answers;
        this.tls = facts.tls();
        this.minutes = minutes(trail);
    }

    /** A session that is replayed with these answers. */
    static SessionState replayed(Engine engine, Facts facts, HookScope.Answers answers) {
        return new SessionState(engine, facts, answers, engine.tracer().session(facts.session()));
    }

    private Minutes minutes(@Nullable Trail trail) {
        if (trail != null) {
            trail.peer(address(facts.peer()));
            trail.fact("listener", facts.listener());
            trail.fact("profile", facts.profile());
            trail.fact("helo", helo);
            trail.fact("tls", tls);
            trail.fact("user", user);
        }
        return new Minutes(engine, trail, facts.session(), "", "");
    }

    /** The same, traced from now on when somebody began to wait for traces. */
    SessionState traced() {
        if (minutes.trail() == null && engine.tracer().watching()) {
            minutes = minutes(engine.tracer().session(facts.session()));
        }
        return this;
    }

    /** The stand-in of a session for mail that is not in one any more. */
    static SessionState internal(Engine engine, Envelope.Origin origin) {
        InetSocketAddress nobody = new InetSocketAddress(0);
        SessionState state = new SessionState(
                engine, new Facts(origin.session(), "internal", "internal", nobody, nobody, "", true), null, null);
        state.helo = origin.helo();
        return state;
    }

    /** The recorded answers of a session that is replayed, else null. */
    HookScope.@Nullable Answers answers() {
        return answers;
    }

    /** What DNS answered before the first transaction, when it is recorded. */
    Map<String, String> heard() {
        return heard;
    }

    /** Who notes the answers of services to the hooks of the session, or null. */
    HookScope.@Nullable Noting noting() {
        return engine.tapes().recording() ? this::heard : null;
    }

    private void heard(String service, String question, String answer) {
        if (service.equals("dns") && heard.size() < MOST_HEARD) {
            heard.putIfAbsent(question, answer);
        }
    }

    /** Hooks of this generation in shadow mode would have ended the session. */
    void finish(Generation generation) {
        finished.add(generation);
    }

    /** Whether a hook in shadow mode would not be asked any more, since it would have ended the session. */
    boolean over(Place place) {
        return place.terms().shadow() && finished.contains(place.generation());
    }

    /** The session is over. */
    void over() {
        minutes.end(List.of());
        notes.end(() -> {});
    }

    /** How the client greeted, and what was withdrawn from it then. */
    record Greeting(String helo, boolean extended, Set<String> withdrawn) {}

    /** Takes a greeting; returns the one before. */
    Greeting greeted(String name, boolean withEhlo) {
        Greeting before = new Greeting(helo, extended, withdrawn);
        back(new Greeting(name, withEhlo, Set.of()));
        return before;
    }

    /** An earlier greeting holds again. */
    void back(Greeting greeting) {
        helo = greeting.helo();
        extended = greeting.extended();
        withdrawn = greeting.withdrawn();
        if (!greeting.helo().isEmpty()) {
            // The trace of a session that was refused at its first greeting keeps the name.
            tell("helo", greeting.helo());
        }
    }

    private void tell(String fact, String value) {
        Trail trail = minutes.trail();
        if (trail != null) {
            trail.fact(fact, value);
        }
    }

    void secured(String protocol) {
        helo = "";
        extended = false;
        withdrawn = Set.of();
        tls = protocol;
        tell("helo", "");
        tell("tls", protocol);
    }

    void authenticated(String principal) {
        user = principal;
        tell("user", principal);
    }

    void withdraw(Iterable<String> extensions) {
        Set<String> more = new TreeSet<>(withdrawn);
        extensions.forEach(extension -> more.add(extension.toUpperCase(Locale.ROOT)));
        withdrawn = Set.copyOf(more);
    }

    void spokeEarly(BooleanSupplier who) {
        early = who;
    }

    boolean spokeEarly() {
        return early.getAsBoolean();
    }

    Facts facts() {
        return facts;
    }

    Notebook notes() {
        return notes;
    }

    Minutes minutes() {
        return minutes;
    }

    String helo() {
        return helo;
    }

    boolean extended() {
        return extended;
    }

    boolean authenticated() {
        return !user.isEmpty();
    }

    Set<String> withdrawn() {
        return withdrawn;
    }

    Peer peer() {
        return new Peer(facts.peer(), facts.local(), tls, user);
    }

    Envelope.Origin origin() {
        return new Envelope.Origin(facts.session(), facts.listener(), address(facts.peer()), helo, tls, user);
    }

    private static String address(InetSocketAddress peer) {
        return peer.getAddress() == null ? "" : peer.getAddress().getHostAddress();
    }
}
