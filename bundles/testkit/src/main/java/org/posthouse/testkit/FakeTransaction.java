// SPDX-License-Identifier: Apache-2.0
package org.posthouse.testkit;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.posthouse.api.Address;
import org.posthouse.api.AuthResults;
import org.posthouse.api.Edit;
import org.posthouse.api.Need;
import org.posthouse.api.NewBody;
import org.posthouse.api.Note;
import org.posthouse.api.Recipient;
import org.posthouse.api.Sender;
import org.posthouse.api.Session;
import org.posthouse.api.Stage;
import org.posthouse.api.Transaction;

/**
 * A transaction as one hook sees it at one stage, with all that the hook leaves.
 *
 * <p>As in the server, a hook sees its own notes and scores at once and its own edits never; what it did not declare in its
 * needs is refused with {@link SecurityException}, an edit that the stage does not know with {@link IllegalStateException}.
 */
public final class FakeTransaction implements Transaction {
    /** The id of every transaction unless the builder gives another. */
    public static final String ID = "01J0000000000000000MESSAGE";

    private static final Set<Class<?>> SCALARS =
            Set.of(String.class, Long.class, Double.class, Boolean.class, byte[].class);

    private final Builder as;
    private final Declared declared;
    private final FakeSession session;
    private final List<Edit> edits = new ArrayList<>();
    private final Map<Note<?>, Object> notes;
    private final Map<String, Double> scores;
    private final List<AuthResults.Result> results = new ArrayList<>();

    private FakeTransaction(Builder as) {
        this.as = as;
        this.declared = new Declared(as.stage, as.needs);
        this.session = as.session.build(declared);
        this.notes = new HashMap<>(as.notes);
        this.scores = new HashMap<>(as.scores);
    }

    /** A transaction to be described, asked at this stage. */
    public static Builder at(Stage stage) {
        return new Builder(stage);
    }

    /** Describes a transaction. */
    public static final class Builder {
        private final Stage stage;
        private String id = ID;
        private FakeSession.Builder session = FakeSession.with();
        private Set<Need> needs = Set.of();
        private String tenant = "";
        private Sender sender = Sender.of(Address.of("sender@example.org"));
        private List<Recipient> recipients = List.of();
        private FakeHeaders headers = FakeHeaders.of();
        private String body = "";
        private final Map<Note<?>, Object> notes = new HashMap<>();
        private final Map<String, Double> scores = new HashMap<>();
        private AuthResults results = AuthResults.NONE;

        private Builder(Stage stage) {
            this.stage = stage;
        }

        /** The id of the message to be. */
        public Builder id(String value) {
            id = value;
            return this;
        }

        /** Who it is accounted to. */
        public Builder tenant(String value) {
            tenant = value;
            return this;
        }

        /** The session it belongs to. */
        public Builder in(FakeSession.Builder value) {
            session = value;
            return this;
        }

        /** What the hook declares: the same words as in its {@code @Hook}. */
        public Builder needs(Need... declared) {
            needs = Set.of(declared);
            return this;
        }

        /** The reverse-path; empty for {@code <>}. */
        public Builder from(String address) {
            return from(Sender.of(Address.of(address)));
        }

        /** The reverse-path with its parameters. */
        public Builder from(Sender value) {
            sender = value;
            return this;
        }

        /** The recipients accepted so far. */
        public Builder to(String... addresses) {
            recipients = List.of(addresses).stream()
                    .map(address -> Recipient.of(Address.of(address)))
                    .toList();
            return this;
        }

        /** Recipients with their parameters. */
        public Builder to(List<Recipient> all) {
            recipients = List.copyOf(all);
            return this;
        }

        /** The header fields, such as {@code Subject: hello}. */
        public Builder headers(String... fields) {
            headers = FakeHeaders.of(fields);
            return this;
        }

        /** The body, with CRLF line ends. */
        public Builder body(String text) {
            body = text;
            return this;
        }

        /** A note of transaction or message scope that an earlier hook left. */
        public <T> Builder note(Note<T> note, T value) {
            notes.put(note, value);
            return this;
        }

        /** A score that an earlier hook gave. */
        public Builder score(String symbol, double points) {
            scores.put(symbol, points);
            return this;
        }

        /** The results that earlier hooks recorded. */
        public Builder results(AuthResults value) {
            results = value;
            return this;
        }

        /** The transaction. */
        public FakeTransaction build() {
            return new FakeTransaction(this);
        }
    }

    /** The message of this transaction, under the same needs. */
    public FakeMessage message() {
        return new FakeMessage(as.headers, as.body, declared);
    }

    /** The header block, as {@code onHeaders} sees it. */
    public FakeHeaders headers() {
        return as.headers;
    }

    @Override
    public String id() {
        return as.id;
    }

    @Override
    public Session session() {
        return session;
    }

    /** The session, with what the hook left in it. */
    public FakeSession fakeSession() {
        return session;
    }

    @Override
    public String tenant() {
        return as.tenant;
    }

    @Override
    public Sender sender() {
        return as.sender;
    }

    @Override
    public List<Recipient> recipients() {
        return as.recipients;
    }

    @Override
    public void edit(Edit edit) {
        declared.check(edit);
        edits.add(edit);
    }

    @Override
    public NewBody newBody() {
        declared.require(Need.EDIT_BODY);
        return new FakeBody();
    }

    @Override
    public <T> Optional<T> get(Note<T> note) {
        inScope(note);
        return Optional.ofNullable(notes.get(note)).map(note.type()::cast);
    }

    @Override
    public <T> void put(Note<T> note, T value) {
        inScope(note);
        if (note.scope() == Note.Scope.MESSAGE) {
            travels(note, value);
        }
        notes.put(note, note.type().cast(value));
    }

    private static void inScope(Note<?> note) {
        if (note.scope() == Note.Scope.SESSION) {
            throw new IllegalArgumentException("note " + note.name() + " is of session scope");
        }
    }

    private static void travels(Note<?> note, Object value) {
        List<?> parts = value instanceof List<?> list ? list : List.of(value);
        parts.stream().filter(part -> !SCALARS.contains(part.getClass())).forEach(part -> {
            throw new IllegalArgumentException("message note " + note.name() + " can not hold a "
                    + part.getClass().getName());
        });
    }

    @Override
    public void score(String symbol, double points) {
        if (!Double.isFinite(points)) {
            throw new IllegalArgumentException("score " + symbol + " is " + points);
        }
        scores.merge(symbol, points, Double::sum);
    }

    @Override
    public Map<String, Double> scores() {
        return Map.copyOf(scores);
    }

    @Override
    public AuthResults results() {
        return as.results;
    }

    @Override
    public void result(AuthResults.Result result) {
        results.add(result);
    }

    /** The edits that the hook staged, in order. */
    public List<Edit> edits() {
        return List.copyOf(edits);
    }

    /** The notes of transaction and message scope as they stand now. */
    public Map<Note<?>, Object> notes() {
        return Map.copyOf(notes);
    }

    /** The results that the hook recorded, in order. */
    public List<AuthResults.Result> recorded() {
        return List.copyOf(results);
    }
}
