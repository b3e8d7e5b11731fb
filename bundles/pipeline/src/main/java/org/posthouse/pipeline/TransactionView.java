// SPDX-License-Identifier: Apache-2.0
package org.posthouse.pipeline;

import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.posthouse.api.AuthResults;
import org.posthouse.api.Edit;
import org.posthouse.api.Need;
import org.posthouse.api.NewBody;
import org.posthouse.api.Note;
import org.posthouse.api.Recipient;
import org.posthouse.api.Sender;
import org.posthouse.api.Session;
import org.posthouse.api.Transaction;

/** A transaction as one hook sees it in one turn: as it stood when the turn began, and the hook's own notes. */
final class TransactionView implements Transaction {
    private final TurnState state;
    private final Dossier dossier;
    private final Overlay overlay;
    private final BodyMaker bodies;

    /** Makes places for new bodies. */
    @FunctionalInterface
    interface BodyMaker {
        SpooledBody make(Dossier dossier) throws IOException;
    }

    TransactionView(TurnState state, Dossier dossier, Overlay overlay, BodyMaker bodies) {
        this.state = state;
        this.dossier = dossier;
        this.overlay = overlay;
        this.bodies = bodies;
    }

    @Override
    public String id() {
        return dossier.id().toString();
    }

    @Override
    public Session session() {
        return new SessionView(state.session(), overlay);
    }

    @Override
    public Sender sender() {
        return dossier.sender();
    }

    @Override
    public List<Recipient> recipients() {
        return dossier.recipients();
    }

    @Override
    public String tenant() {
        return dossier.routing().tenant();
    }

    @Override
    public void edit(Edit edit) {
        EditRules.check(overlay, edit);
        overlay.stage(edit);
    }

    @Override
    public NewBody newBody() throws IOException {
        overlay.require(Need.EDIT_BODY);
        if (dossier.body() == null) {
            throw new IllegalStateException("there is no body to replace yet");
        }
        return overlay.stage(bodies.make(dossier));
    }

    @Override
    public <T> Optional<T> get(Note<T> note) {
        Optional<T> own = overlay.own(note);
        if (own.isPresent()) {
            return own;
        }
        return switch (note.scope()) {
            case TRANSACTION -> state.notes().get(note, overlay.place().generation());
            case MESSAGE -> NoteValues.get(dossier.notes(), note);
            case SESSION -> throw new IllegalArgumentException("note " + note.name() + " is of session scope");
        };
    }

    @Override
    public <T> void put(Note<T> note, T value) {
        Object checked = note.type().cast(Objects.requireNonNull(value));
        switch (note.scope()) {
            case TRANSACTION -> overlay.stage(note, checked);
            case MESSAGE -> overlay.stage(note, NoteValues.checked(note, checked));
            case SESSION -> throw new IllegalArgumentException("note " + note.name() + " is of session scope");
        }
    }

    @Override
    public void score(String symbol, double points) {
        if (!Double.isFinite(points)) {
            throw new IllegalArgumentException("score " + symbol + " is " + points);
        }
        overlay.stage(Objects.requireNonNull(symbol), points);
    }

    @Override
    public Map<String, Double> scores() {
        if (overlay.scores().isEmpty()) {
            return state.scores();
        }
        Map<String, Double> sums = new HashMap<>(state.scores());
        overlay.scores().forEach((symbol, points) -> sums.merge(symbol, points, Double::sum));
        return Map.copyOf(sums);
    }

    @Override
    public AuthResults results() {
        return state.results();
    }

    @Override
    public void result(AuthResults.Result result) {
        overlay.stage(AuthenticationResults.checked(result));
    }
}
