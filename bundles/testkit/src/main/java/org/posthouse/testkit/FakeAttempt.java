// SPDX-License-Identifier: Apache-2.0
package org.posthouse.testkit;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.posthouse.api.Address;
import org.posthouse.api.Attempt;
import org.posthouse.api.Edit;
import org.posthouse.api.Need;
import org.posthouse.api.Note;
import org.posthouse.api.Recipient;
import org.posthouse.api.Route;
import org.posthouse.api.Stage;

/** An attempt to deliver as a hook sees it, with the edits that the hook stages. */
public final class FakeAttempt implements Attempt {
    private final Builder as;
    private final Declared declared;
    private final List<Edit> edits = new ArrayList<>();

    private FakeAttempt(Builder as) {
        this.as = as;
        this.declared = new Declared(Stage.DELIVER, as.needs);
    }

    /** An attempt to be described. */
    public static Builder with() {
        return new Builder();
    }

    /** Describes an attempt. */
    public static final class Builder {
        private Set<Need> needs = Set.of();
        private Address sender = Address.of("sender@example.org");
        private List<Recipient> recipients = List.of(Recipient.of(Address.of("recipient@example.net")));
        private Route route = new Route("smtp", Route.MX, "example.net", "internet");
        private int attempts;
        private String host = "";
        private final Map<Note<?>, Object> notes = new HashMap<>();

        private Builder() {}

        /** What the hook declares. */
        public Builder needs(Need... declared) {
            needs = Set.of(declared);
            return this;
        }

        /** The reverse-path; empty for {@code <>}. */
        public Builder from(String address) {
            sender = Address.of(address);
            return this;
        }

        /** The recipients. */
        public Builder to(String... addresses) {
            recipients = List.of(addresses).stream()
                    .map(address -> Recipient.of(Address.of(address)))
                    .toList();
            return this;
        }

        /** The route. */
        public Builder route(Route value) {
            route = value;
            return this;
        }

        /** How many attempts there were before. */
        public Builder attempts(int before) {
            attempts = before;
            return this;
        }

        /** The host that is connected. */
        public Builder host(String name) {
            host = name;
            return this;
        }

        /** A note of message scope. */
        public <T> Builder note(Note<T> note, T value) {
            notes.put(note, value);
            return this;
        }

        /** The attempt. */
        public FakeAttempt build() {
            return new FakeAttempt(this);
        }
    }

    @Override
    public String messageId() {
        return FakeTransaction.ID;
    }

    @Override
    public Route route() {
        return as.route;
    }

    @Override
    public Address sender() {
        return as.sender;
    }

    @Override
    public List<Recipient> recipients() {
        return as.recipients;
    }

    @Override
    public int attempts() {
        return as.attempts;
    }

    @Override
    public String host() {
        return as.host;
    }

    @Override
    public <T> Optional<T> get(Note<T> note) {
        return Optional.ofNullable(as.notes.get(note)).map(note.type()::cast);
    }

    @Override
    public void edit(Edit edit) {
        declared.check(edit);
        edits.add(edit);
    }

    /** The edits that the hook staged, in order. */
    public List<Edit> edits() {
        return List.copyOf(edits);
    }
}
