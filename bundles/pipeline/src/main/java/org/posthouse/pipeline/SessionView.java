// SPDX-License-Identifier: Apache-2.0
package org.posthouse.pipeline;

import java.net.InetSocketAddress;
import java.util.Objects;
import java.util.Optional;
import org.posthouse.api.Need;
import org.posthouse.api.Note;
import org.posthouse.api.Peer;
import org.posthouse.api.Session;

/** A session as one hook sees it in one turn. */
final class SessionView implements Session {
    private static final InetSocketAddress UNSPECIFIED = new InetSocketAddress(0);
    private static final Peer NOBODY = new Peer(UNSPECIFIED, UNSPECIFIED, "", "");

    private final SessionState state;
    private final Overlay overlay;

    SessionView(SessionState state, Overlay overlay) {
        this.state = state;
        this.overlay = overlay;
    }

    @Override
    public String id() {
        return state.facts().session();
    }

    @Override
    public String listener() {
        return state.facts().listener();
    }

    @Override
    public String profile() {
        return state.facts().profile();
    }

    @Override
    public Peer peer() {
        return overlay.place().has(Need.PEER) ? state.peer() : NOBODY;
    }

    @Override
    public String helo() {
        return state.helo();
    }

    @Override
    public boolean extended() {
        return state.extended();
    }

    @Override
    public boolean trusted() {
        return state.facts().trusted();
    }

    @Override
    public boolean authenticated() {
        return state.authenticated();
    }

    @Override
    public boolean spokeEarly() {
        return state.spokeEarly();
    }

    @Override
    public <T> Optional<T> get(Note<T> note) {
        inScope(note);
        Optional<T> own = overlay.own(note);
        return own.isPresent() ? own : state.notes().get(note, overlay.place());
    }

    @Override
    public <T> void put(Note<T> note, T value) {
        inScope(note);
        overlay.stage(note, note.type().cast(Objects.requireNonNull(value)));
    }

    private static void inScope(Note<?> note) {
        if (note.scope() != Note.Scope.SESSION) {
            throw new IllegalArgumentException("note " + note.name() + " is not of session scope");
        }
    }

    @Override
    public void withdraw(String extension) {
        overlay.withdraw(extension);
    }
}
