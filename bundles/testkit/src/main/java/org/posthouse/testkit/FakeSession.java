// SPDX-License-Identifier: Apache-2.0
package org.posthouse.testkit;

import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import org.posthouse.api.Need;
import org.posthouse.api.Note;
import org.posthouse.api.Peer;
import org.posthouse.api.Session;
import org.posthouse.api.Stage;

/**
 * A session as a hook sees it, with what the hook leaves in it.
 *
 * <p>A stranger on a listener of profile {@code mx}, unless the builder says otherwise. Without {@link Need#PEER} the hook
 * sees nobody, as in the server.
 */
public final class FakeSession implements Session {
    private static final InetSocketAddress UNSPECIFIED = new InetSocketAddress(0);
    private static final Peer NOBODY = new Peer(UNSPECIFIED, UNSPECIFIED, "", "");

    private final Builder as;
    private final Declared declared;
    private final Map<Note<?>, Object> notes;
    private final List<String> withdrawn = new ArrayList<>();

    private FakeSession(Builder as, Declared declared) {
        this.as = as;
        this.declared = declared;
        this.notes = new HashMap<>(as.notes);
    }

    /** A session to be described. */
    public static Builder with() {
        return new Builder();
    }

    /** Describes a session. */
    public static final class Builder {
        private String listener = "mx";
        private String profile = "mx";
        private String address = "192.0.2.1";
        private String tls = "";
        private String user = "";
        private String helo = "client.example.org";
        private boolean extended = true;
        private boolean trusted;
        private BooleanSupplier early = () -> false;
        private Set<Need> needs = Set.of();
        private final Map<Note<?>, Object> notes = new HashMap<>();

        private Builder() {}

        /** The name and the profile of the listener. */
        public Builder listener(String name, String kind) {
            listener = name;
            profile = kind;
            return this;
        }

        /** The IP address of the client. */
        public Builder peer(String ip) {
            address = ip;
            return this;
        }

        /** Protocol and cipher. */
        public Builder tls(String protocolAndCipher) {
            tls = protocolAndCipher;
            return this;
        }

        /** The authenticated identity. */
        public Builder user(String name) {
            user = name;
            return this;
        }

        /** What EHLO said; empty for a client that said nothing yet. */
        public Builder helo(String name) {
            helo = name;
            return this;
        }

        /** The client said HELO, not EHLO. */
        public Builder plainHelo(String name) {
            helo = name;
            extended = false;
            return this;
        }

        /** The client is in the trusted networks. */
        public Builder trusted() {
            trusted = true;
            return this;
        }

        /** The client spoke before its turn. */
        public Builder early() {
            return early(() -> true);
        }

        /** Asked whenever the hook wants to know whether the client spoke before its turn until then. */
        public Builder early(BooleanSupplier spoke) {
            early = spoke;
            return this;
        }

        /** What the hook declares. */
        public Builder needs(Need... declared) {
            needs = Set.of(declared);
            return this;
        }

        /** A note that an earlier hook left. */
        public <T> Builder note(Note<T> note, T value) {
            notes.put(note, value);
            return this;
        }

        /** The session, before the banner or at HELO. */
        public FakeSession build() {
            return build(new Declared(helo.isEmpty() ? Stage.CONNECT : Stage.HELO, needs));
        }

        FakeSession build(Declared declared) {
            return new FakeSession(this, declared);
        }
    }

    @Override
    public String id() {
        return "01J00000000000000SESSION00";
    }

    @Override
    public String listener() {
        return as.listener;
    }

    @Override
    public String profile() {
        return as.profile;
    }

    @Override
    public Peer peer() {
        if (!declared.needs().contains(Need.PEER)) {
            return NOBODY;
        }
        InetSocketAddress client = new InetSocketAddress(as.address, 40000);
        return new Peer(client, new InetSocketAddress("192.0.2.25", 25), as.tls, as.user);
    }

    @Override
    public String helo() {
        return as.helo;
    }

    @Override
    public boolean extended() {
        return as.extended;
    }

    @Override
    public boolean trusted() {
        return as.trusted;
    }

    @Override
    public boolean authenticated() {
        return !as.user.isEmpty();
    }

    @Override
    public boolean spokeEarly() {
        return as.early.getAsBoolean();
    }

    @Override
    public <T> Optional<T> get(Note<T> note) {
        inScope(note);
        return Optional.ofNullable(notes.get(note)).map(note.type()::cast);
    }

    @Override
    public <T> void put(Note<T> note, T value) {
        inScope(note);
        notes.put(note, note.type().cast(value));
    }

    private static void inScope(Note<?> note) {
        if (note.scope() != Note.Scope.SESSION) {
            throw new IllegalArgumentException("note " + note.name() + " is not of session scope");
        }
    }

    @Override
    public void withdraw(String extension) {
        withdrawn.add(extension);
    }

    /** The extensions that the hook withdrew, in order. */
    public List<String> withdrawn() {
        return List.copyOf(withdrawn);
    }

    /** The session notes as they stand now. */
    public Map<Note<?>, Object> notes() {
        return Map.copyOf(notes);
    }
}
